import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type House, openHouse, operations, refusal } from '#test/bad-input/house.ts';
import { isId, kindOf, type Place, places, schemaOf, smallestInput } from '#test/bad-input/inputs.ts';
import { type Stock, stockBoth } from '#test/bad-input/stock.ts';

let house: House;
let own: Stock;
let foreign: Stock;

beforeAll(async () => {
  house = await openHouse();
  ({ own, foreign } = await stockBoth(house));
});
afterAll(() => house.close());

/**
 * Ids that name nothing of a workspace's: the sender's own numbers, the id of a click, which is anybody's guess, and a
 * backup, which holds all workspaces and is for the installation's owner alone.
 */
const NOBODYS = new Set(['events.send events.0.id', 'events.send events.0.ff', 'backups.verify backupId']);

/** Every place of every operation that takes the id of something. */
const cases = [...operations.values()].flatMap((operation) =>
  places(schemaOf(operation), isId)
    .map((at): [string, typeof operation, Place] => [`${operation.name} ${at.join('.')}`, operation, at])
    .filter(([name]) => !NOBODYS.has(name)),
);

test('both workspaces hold one of everything an operation can name', () => {
  const kinds = new Set(cases.map(([, , at]) => kindOf(at)));
  kinds.delete('cursor');
  for (const kind of kinds) {
    expect(own[kind], kind).toMatch(/^[0-9a-f-]{36}$/);
    expect(foreign[kind], kind).toMatch(/^[0-9a-f-]{36}$/);
    expect(foreign[kind]).not.toBe(own[kind]);
  }
  expect(cases.length).toBeGreaterThan(150);
});

test('with ids of one’s own the same inputs are good: a refusal below is about the id', async () => {
  const reads = [...operations.values()].filter(({ access, method }) => access === 'read' && method === 'GET');
  const refused: string[] = [];
  for (const operation of reads) {
    const at = places(schemaOf(operation), isId)[0];
    const answer = await house.call(operation, smallestInput(operation, own, at && { at, value: own[kindOf(at)] }));
    if (!answer.ok) refused.push(`${operation.name}: ${answer.status} ${await answer.text()}`);
  }
  // The reading is not finished; one cursor is of no kind; the credits want one of two; a campaign can be named in words; a shared
  // template is found by the token of its link.
  expect(
    refused.filter(
      (one) => !/^(knowledge\.diff|attribution\.credits|campaignFiles\.export|templates\.shared)/.test(one),
    ),
  ).toEqual([]);
});

test('an id of another workspace is answered as one that never was, by every operation', async () => {
  const theirs = await house.stored(house.rival.workspaceId);
  const before = await house.stored();
  for (const [name, operation, at] of cases) {
    const sent = (value: string) => house.call(operation, smallestInput(operation, own, { at, value }));
    const unknown = await sent(randomUUID());
    const strange = await sent(foreign[kindOf(at)] ?? randomUUID());
    const said = await strange.clone().text();
    expect(said, name).toBe(await unknown.text());
    expect(strange.status, name).toBe(unknown.status);
    if (strange.ok) {
      // A list narrowed by a stranger's id is an empty list, as by one that never was.
      expect(operation.access, `${name} ${said}`).toBe('read');
      expect(said, name).not.toMatch(/[0-9a-f]{8}-[0-9a-f]{4}-/);
    } else expect((await refusal(strange, 404)).code, name).toBe('NOT_FOUND');
  }
  expect(await house.stored(house.rival.workspaceId)).toEqual(theirs);
  expect(await house.stored()).toEqual(before);
});

test('a workspace that is named and not one’s own is no reason to act in another one', async () => {
  for (const named of [house.rival.workspaceId, randomUUID(), 'nonsense']) {
    const answer = await house.send('POST', '/api/v1/apps', {
      json: { url: 'elsewhere.dev' },
      headers: { 'x-fanfare-workspace': named },
    });
    expect((await refusal(answer, 401)).data?.reason).toBe('no_workspace');
  }
  expect(await house.query("select 1 from apps where url like '%elsewhere%'")).toEqual([]);
});

test('a picture of another workspace is not there either', async () => {
  const theirs = await house.send('GET', `/media/${foreign.assetId}`);
  const never = await house.send('GET', `/media/${randomUUID()}`);
  expect(theirs.status).toBe(404);
  expect(await theirs.text()).toBe(await never.text());
  const asked = await house.send('GET', `/media/${foreign.assetId}?workspace=${house.rival.workspaceId}`);
  expect(asked.status).toBe(404);
});
