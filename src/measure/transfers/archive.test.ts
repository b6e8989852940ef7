import { createHash, randomUUID } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { exportBehind, keepUpload } from '#src/measure/transfers.ts';
import { hashToken } from '#src/secrets.ts';
import { openTestWorld, type Person, type TestWorld } from '#test/world.ts';
import { assertRoom } from './store.ts';
import { LEFT_OUT } from './tables.ts';
import { openZip } from './zip-read.ts';
import { writeZip } from './zip-write.ts';

let world: TestWorld;
let maya: Person;
let owner: pg.Client;
let appId: string;
let folder: string;

beforeAll(async () => {
  world = await openTestWorld({ now: '2026-11-22T09:00:00Z' });
  folder = await mkdtemp(join(tmpdir(), 'fanfare-transfers-'));
  maya = await world.join();
  owner = new pg.Client(world.owner);
  await owner.connect();
  await fill();
});
afterAll(async () => {
  await owner.end();
  await rm(folder, { recursive: true, force: true });
  await world.close();
});

/** A workspace with something of most kinds, by its own operations, and values that are easily spoilt on the way. */
async function fill(): Promise<void> {
  ({ id: appId } = await maya.call.apps.register({ url: 'https://driftlog.example' }));
  await maya.call.workspaces.update({ timeZone: 'Europe/Berlin', currency: 'EUR' });
  await maya.call.channels.create({ appId, name: 'X, "formerly"; Twitter', kind: 'social' });
  const { id: accountId } = await maya.call.accounts.connectSandbox({ handle: 'maya' });
  const variants = [{ platform: 'sandbox', parts: [{ text: 'Grüße 🎉\r\nline two, "quoted"' }, { text: '' }] }];
  await maya.call.posts.create({ appId, title: 'Ünïcode', variants });
  await maya.call.links.create({ appId, destination: 'https://driftlog.example/start', code: 'start' });
  await maya.call.costs.add({
    appId,
    day: '2026-11-01',
    kind: 'ads',
    amount: { minor: '123456789012345678', currency: 'JPY' },
    note: '',
  });
  await maya.call.events.send({
    appId,
    events: [
      {
        kind: 'signup',
        person: 'p1',
        occurredAt: '2026-11-20T10:00:00.123Z',
        props: { a: 'ü', n: 1.5, nothing: null },
      },
      { kind: 'opened', person: 'p1', value: { minor: '900719925474099', currency: 'USD' } },
    ],
  });
  for (const reference of ['inv-1', 'inv-2'])
    await maya.call.payments.record({
      appId,
      reference,
      amount: { minor: '1999', currency: 'EUR' },
      customer: { person: 'p1' },
    });
  await maya.call.funnels.save({
    appId,
    name: 'To a start, "quoted"',
    steps: [
      { kind: 'page', path: '/' },
      { kind: 'event', event: 'opened', properties: [{ name: 'plan', values: ['a,b', 'ü'] }] },
    ],
  });
  await maya.call.slots.add({ accountId, weekdays: [1], atTime: '10:30', timeZone: 'Europe/Berlin' });
  await world.drain();
  const w = maya.workspaceId;
  await owner.query(
    `insert into visits (workspace_id, id, started_at, app_id, visitor, last_seen_at, entry_path, exit_path, source, medium, channel, views)
     select $1, gen_random_uuid(), '2026-11-19T08:00:00.123456Z'::timestamptz + n * interval '1 second 7 microseconds', $2,
       case n % 3 when 0 then 'NULL' when 1 then '\\N' else 'v,"' || n end, '2026-11-19T09:00:00.000001Z', '/a', '', 'Direct', '(none)', 'Direct', 1
     from generate_series(1, 2500) n`,
    [w, appId],
  );
  const customers = await owner.query<{ id: string }>(
    `insert into customers (workspace_id, app_id, person, name, first_seen_at)
     values ($1, $2, '', 'null', '1970-01-01T00:00:00.000001Z'), ($1, $2, null, '', '2199-12-31T23:59:59.999999Z') returning id`,
    [w, appId],
  );
  await owner.query('update customers set merged_into = $3 where workspace_id = $1 and id = $2', [
    w,
    customers.rows[0]?.id,
    customers.rows[1]?.id,
  ]);
  await owner.query(
    `insert into metric_snapshots (workspace_id, publication_part_id, taken_at, impressions, likes)
     values ($1, gen_random_uuid(), '2026-01-01', 9223372036854775807, null)`,
    [w],
  );
  await owner.query(
    `insert into attribution_models (workspace_id, app_id, model, version, window_days, from_day, until_day, paths, conversions)
     values ($1, $2, 'markov', 1, 30, '2026-01-01', '2026-02-01', 3, 1)`,
    [w, appId],
  );
  await owner.query(
    `insert into attribution_weights (workspace_id, attribution_model_id, level, value, weight, conversions)
     select $1, id, 'channel', 'Direct', 0.1 + 0.2, 1e-300 from attribution_models where workspace_id = $1`,
    [w],
  );
}

async function exported(person: Person, input: Parameters<Person['call']['transfers']['export']>[0]): Promise<string> {
  const { id } = await person.call.transfers.export(input);
  await world.drain();
  const done = await person.call.transfers.get({ transferId: id });
  expect(done).toMatchObject({ state: 'done', message: null });
  const { url } = await person.call.transfers.link({ transferId: id });
  const token = url.split('/').at(-1) ?? '';
  const file = await exportBehind(world.world, { workspaceId: person.workspaceId, transferId: id, token });
  return file?.path ?? '';
}

/** Every row of a workspace as the database tells it, table by table; what differs by design is left out. */
async function allRows(workspaceId: string): Promise<Map<string, string[]>> {
  const { rows: tables } = await owner.query<{ name: string; columns: string }>(
    `select c.relname as name, string_agg(quote_ident(a.attname), ', ' order by a.attnum) as columns
     from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
     where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') and a.attname <> 'workspace_id'
       and a.attname not like 'sealed%' and exists (select from pg_policy p where p.polrelid = c.oid)
     group by 1 order by 1`,
  );
  const found = new Map<string, string[]>();
  for (const { name, columns } of tables) {
    if (
      /^(transfer|audit_|flow_runs|api_keys|grants|webhook|event_ids|event_turns|traffic_changes|recounts|account_reads|media_uploads|notices|activities)/.test(
        name,
      )
    )
      continue;
    const { rows } = await owner.query<{ row: string }>(
      `select row(${columns})::text as row from ${name} where workspace_id = $1 order by 1`,
      [workspaceId],
    );
    found.set(
      name,
      rows.map(({ row }) => row),
    );
  }
  return found;
}

for (const format of ['ndjson', 'csv', 'parquet'] as const)
  test(`everything goes out as ${format} and comes back in row for row`, async () => {
    const path = await exported(maya, { format });
    const before = await allRows(maya.workspaceId);
    expect([...before.values()].reduce((sum, rows) => sum + rows.length, 0)).toBeGreaterThan(2550);

    const nina = await world.join('Nina Berg');
    // Whoever an export names is named again where they belong to the workspace.
    await owner.query(
      `insert into memberships (workspace_id, user_id, role)
       select $1, user_id, 'editor' from memberships where workspace_id = $2`,
      [nina.workspaceId, maya.workspaceId],
    );
    const upload = await keepUpload(nina.context, 'all.zip', createReadStream(path));
    const seen = await nina.call.transfers.preview({ transferId: upload.id });
    expect(seen).toMatchObject({ format: 'archive', obstacle: null });
    await nina.call.transfers.start({ transferId: upload.id });
    await world.drain();
    const done = await nina.call.transfers.get({ transferId: upload.id });
    const { refusals } = await nina.call.transfers.refusals({ transferId: upload.id, limit: 200 });
    expect(refusals).toEqual([]);
    expect(done).toMatchObject({ state: 'done', message: null, rowsRefused: 0 });
    expect(done.summary.join(' ')).toMatch(
      /1 tracked links have codes that are in use.*1 apps got a new tracking key/s,
    );
    const after = await allRows(nina.workspaceId);
    for (const [table, rows] of before) expect({ table, rows: after.get(table) }).toEqual({ table, rows });
    expect(
      (await owner.query('select time_zone, currency from workspaces where id = $1', [nina.workspaceId])).rows,
    ).toEqual([{ time_zone: 'Europe/Berlin', currency: 'EUR' }]);

    const again = await keepUpload(nina.context, 'all.zip', createReadStream(path));
    await nina.call.transfers.start({ transferId: again.id });
    await world.drain();
    expect(await nina.call.transfers.get({ transferId: again.id })).toMatchObject({
      state: 'done',
      rowsDone: 0,
      rowsRefused: 0,
    });
    for (const [table, rows] of before)
      expect({ table, rows: (await allRows(nina.workspaceId)).get(table) }).toEqual({ table, rows });
  });

test('an archive holds a manifest with counts and hashes, and nothing secret', async () => {
  const zip = await openZip(await exported(maya, { format: 'ndjson' }));
  const read = async (name: string) => {
    const pieces: Buffer[] = [];
    for await (const piece of await (zip.parts.find((part) => part.name === name) as (typeof zip.parts)[0]).open())
      pieces.push(piece as Buffer);
    return Buffer.concat(pieces).toString();
  };
  const manifest = JSON.parse(await read('manifest.json')) as {
    whole: boolean;
    tables: { name: string; rows: number; columns: { name: string }[] }[];
  };
  expect(manifest.whole).toBe(true);
  expect(manifest.tables.find(({ name }) => name === 'visits')?.rows).toBe(2500);
  const names = manifest.tables.map(({ name }) => name);
  const { rows: tables } = await owner.query<{ name: string }>(
    // A row that may be of no workspace (a signed-in browser) is nobody's to take along.
    `select c.relname as name from pg_class c
     join pg_attribute a on a.attrelid = c.oid and a.attname = 'workspace_id' and a.attnotnull
     where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') order by 1`,
  );
  const all = tables.map(({ name }) => name);
  expect(LEFT_OUT.filter((name) => !all.includes(name))).toEqual([]);
  expect([...names].sort()).toEqual(all.filter((name) => !LEFT_OUT.includes(name)));
  expect(names).toEqual(expect.arrayContaining(['funnels', 'funnel_steps', 'annotations', 'imported_days', 'prices']));
  for (const secret of [
    'grants',
    'api_keys',
    'api_key_hashes',
    'webhooks',
    'shared_views',
    'memberships',
    'payment_source_paths',
  ])
    expect(names).not.toContain(secret);
  expect(manifest.tables.flatMap(({ columns }) => columns).filter(({ name }) => name.startsWith('sealed'))).toEqual([]);
  const costs = (await read('cost_entries.ndjson'))
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
  expect(costs).toContainEqual(expect.objectContaining({ amount_minor: '123456789012345678', note: '' }));
  zip.close();
});

type Told = Record<string, unknown>;

/** An archive somebody has written anew: with other rows in a table, or another manifest, its hashes right. */
async function rewritten(
  path: string,
  change: { table?: string; lines?(rows: Told[]): string[]; manifest?(one: { tables: Told[] }): void },
): Promise<string> {
  const zip = await openZip(path);
  const to = join(folder, `${randomUUID()}.zip`);
  const writer = await writeZip(to);
  const texts = new Map<string, string>();
  for (const part of zip.parts) texts.set(part.name, await text(await part.open()));
  zip.close();
  const manifest = JSON.parse(texts.get('manifest.json') ?? '') as { tables: Told[] };
  const file = `${change.table}.ndjson`;
  if (change.lines) {
    const before = (texts.get(file) ?? '').split('\n').filter((line) => line !== '');
    const lines = change.lines(before.map((line) => JSON.parse(line) as Told));
    texts.set(file, `${lines.join('\n')}\n`);
    const listed = manifest.tables.find((one) => one.file === file);
    Object.assign(listed ?? {}, {
      rows: lines.length,
      sha256: createHash('sha256')
        .update(texts.get(file) ?? '')
        .digest('hex'),
    });
  }
  change.manifest?.(manifest);
  texts.set('manifest.json', JSON.stringify(manifest));
  for (const [name, body] of texts) await writer.add(name, Readable.from([Buffer.from(body)]));
  await writer.finish();
  return to;
}

async function bring(person: Person, path: string) {
  const { id: transferId } = await keepUpload(person.context, 'all.zip', createReadStream(path));
  await person.call.transfers.start({ transferId });
  await world.drain();
  const { refusals } = await person.call.transfers.refusals({ transferId });
  return { ...(await person.call.transfers.get({ transferId })), refusals };
}

test('rows of an archive that do not fit are passed over one by one, and the rest comes in', async () => {
  const path = await rewritten(await exported(maya, { format: 'ndjson' }), {
    table: 'customers',
    lines: (rows) => [
      ...rows.map((row) => JSON.stringify(row)),
      JSON.stringify({ ...rows[0], id: randomUUID(), person: 'astray', merged_into: randomUUID() }),
      'no JSON {',
    ],
  });
  const nina = await world.join('Nina Astray');
  const done = await bring(nina, path);
  const customers = async ({ workspaceId }: Person) =>
    (
      await owner.query<{ person: string | null; merged: boolean }>(
        `select person, merged_into is not null as merged from customers where workspace_id = $1 order by 1, 2`,
        [workspaceId],
      )
    ).rows;
  const rows = await customers(nina);
  expect(rows.filter(({ person }) => person === 'astray')).toEqual([{ person: 'astray', merged: false }]);
  expect(rows.filter(({ person }) => person !== 'astray')).toEqual(await customers(maya));
  expect(done).toMatchObject({ state: 'done', rowsRefused: 2 });
  const last = rows.length;
  expect(done.refusals).toEqual([
    { file: 'customers.ndjson', line: last, reason: expect.stringMatching(/came in without it/) },
    { file: 'customers.ndjson', line: last + 1, reason: expect.stringMatching(/cannot be read/) },
  ]);
  // Maya is no member there: nothing is said to be by her.
  const by = await owner.query('select created_by from funnels where workspace_id = $1', [nina.workspaceId]);
  expect(by.rows).toEqual([{ created_by: null }]);
});

test('an archive does not decide where secrets are sent, nor opens links that lead nowhere', async () => {
  const whole = await exported(maya, { format: 'ndjson' });
  const path = await rewritten(whole, {
    table: 'payment_sources',
    lines: (rows) => rows.map((row) => JSON.stringify({ ...row, api_url: 'https://elsewhere.example' })),
    manifest: ({ tables }) => {
      const listed = tables.find(({ name }) => name === 'payment_sources') ?? {};
      listed.columns = [...(listed.columns as Told[]), { name: 'api_url', type: 'text' }];
    },
  });
  const nina = await world.join('Nina Elsewhere');
  expect(await bring(nina, path)).toMatchObject({ state: 'done', rowsRefused: 0 });
  const found = await owner.query('select api_url from payment_sources where workspace_id = $1', [nina.workspaceId]);
  expect(found.rows.length).toBeGreaterThan(0);
  expect(found.rows.every(({ api_url }) => api_url === null)).toBe(true);

  const nowhere = await rewritten(whole, {
    table: 'links',
    lines: (rows) => rows.map((row) => JSON.stringify({ ...row, code: 'nowhere', destination: 'https://[' })),
  });
  const olga = await world.join('Olga Nowhere');
  expect((await bring(olga, nowhere)).summary.join(' ')).toMatch(/1 tracked links lead to what is no address/);
  expect((await owner.query(`select 1 from link_codes where code = 'nowhere'`)).rows).toEqual([]);
});

test('a manifest that names a file twice is refused', async () => {
  const path = await rewritten(await exported(maya, { format: 'ndjson' }), {
    manifest: ({ tables }) => tables.push({ ...tables[0], name: 'again' }),
  });
  const nina = await world.join('Nina Twice');
  const { id: transferId } = await keepUpload(nina.context, 'all.zip', createReadStream(path));
  await expect(nina.call.transfers.preview({ transferId })).rejects.toThrow(/twice/);
});

test('five files may wait, the oldest goes with the sixth, and the disk is never filled', async () => {
  const nina = await world.join('Nina Many');
  const ids: string[] = [];
  for (let at = 0; at < 6; at++) {
    ids.push((await keepUpload(nina.context, `${at}.csv`, Readable.from([Buffer.from('time,visitor\n')]))).id);
    world.clock.forward('1 s');
  }
  const { transfers } = await nina.call.transfers.list({});
  expect(transfers.map(({ id, state, hasFile }) => [ids.indexOf(id), state, hasFile])).toEqual([
    ...[5, 4, 3, 2, 1].map((at) => [at, 'uploaded', true]),
    [0, 'cancelled', false],
  ]);
  await expect(assertRoom(world.world, 1e18)).rejects.toThrow(/disk of this installation is nearly full/);
});

test('one kind and a range goes out for other programs, and is not taken back', async () => {
  const path = await exported(maya, { format: 'csv', kinds: ['visits'], from: '2026-11-19', until: '2026-11-19' });
  const zip = await openZip(path);
  expect(zip.parts.map(({ name }) => name)).toEqual(['visits.csv', 'manifest.json']);
  zip.close();
  const nina = await world.join('Nina Partial');
  const { id: transferId } = await keepUpload(nina.context, 'part.zip', createReadStream(path));
  expect((await nina.call.transfers.preview({ transferId })).obstacle).toMatch(/some kinds of rows only/);
});

test('an archive is refused where apps are, by editors, and when a file in it was changed', async () => {
  const path = await exported(maya, { format: 'ndjson' });
  const here = await keepUpload(maya.context, 'all.zip', createReadStream(path));
  await expect(maya.call.transfers.start({ transferId: here.id })).rejects.toThrow(/empty workspace/);
  const zip = await openZip(path);
  const changed = join(folder, 'changed.zip');
  const writer = await writeZip(changed);
  for (const part of zip.parts)
    await writer.add(
      part.name,
      part.name === 'apps.ndjson'
        ? createReadStream('package.json')
        : ((await part.open()) as AsyncIterable<Uint8Array>),
    );
  await writer.finish();
  zip.close();
  const nina = await world.join('Nina Changed');
  const { id: transferId } = await keepUpload(nina.context, 'changed.zip', createReadStream(changed));
  await nina.call.transfers.start({ transferId });
  await world.drain();
  expect(await nina.call.transfers.get({ transferId })).toMatchObject({
    state: 'failed',
    message: expect.stringMatching(/apps\.ndjson was changed/),
    rowsDone: 0,
  });

  const editor = await world.join('Eddie', 'editor');
  const theirs = await keepUpload(editor.context, 'all.zip', createReadStream(path));
  await expect(editor.call.transfers.start({ transferId: theirs.id })).rejects.toThrow(/owner/);
  await expect(editor.call.transfers.export({})).rejects.toThrow(/owner/);
});

test('a link ends after half an hour and is of one workspace', async () => {
  const { id } = await maya.call.transfers.export({ kinds: ['costs'] });
  await world.drain();
  const { url } = await maya.call.transfers.link({ transferId: id });
  const token = url.split('/').at(-1) ?? '';
  const asked = { workspaceId: maya.workspaceId, transferId: id, token };
  expect(await exportBehind(world.world, asked)).not.toBeNull();
  expect(await exportBehind(world.world, { ...asked, token: hashToken(token) })).toBeNull();
  const nina = await world.join('Nina Link');
  expect(await exportBehind(world.world, { ...asked, workspaceId: nina.workspaceId })).toBeNull();
  await expect(nina.call.transfers.link({ transferId: id })).rejects.toThrow(/no import or export/);
  world.clock.forward('31 min');
  expect(await exportBehind(world.world, asked)).toBeNull();
  await maya.call.transfers.cancel({ transferId: id });
  await expect(maya.call.transfers.link({ transferId: id })).rejects.toThrow(/no file/);
});

test('a zip that is none, leads out, or would fill the disk is refused in words', async () => {
  const send = async (path: string) => {
    const { id: transferId } = await keepUpload(maya.context, 'x.zip', createReadStream(path));
    return maya.call.transfers.preview({ transferId });
  };
  const made = async (name: string, pieces: AsyncIterable<Uint8Array>) => {
    const path = join(folder, `${Math.random()}.zip`);
    const writer = await writeZip(path);
    await writer.add(name, pieces);
    await writer.finish();
    return path;
  };
  const zeros = async function* (times: number) {
    for (let at = 0; at < times; at++) yield Buffer.alloc(1_000_000);
  };
  await expect(send(await made('../../etc/passwd', zeros(0)))).rejects.toThrow(/leads out/);
  await expect(send(await made('data/tweets.js', zeros(60)))).rejects.toThrow(/200 times/);
  const many = join(folder, 'many.zip');
  const writer = await writeZip(many);
  for (let at = 0; at < 60; at++) await writer.add(`${at}.js`, zeros(0));
  await writer.finish();
  const bytes = await readFile(many);
  // What each part says of its size, 19 MB; nothing is unpacked before it is refused.
  for (let at = bytes.indexOf('PK\u0001\u0002'); at !== -1; at = bytes.indexOf('PK\u0001\u0002', at + 4))
    bytes.writeBigUInt64LE(19_000_000n, at + 46 + bytes.readUInt16LE(at + 28) + 4);
  await writeFile(many, bytes);
  await expect(send(many)).rejects.toThrow(/200 times/);
  await expect(send(await made('holiday.jpg', zeros(1)))).rejects.toThrow(/no X archive/);
  const cut = join(folder, 'cut.zip');
  const whole = await readFile(await made('a.txt', zeros(1)));
  await writeFile(cut, whole.subarray(0, whole.length - 60));
  await expect(send(cut)).rejects.toThrow(/damaged or incomplete/);
});
