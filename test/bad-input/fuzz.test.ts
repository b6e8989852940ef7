import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { describe } from '#src/doors/http/api.ts';
import { type House, openHouse, operations } from '#test/bad-input/house.ts';
import { call, simplest } from '#test/fuzz/calls.ts';
import { openGround } from '#test/fuzz/play.ts';

/** The short form of `npm run fuzz`: each operation once as it should be called, then whatever the seed gives. */
const SEED = 20261122;
const CALLS = 300;

let house: House;
let ground: Awaited<ReturnType<typeof openGround>>;

beforeAll(async () => {
  house = await openHouse();
  ground = await openGround(house);
});
afterAll(() => house.close());

test('the operations are those of the OpenAPI document', async () => {
  const document = (await describe(house.world)) as { paths: Record<string, Record<string, unknown>> };
  const said = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
  );
  const ours = [...operations.values()].map(({ method, path }) => `${method} ${path}`);
  expect(new Set(said)).toEqual(new Set(ours));
});

test('whatever is sent to whichever operation, it is carried out or refused, never broken, never stuck, never of another workspace', async () => {
  expect(ground.marked).toBeGreaterThan(80);
  const calls = [...[...operations.keys()].map(simplest), ...fc.sample(call, { numRuns: CALLS, seed: SEED })];
  const faults = [];
  for (const one of calls) {
    const fault = await ground.send(one);
    if (fault) faults.push(fault);
  }
  expect(faults).toEqual([]);
  expect(ground.done.carriedOut).toBeGreaterThan(200);
  expect(await ground.crossed()).toEqual([]);
});

test('the search does find what is of another workspace', async () => {
  await house.query('alter table apps disable row level security');
  const fault = await ground.send(simplest('apps.list'));
  await house.query('alter table apps enable row level security');
  expect(fault).toMatchObject({ kind: 'crossing' });
});

test('the story of changes is unbroken on both sides', async () => {
  expect(await house.rival.call.audit.verify({})).toMatchObject({ brokenAt: null });
  expect(await house.asked('GET', '/audit/verification')).toMatchObject({ brokenAt: null });
});
