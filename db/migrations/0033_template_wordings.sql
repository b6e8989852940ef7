-- Templates in the words of a platform, where those of the template itself would be out of place.

create table template_wordings (
  workspace_id uuid not null,
  template_id uuid not null,
  platform text not null,
  title text not null default '',
  parts text[] not null check (cardinality(parts) between 1 and 25),
  primary key (workspace_id, template_id, platform),
  foreign key (workspace_id, template_id) references templates (workspace_id, id) on delete cascade
);
comment on table template_wordings is 'A template in the words of one platform; platforms without a row take the template''s own. Written by plan/templates.';
comment on column template_wordings.title is 'The headline, with {{variables}}; empty where the platform has none or the post''s own will do.';
comment on column template_wordings.parts is 'The text, one element a part of the thread, with {{variables}}.';
call make_tenant('template_wordings');
