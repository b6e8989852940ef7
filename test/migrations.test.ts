import { expect, test } from 'vitest';
import { readMigrations } from '#src/db/migrate.ts';
import { blockingIn } from '#test/migrations.ts';

/** Since then installations are upgraded while they run. */
const FIRST = '0040';

test('no migration since the first that is applied while others run holds a large table', async () => {
  const files = (await readMigrations()).filter(({ name }) => name >= FIRST);
  expect(files.length).toBeGreaterThan(0);
  expect(files.flatMap(({ name, sql }) => blockingIn(name, sql))).toEqual([]);
});

test.each([
  ['create index events_by_name on events (workspace_id, name)', 'builds an index'],
  ['create unique index once on public.clicks (workspace_id, id)', 'builds an index'],
  ['alter table visits alter column host set not null', 'sets not null'],
  ['alter table credits add constraint credits_app foreign key (workspace_id, app_id) references apps', 'not valid'],
  ['alter table credits add check (amount > 0)', 'not valid'],
  ['alter table only events alter column props type text', 'changes the type'],
  ['alter table activities add column token uuid default gen_random_uuid()', 'computed for each row'],
  ["-- why\nupdate events set name = 'x'", 'in one go'],
  ['lock table posts', 'locks a whole table'],
])('%s is found', (sql, says) => {
  expect(blockingIn('9999_x.sql', `${sql};`)).toEqual([{ name: '9999_x.sql', says: expect.stringContaining(says) }]);
});

test.each([
  'create index concurrently events_by_name on events (workspace_id, name)',
  'create index posts_by_name on posts (workspace_id, name)',
  'alter table events add column seen timestamptz',
  "alter table events add column kind text not null default 'page'",
  'alter table credits add constraint positive check (amount > 0) not valid',
  'alter table visits add constraint host_there check (host is not null) not valid',
])('%s is fine', (sql) => {
  expect(blockingIn('9999_x.sql', `${sql};`)).toEqual([]);
});
