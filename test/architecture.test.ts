// biome-ignore-all lint/suspicious/noTemplateCurlyInString: source text is the matter here
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Finding, LONGEST, moduleName, sourceRules, writersIn } from '#test/architecture/rules.ts';
import {
  confinement,
  type RoleFacts,
  readRole,
  readTables,
  type TableFacts,
  tenancy,
} from '#test/architecture/tables.ts';
import { bare, importsOf, type SourceFile } from '#test/architecture/text.ts';
import { createDatabase, type TestDatabase } from '#test/database.ts';

/** All sources of the repository. */
const files: SourceFile[] = ['src', 'web', 'tracker', 'client', 'test', 'db', 'bench'].flatMap((folder) =>
  existsSync(folder)
    ? readdirSync(folder, { recursive: true, encoding: 'utf8' })
        .map((name) => `${folder}/${name.replaceAll('\\', '/')}`)
        .filter((path) => /\.(tsx?|sql)$/.test(path))
        .map((path) => ({ path, text: readFileSync(path, 'utf8') }))
    : [],
);

const lines = (findings: Finding[]) => findings.map((one) => `${one.path}:${one.line} ${one.says}`);

describe('the sources keep each rule', () => {
  test('they were found', () => expect(files.length).toBeGreaterThan(100));
  for (const [name, rule] of Object.entries(sourceRules)) test(name, () => expect(lines(rule(files))).toEqual([]));
});

describe('each rule fails when it is broken on purpose', () => {
  const SCHEMA =
    "comment on table posts is 'Text. Written by plan/posts.';\ncomment on table activities is 'What happened. Written by src/activity.ts.';";
  const schema = { path: 'db/schema.sql', text: SCHEMA };
  const cases: [rule: keyof typeof sourceRules, what: string, broken: SourceFile, kept?: SourceFile][] = [
    [
      'layers',
      'plan imports distribute',
      { path: 'src/plan/posts.ts', text: "import { publish } from '#src/distribute/publications.ts';" },
      { path: 'src/distribute/publications.ts', text: "import { posts } from '#src/plan/posts.ts';" },
    ],
    [
      'layers',
      'a multi-line import',
      { path: 'src/people/keys.ts', text: "import {\n  a,\n  type B,\n} from '#src/doors/http/app.ts';" },
    ],
    [
      'layers',
      'types count too',
      { path: 'src/outside/web.ts', text: "import type { Context } from '#src/context.ts';" },
    ],
    ['layers', 'a re-export', { path: 'src/config.ts', text: "export { x } from '#src/secrets.ts';" }],
    [
      'layers',
      'a late import',
      { path: 'src/people/keys.ts', text: "const { app } = await import('#src/doors/http/app.ts');" },
    ],
    ['layers', 'a file in no layer', { path: 'src/misc/helpers.ts', text: "import { a } from '#src/config.ts';" }],
    [
      'layers',
      'the server reaches for tests',
      { path: 'src/people/keys.ts', text: "import { b } from '#test/world.ts';" },
      { path: 'src/main.ts', text: "await import('#db/seed.ts');" },
    ],
    [
      'noClimbing',
      'a climbing import',
      { path: 'src/plan/posts.ts', text: "import { a } from '../context.ts';" },
      { path: 'src/plan/posts.ts', text: "import { a } from './posts/words.ts';" },
    ],
    [
      'webTakesTypes',
      'the page takes a verb',
      { path: 'web/api.ts', text: "import { createKey } from '#src/people/keys.ts';" },
      {
        path: 'web/api.ts',
        text: "import type { catalog } from '#src/catalog.ts';\nimport { type A, type B } from '#src/context.ts';\nimport { count } from '#src/outside/platforms/x/count.ts';",
      },
    ],
    [
      'webTakesTypes',
      'a pure file that is not',
      { path: 'src/outside/platforms/x/count.ts', text: "import { callApi } from '#src/outside/http.ts';" },
    ],
    [
      'network',
      'a verb fetches',
      { path: 'src/plan/posts.ts', text: 'const answer = await fetch(url);' },
      { path: 'src/doors/mcp.ts', text: 'return handler.fetch(request); // fetch(url)\nconst words = "fetch(url)";' },
    ],
    [
      'network',
      'a verb opens a socket',
      { path: 'src/plan/posts.ts', text: "import { connect } from 'node:net';" },
      { path: 'src/outside/http.ts', text: "import { Agent } from 'undici';" },
    ],
    [
      'network',
      'a verb sends mail itself',
      { path: 'src/grow/reports.ts', text: "import nodemailer from 'nodemailer';" },
    ],
    [
      'network',
      'a verb listens',
      { path: 'src/grow/reports.ts', text: "import { serve } from '@hono/node-server';" },
      { path: 'src/main.ts', text: "import { serve } from '@hono/node-server';" },
    ],
    [
      'adaptersAreLeaves',
      'an adapter knows the settings',
      { path: 'src/outside/platforms/x/index.ts', text: "import { readConfig } from '#src/config.ts';" },
      { path: 'src/outside/platforms/x/index.ts', text: "import { callApi } from '#src/outside/http.ts';" },
    ],
    [
      'adaptersAreLeaves',
      'an adapter knows the database',
      { path: 'src/outside/payments/stripe.ts', text: "import pg from 'pg';" },
    ],
    [
      'noAny',
      'a type is any',
      { path: 'src/a.ts', text: 'const x: any = 1;' },
      { path: 'src/a.ts', text: '// any: of them\nconst any = "is any, of"; const b = /: any/;' },
    ],
    ['noAny', 'a cast to any', { path: 'src/a.ts', text: 'f(x as any);' }],
    ['noAny', 'a list of any', { path: 'src/a.ts', text: 'type A = Map<string, any[]>;' }],
    ['noAny', 'a silenced compiler', { path: 'src/a.ts', text: `// @ts-${'ignore'}\nf();` }],
    [
      'shortFiles',
      'a long file',
      { path: 'src/a.ts', text: 'a;\n'.repeat(LONGEST + 1) },
      { path: 'src/db/types.ts', text: 'a;\n'.repeat(LONGEST + 1) },
    ],
    [
      'oneWriter',
      'another module inserts',
      { path: 'src/grow/insights.ts', text: "tx.insertInto('posts')" },
      { path: 'src/plan/posts/words.ts', text: "tx\n.updateTable(\n'posts')" },
    ],
    [
      'oneWriter',
      'another module writes SQL',
      { path: 'src/grow/insights.ts', text: 'sql`update posts set a = 1`' },
      { path: 'src/grow/insights.ts', text: "tx.selectFrom('posts') // insert into posts" },
    ],
    [
      'oneWriter',
      'another module deletes',
      { path: 'src/grow/insights.ts', text: 'sql`delete from posts where true`' },
      { path: 'src/activity.ts', text: "tx.insertInto('activities')" },
    ],
    ['oneWriter', 'a table without a writer', { path: 'db/schema.sql', text: "comment on table posts is 'Text.';" }],
    [
      'oneWriter',
      'a table with two writers',
      { path: 'db/schema.sql', text: "comment on table posts is 'Text. Written by plan/posts and grow/insights.';" },
    ],
  ];
  for (const [name, what, broken, kept] of cases)
    test(`${name}: ${what}`, () => {
      const rule = sourceRules[name]!;
      const among = (file: SourceFile) => (file.path === schema.path ? [file] : [schema, file]);
      expect(rule(among(broken)).map((one) => one.path)).toContain(broken.path);
      if (kept) expect(rule(among(kept))).toEqual([]);
    });

  test('the scanner tells code from comments, texts, templates and regular expressions', () => {
    const code = 'a(`x ${b({ c: "}" })} // y`); // z\nconst r = /["`/]/g; d("\\"//e") / 2; /* f */ g();';
    expect(bare(code, { strings: false })).toBe(
      'a(`x ${b({ c: "}" })} // y`);     \nconst r = /["`/]/g; d("\\"//e") / 2;         g();',
    );
    expect(bare(code, { strings: true })).toBe(
      'a(`  ${b({ c: " " })}     `);     \nconst r = /     /g; d("     ") / 2;         g();',
    );
    expect(
      importsOf({
        path: 'a.ts',
        text: "import './side.ts';\nimport type A from 'a';\nimport b, { type C } from 'b';\ntype D = import('d').D;",
      }),
    ).toEqual([
      { from: './side.ts', types: false, line: 1 },
      { from: 'a', types: true, line: 2 },
      { from: 'b', types: false, line: 3 },
      { from: 'd', types: true, line: 4 },
    ]);
    expect(moduleName('src/plan/posts/words.ts')).toBe('plan/posts');
    expect(writersIn(SCHEMA)).toEqual(
      new Map([
        ['posts', ['plan/posts']],
        ['activities', ['activity']],
      ]),
    );
  });
});

describe('the database keeps workspaces apart', () => {
  let database: TestDatabase;
  let client: pg.Client;
  beforeAll(async () => {
    database = await createDatabase();
    client = new pg.Client(database.owner);
    await client.connect();
  });
  afterAll(async () => {
    await client?.end();
    await database?.drop();
  });

  test('every table is isolated or says that it is shared', async () => {
    const tables = await readTables(client);
    expect(tables.length).toBeGreaterThan(50);
    expect(lines(tenancy(tables))).toEqual([]);
  });

  test('the server role owns nothing, bypasses nothing and reaches no partition', async () => {
    expect(lines(confinement(await readRole(client)))).toEqual([]);
  });

  test('a table broken in the database is found', async () => {
    const found = async (sql: string) => {
      await client.query('begin');
      await client.query(sql);
      const findings = [...tenancy(await readTables(client)), ...confinement(await readRole(client))];
      await client.query('rollback');
      return lines(findings);
    };
    expect(await found('alter table posts disable row level security')).toHaveLength(1);
    expect(await found('drop policy workspace_only on posts')).toHaveLength(1);
    expect(await found('create policy more on posts using (true)')).toHaveLength(1);
    expect(await found("create table loose (id uuid primary key); comment on table loose is 'Loose.'")).toHaveLength(1);
    expect(await found('create table silent (id uuid primary key)')).toHaveLength(1);
    expect(await found('grant usage on schema part to fanfare_app')).toHaveLength(1);
    expect(await found('grant select on all tables in schema part to fanfare_server')).not.toEqual([]);
    expect(
      await found("create table public.leaf partition of audit_log for values from ('2001-01-01') to ('2001-02-01')"),
    ).toHaveLength(1);
    expect(await found('create unique index across on posts (id)')).toHaveLength(1);
  });

  test('each rule fails on made-up facts', () => {
    const good: TableFacts = {
      table: 'posts',
      comment: 'Text. Written by plan/posts.',
      hasWorkspace: true,
      primaryKey: ['workspace_id', 'id'],
      uniques: [['workspace_id', 'id']],
      foreignKeys: [{ columns: ['workspace_id', 'parent_id'], to: 'posts' }],
      rowSecurity: true,
      policies: [
        {
          name: 'workspace_only',
          command: 'ALL',
          using: '(workspace_id = ( SELECT current_workspace() AS current_workspace))',
          check: '(workspace_id = ( SELECT current_workspace() AS current_workspace))',
        },
      ],
      triggers: [],
      rights: ['SELECT', 'INSERT'],
    };
    expect(tenancy([good])).toEqual([]);
    const broken: Partial<TableFacts>[] = [
      { comment: null },
      { hasWorkspace: false },
      { comment: 'Shared. Text.' },
      { primaryKey: ['id', 'workspace_id'] },
      { uniques: [['slug']] },
      { foreignKeys: [{ columns: ['parent_id'], to: 'posts' }] },
      { rowSecurity: false },
      { policies: [] },
      { policies: [{ ...good.policies[0]!, check: null }] },
      { policies: [{ ...good.policies[0]!, command: 'SELECT' }] },
      { triggers: ['touch'] },
      { rights: ['SELECT', 'TRUNCATE'] },
    ];
    for (const change of broken) expect(tenancy([{ ...good, ...change }]), JSON.stringify(change)).toHaveLength(1);
    const role: RoleFacts = {
      superuser: false,
      bypass: false,
      owns: [],
      entersPartitions: false,
      readsLeaves: [],
      leavesOutside: [],
    };
    expect(confinement(role)).toEqual([]);
    for (const change of [
      { superuser: true },
      { bypass: true },
      { owns: ['posts'] },
      { entersPartitions: true },
      { readsLeaves: ['x'] },
      { leavesOutside: ['x'] },
    ])
      expect(confinement({ ...role, ...change })).toHaveLength(1);
  });
});
