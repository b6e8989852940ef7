import { Ajv } from 'ajv';
import { beforeAll, expect, test } from 'vitest';
import { type Example, examples as known, withExamples } from '#src/doors/examples.ts';
import { operations } from '#test/bad-input/house.ts';
import { ELSEWHERE } from '#test/examples/before.ts';
import { fits, readable } from '#test/examples/readable.ts';
import { type Recorded, recordExamples } from '#test/examples/record.ts';

let run: Recorded;
/** What stands in the file, or would: an example stays as it is while its shape does, so that a run changes only what has changed. */
let kept: Record<string, Example>;
beforeAll(async () => {
  run = await recordExamples();
  kept = Object.fromEntries(
    Object.entries(run.examples)
      .map(([name, now]): [string, Example] => {
        const before = known[name];
        return [name, before && fits(before, now) ? before : now];
      })
      .sort(([one], [other]) => (one < other ? -1 : 1)),
  );
}, 240_000);

test('every operation has an example that runs, or a reason why it cannot run here', async () => {
  expect(run.refused, 'say in test/examples/before.ts what has to happen first, or which server it needs').toEqual({});
  expect(Object.keys(run.examples).sort()).toEqual([...operations.keys()].sort());
  expect(Object.keys(ELSEWHERE).length).toBeLessThan(operations.size / 50);
});

test('what is written down has the shape of what is answered today (npm run examples writes it anew)', async () => {
  const lines = Object.entries(kept).map(([name, example]) => `${JSON.stringify(name)}: ${JSON.stringify(example)}`);
  await expect(`{\n${lines.join(',\n')}\n}\n`).toMatchFileSnapshot('../../src/doors/examples.json');
});

test('every example is valid by the document that it stands in', () => {
  expect(JSON.stringify(kept)).not.toMatch(/http:\/\/localhost|\bundefined\b|\/tmp\/|\[object /);
  const document = withExamples(run.document, kept);
  const ajv = new Ajv({
    strict: false,
    validateFormats: false,
    validateSchema: false,
    addUsedSchema: false,
    // What is compiled is used once: the shortest code is the fastest.
    messages: false,
    code: { optimize: false },
  });
  const wrong: string[] = [];
  let checked = 0;
  for (const methods of Object.values(document.paths ?? {}))
    for (const described of Object.values(methods ?? {}) as Described[]) {
      if ('elsewhere' in kept[described.operationId]!) continue;
      const whole: Record<string, Shown | undefined> = {
        answer: described.responses['200']?.content['application/json'],
      };
      if (described.requestBody) whole.body = described.requestBody.content['application/json'];
      for (const each of described.parameters ?? [])
        if (each.in === 'path' || each.example !== undefined) whole[each.name] = each;
      const places = Object.entries(whole);
      const valid = ajv.compile({
        properties: Object.fromEntries(places.map(([name, each]) => [name, each?.schema])),
        required: Object.keys(whole),
      });
      if (!valid(Object.fromEntries(places.map(([name, each]) => [name, each?.example]))))
        wrong.push(...(valid.errors ?? []).map((one) => `${described.operationId}${one.instancePath}: ${one.keyword}`));
      checked++;
    }
  expect(wrong).toEqual([]);
  expect(checked).toBe(operations.size - Object.keys(ELSEWHERE).length);
});

test('an example keeps its shape and none of its secrets', () => {
  const traces = {
    operation: 'keys.create',
    ids: {},
    began: new Date(Date.now() - 60_000),
    at: 'then',
    folder: '/srv/x',
  };
  const token = `ff_${'aB3'.repeat(12)}`;
  const shown = readable({ key: token, at: new Date().toISOString(), list: [1, 2, 3] }, traces);
  expect(shown).toEqual({ key: expect.not.stringContaining('aB3'), at: 'then', list: [1, 2] });
  expect(fits(shown, { key: 'another', at: null, list: [] })).toBe(true);
  for (const other of [{ key: 'x', at: 'y' }, { key: 1, at: 'y', list: [] }, { key: 'x', at: 'y', list: [{}] }, 'x'])
    expect(fits(shown, other), JSON.stringify(other)).toBe(false);
});

type Shown = { schema: object; example?: unknown };
type Content = { content: Record<string, Shown> };
type Described = {
  operationId: string;
  parameters?: ({ name: string; in: string } & Shown)[];
  requestBody?: Content;
  responses: Record<string, Content>;
};
