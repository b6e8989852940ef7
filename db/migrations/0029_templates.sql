-- Templates: two more types of variables, and what a template said before each change.

alter table template_variables drop constraint template_variables_type_check;
alter table template_variables add constraint template_variables_type_check
  check (type in ('text', 'number', 'url', 'date', 'choice', 'fact'));
alter table template_variables add column choices text[] not null default '{}';
alter table template_variables add constraint template_variables_choices check ((type = 'choice') = (choices <> '{}'));
comment on column template_variables.choices is 'The values one may choose from; empty unless the type is choice.';

alter table templates add column version integer not null default 1 check (version >= 1);
comment on column templates.version is 'One more with each change; earlier ones stand in template_versions.';
comment on column templates.imported_from is 'The file or the house a template was brought in from; null where it was made here.';

create table template_versions (
  workspace_id uuid not null,
  template_id uuid not null,
  version integer not null check (version >= 1),
  content jsonb not null,
  replaced_at timestamptz not null default now(),
  replaced_by uuid references users (id) on delete set null,
  primary key (workspace_id, template_id, version),
  foreign key (workspace_id, template_id) references templates (workspace_id, id) on delete cascade
);
comment on table template_versions is 'What a template said before it was changed. Written by plan/templates.';
comment on column template_versions.content is 'Name, kind, platform, parts and variables, as in a template file; read whole, never searched.';
call make_tenant('template_versions');
