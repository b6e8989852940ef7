-- Keywords say where they come from, so that a person's own and those of competitors are told apart from those of a reading.

alter table keywords add column source text not null default 'pages'
  check (source in ('pages', 'competitors', 'questions', 'person'));
comment on column keywords.source is 'pages = the app''s own; competitors = found on theirs only; questions = asked in the inbox or on a page; person = typed in.';
