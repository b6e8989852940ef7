import type { OpenAPI } from '@orpc/openapi';
import type { Example } from '#src/doors/examples.ts';
import type { Offered } from '#src/doors/operations.ts';
import { type House, openHouse, operations, requestOf } from '#test/bad-input/house.ts';
import { smallestInput } from '#test/bad-input/inputs.ts';
import { stockUp } from '#test/bad-input/stock.ts';
import { BEFORE, type Bench, ELSEWHERE } from '#test/examples/before.ts';
import { readable } from '#test/examples/readable.ts';

export type Recorded = {
  examples: Record<string, Example>;
  /** Operations that would not run, with what they said. */
  refused: Record<string, string>;
  /** What the API says of itself at /api/v1/openapi.json. */
  document: OpenAPI.Document;
};

/** The day of all examples. */
const AT = '2026-11-22T09:00:00.000Z';
const RANK = { read: 0, write: 1, destructive: 2 };

/**
 * Runs every operation of the catalog over HTTP, for real, in a workspace with one thing of every kind: first what
 * looks, then what changes, then what removes. What no longer finds its thing because another operation used it up is
 * run again in a fresh workspace, the first of each there with nothing before it; what is refused even then is named.
 * A new operation is taken in by itself.
 */
export async function recordExamples(): Promise<Recorded> {
  const house = await openHouse({ config: { PUBLIC_URL: 'https://fanfare.example.com' } });
  try {
    const said = await house.send('GET', '/api/v1/openapi.json');
    const recorded: Recorded = { examples: {}, refused: {}, document: (await said.json()) as OpenAPI.Document };
    let waiting = [...operations.values()]
      .filter(({ name }) => !ELSEWHERE[name])
      .sort((one, other) => RANK[one.access] - RANK[other.access]);
    while (waiting.length > 0) {
      const bench = await openBench(house);
      const again: Offered[] = [];
      for (const operation of waiting) {
        const run = await runOn(house, bench, operation);
        if ('example' in run) recorded.examples[operation.name] = run.example;
        else if (operation === waiting[0]) recorded.refused[operation.name] = run.refused;
        else again.push(operation);
      }
      waiting = again;
    }
    for (const [name, elsewhere] of Object.entries(ELSEWHERE)) recorded.examples[name] = { elsewhere };
    return recorded;
  } finally {
    await house.close();
  }
}

type OpenBench = Bench & { began: Date; key: string };

/** A workspace of its own with its stock, and Maya in it. */
async function openBench(house: House): Promise<OpenBench> {
  const began = house.clock.now();
  const { id } = await house.asked<{ id: string }>('POST', '/workspaces', { name: 'Outpost' });
  house.enter(id);
  const stock = { ...(await stockUp(house, 'maya', id)), workspaceId: id };
  const scopes = ['read', 'write', 'destructive', 'events'];
  const { key } = await house.asked<{ key: string }>('POST', '/keys', { name: 'A program', scopes });
  return { stock, ask: house.asked, send: house.send, query: house.query, began, key };
}

async function runOn(
  house: House,
  bench: OpenBench,
  operation: Offered,
): Promise<{ example: Example } | { refused: string }> {
  try {
    const more = await BEFORE[operation.name]?.(bench);
    const input = { ...smallestInput(operation, bench.stock), ...more };
    const { method, path, json } = requestOf(operation, input);
    const sent = json === undefined ? {} : { json };
    // As the reference shows it, by a key; what needs a person is asked by one.
    const byKey = operation.reach === 'workspace' && operation.role !== 'owner';
    const asked = byKey ? await house.send(method, path, { as: { key: bench.key }, ...sent }) : null;
    const answer = asked && asked.status !== 403 ? asked : await house.send(method, path, sent);
    const said = await answer.text();
    // What is done to many says of each whether it was.
    if (!answer.ok || /"failed":[1-9]/.test(said)) return { refused: `${answer.status} ${said}` };
    const traces = { operation: operation.name, ids: bench.stock, began: bench.began, at: AT, folder: house.data };
    const whole = readable({ input, answer: said === '' ? null : JSON.parse(said) }, traces);
    return { example: whole as Example };
  } catch (error) {
    return { refused: String(error) };
  }
}
