import { createReadStream } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { exportBehind, keepUpload } from '#src/measure/transfers.ts';
import { hashToken } from '#src/secrets.ts';
import { openTestWorld, type Person, type TestWorld } from '#test/world.ts';
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
      /^(transfer|audit_|flow_runs|api_keys|grants|webhook|event_ids|traffic_changes|recounts|account_reads|media_uploads|notices|activities)/.test(
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
  await expect(send(await made('holiday.jpg', zeros(1)))).rejects.toThrow(/no X archive/);
  const cut = join(folder, 'cut.zip');
  const whole = await readFile(await made('a.txt', zeros(1)));
  await writeFile(cut, whole.subarray(0, whole.length - 60));
  await expect(send(cut)).rejects.toThrow(/damaged or incomplete/);
});
