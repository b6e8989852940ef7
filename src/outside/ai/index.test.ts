import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { FakeModel } from '#test/fakes/model.ts';
import { startFakeModel } from '#test/fakes/model.ts';
import { costOf, listModels, openModel, priceOf, pricesAsOf } from './index.ts';

const schema = z.object({ name: z.string(), stars: z.number().int() });
const asMaterial = (label: string, text: string) => `[${label}: ${text}]`;
const request = { system: 'You name things.', prompt: 'Name one.', schema, asMaterial };

let server: FakeModel;
beforeEach(async () => {
  server = await startFakeModel();
});
afterEach(() => server.close());

function model(apiKey?: string) {
  return openModel({ provider: 'openai-compatible', baseUrl: server.url, model: 'llama3.2', apiKey });
}

describe('a model that answers', () => {
  it('gives a value that fits the schema, and what it used', async () => {
    server.program({ say: '{"name":"Lumen","stars":4}', tokens: { input: 120, output: 9 } });
    const answer = await model('sk-secret-123456').answer(request);
    expect(answer).toEqual({
      ok: true,
      value: { name: 'Lumen', stars: 4 },
      text: '{"name":"Lumen","stars":4}',
      usage: { inputTokens: 120, outputTokens: 9, estimated: false },
      repaired: false,
    });
    expect(server.calls[0]).toMatchObject({ model: 'llama3.2', prompt: 'Name one.', format: 'json_schema' });
    expect(server.calls[0]?.authorization).toBe('Bearer sk-secret-123456');
    expect(server.calls[0]?.system).toContain('"stars"');
  });

  it('takes the code fence and the chatter off', async () => {
    server.program({ say: 'Sure, here it is:\n```json\n{"name":"Lumen","stars":4}\n```\nAnything else?' });
    expect(await model().answer(request)).toMatchObject({ ok: true, value: { name: 'Lumen' }, repaired: false });
    expect(server.calls).toHaveLength(1);
  });

  it('is shown its mistakes once, and both calls are paid for', async () => {
    server.program({ json: { name: 'Lumen', stars: 'four' } }, { json: { name: 'Lumen', stars: 4 } });
    const answer = await model().answer(request);
    expect(answer).toMatchObject({ ok: true, repaired: true, usage: { inputTokens: 200, outputTokens: 40 } });
    const [, again] = server.calls.map((call) => call.prompt);
    expect(again).toContain('[your previous answer: {"name":"Lumen","stars":"four"}]');
    expect(again).toMatch(/\[what is wrong with it: .*stars/);
    // Nothing the model wrote stands among our own words.
    expect(again?.replaceAll(/\[.*?\]/g, '')).not.toMatch(/four|Lumen|stars/);
  });

  it('is given up after the second bad answer, with what it wrote', async () => {
    server.program({ say: '{"name": "Lum' }, { say: 'I cannot do that.' });
    const answer = await model().answer(request);
    expect(answer).toMatchObject({ ok: false, code: 'bad_shape', text: 'I cannot do that.' });
    expect(server.calls).toHaveLength(2);
  });

  it('is not waited for when it fills its answer with nothing', async () => {
    const nothing = `\`\`\`json${'\n'.repeat(150_000)}`;
    server.program({ say: nothing }, { say: nothing });
    expect(await model().answer(request)).toMatchObject({ ok: false, code: 'bad_shape' });
  });

  it('is not believed about what it used when no call can use so much', async () => {
    server.program({ json: { name: 'Lumen', stars: 4 }, tokens: { input: 1e20, output: -3 } });
    const answer = await model().answer(request);
    expect(answer).toMatchObject({ ok: true, usage: { outputTokens: 9, estimated: true } });
  });

  it('says when the answer was cut off', async () => {
    server.program({ say: '{"name":', finish: 'length' }, { say: '{"name":', finish: 'length' });
    const answer = await model().answer(request);
    expect(answer.ok ? '' : answer.message).toContain('cut off at the output limit');
  });
});

describe('servers that know less', () => {
  it('are asked for plain JSON when they refuse a schema, and from then on at once', async () => {
    await server.close();
    server = await startFakeModel({ accepts: ['json_object'] });
    server.program({ json: { name: 'A', stars: 1 } }, { json: { name: 'B', stars: 2 } });
    const opened = model();
    expect(await opened.answer(request)).toMatchObject({ ok: true, value: { name: 'A' } });
    expect(await opened.answer(request)).toMatchObject({ ok: true, value: { name: 'B' } });
    expect(server.calls.map((call) => call.format)).toEqual(['json_object', 'json_object']);
  });

  it('are asked in words alone when they refuse every format', async () => {
    await server.close();
    server = await startFakeModel({ accepts: [] });
    server.program({ say: 'Here: {"name":"A","stars":1}' });
    expect(await model().answer(request)).toMatchObject({ ok: true, value: { name: 'A', stars: 1 } });
    expect(server.calls[0]?.format).toBeNull();
  });
});

describe('a model that does not answer', () => {
  it.each([
    [401, 'unauthorised'],
    [403, 'unauthorised'],
    [404, 'refused'],
    [402, 'refused'],
    [500, 'unreachable'],
  ])('%i is %s, after one call', async (status, code) => {
    server.program({ status, message: 'no, because of sk-secret-123456' });
    const answer = await model('sk-secret-123456').answer(request);
    expect(answer).toMatchObject({ ok: false, code, text: null, usage: { inputTokens: 0, outputTokens: 0 } });
    expect(JSON.stringify(answer)).not.toContain('secret-123456');
    expect(server.calls).toHaveLength(1);
  });

  it.each([
    [429, 'rate_limited'],
    [503, 'unreachable'],
    [529, 'unreachable'],
  ])('%i, where nothing was done, is asked once more', async (status, code) => {
    server.program({ status, message: 'later', retryAfter: 0 }, { json: { name: 'Lumen', stars: 4 } });
    expect(await model().answer(request)).toMatchObject({ ok: true, usage: { inputTokens: 100 } });
    server.program({ status, message: 'later', retryAfter: 0 }, { status, message: 'later', retryAfter: 0 });
    expect(await model().answer(request)).toMatchObject({ ok: false, code });
    server.program({ status, message: 'tomorrow', retryAfter: 86_400 });
    expect(await model().answer(request)).toMatchObject({ ok: false, code });
    expect(server.calls).toHaveLength(5);
  });

  it('is not waited for beyond the limit', async () => {
    server.program({ silence: true });
    const answer = await model().answer({ ...request, timeoutMs: 50 });
    expect(answer).toMatchObject({ ok: false, code: 'unreachable' });
    expect(answer.ok ? '' : answer.message).toContain('did not answer within 0.1 seconds');
  });

  it('can be cancelled', async () => {
    server.program({ silence: true });
    const stop = new AbortController();
    const pending = model().answer({ ...request, signal: stop.signal });
    stop.abort();
    expect(await pending).toMatchObject({ ok: false, code: 'cancelled', message: 'The request was cancelled.' });
  });

  it('may be no model at all', async () => {
    server.program({ html: '<h1>It works</h1>' });
    expect(await model().answer(request)).toMatchObject({ ok: false, code: 'unreachable' });
  });

  it('sends the question nowhere else', async () => {
    const elsewhere = await startFakeModel();
    server.program({ redirect: `${elsewhere.url}/chat/completions` });
    elsewhere.program({ json: { name: 'Lumen', stars: 4 } });
    expect(await model('sk-x').answer(request)).toMatchObject({ ok: false, code: 'unreachable' });
    expect(elsewhere.calls).toEqual([]);
    await elsewhere.close();
  });

  it('may be nobody', async () => {
    const nobody = openModel({ provider: 'openai-compatible', baseUrl: 'http://127.0.0.1:1/v1', model: 'x' });
    expect(await nobody.answer(request)).toMatchObject({ ok: false, code: 'unreachable' });
  });

  it('may decline', async () => {
    server.program({ say: '', finish: 'content_filter' });
    expect(await model().answer(request)).toMatchObject({ ok: false, code: 'refused' });
  });

  it('is not asked without the settings it needs', async () => {
    const keyless = openModel({ provider: 'anthropic', model: 'claude-haiku-4-5' });
    expect(await keyless.answer(request)).toMatchObject({ ok: false, code: 'unauthorised' });
    const homeless = openModel({ provider: 'openai-compatible', model: 'llama3.2' });
    expect(await homeless.answer(request)).toMatchObject({ ok: false, code: 'unreachable' });
  });
});

describe('an answer that streams in', () => {
  const pieces = ['{"name":', '"Lum', 'en","stars"', ':4}'];

  it('is heard while it comes', async () => {
    server.program({ pieces, everyMs: 5 });
    const heard: string[] = [];
    const answer = await model().answer({ ...request, onText: (soFar) => heard.push(soFar) });
    expect(answer).toMatchObject({ ok: true, value: { name: 'Lumen', stars: 4 } });
    expect(heard.at(-1)).toBe('{"name":"Lumen","stars":4}');
    expect(heard.length).toBeGreaterThan(1);
  });

  it('costs what was written when it is cancelled or hangs, and the connection is closed', async () => {
    server.program({ pieces, everyMs: 5, hangs: true }, { pieces, everyMs: 5, hangs: true });
    const stop = new AbortController();
    const cancelled = await model().answer({
      ...request,
      signal: stop.signal,
      onText: (soFar) => soFar.includes('stars') && stop.abort(),
    });
    expect(cancelled).toMatchObject({ ok: false, code: 'cancelled', usage: { estimated: true } });
    expect(cancelled.usage.outputTokens).toBeGreaterThan(3);
    expect(cancelled.usage.inputTokens).toBeGreaterThan(50);
    const hung = await model().answer({ ...request, timeoutMs: 150 });
    expect(hung).toMatchObject({ ok: false, code: 'unreachable', text: expect.stringContaining('Lum') });
    expect(hung.usage.outputTokens).toBeGreaterThan(3);
    await expect.poll(() => server.calls.map((call) => call.left)).toEqual([true, true]);
  });

  it.each([['{"name":"Lu'], ['']])('that breaks off after %j is paid for, and said as what it is', async (cut) => {
    server.program({ cut });
    const answer = await model().answer(request);
    expect(answer).toMatchObject({ ok: false, code: 'unreachable', text: cut || null, usage: { estimated: true } });
    expect(answer.ok ? '' : answer.message).toContain('broke off in the middle of its answer');
    expect(answer.usage.inputTokens).toBeGreaterThan(50);
    expect(server.calls).toHaveLength(1);
  });

  it('that never ends is cut off and not used', async () => {
    server.program({ endless: 'and so on ' });
    const answer = await model().answer(request);
    expect(answer).toMatchObject({ ok: false, code: 'bad_shape' });
    expect(answer.text?.length).toBeLessThan(500_000);
    expect(server.calls).toHaveLength(1);
  });

  it('is counted from its text where the server does not say what it used', async () => {
    await server.close();
    server = await startFakeModel({ saysUsage: false });
    server.program({ json: { name: 'Lumen', stars: 4 } });
    const answer = await model().answer(request);
    expect(answer).toMatchObject({ ok: true, usage: { outputTokens: 9, estimated: true } });
  });

  it('is asked for only when the caller allows the most it can use, the repair too', async () => {
    server.program({ say: 'no' });
    const asked: { inputTokens: number; outputTokens: number }[] = [];
    const mayCall = async (atMost: { inputTokens: number; outputTokens: number }) => {
      asked.push(atMost);
      return asked.length === 1 ? null : 'Nothing is left.';
    };
    const answer = await model().answer({ ...request, maxOutputTokens: 300, mayCall });
    expect(answer).toMatchObject({ ok: false, code: 'refused', message: 'Nothing is left.', text: 'no' });
    expect(answer.usage.inputTokens).toBe(100);
    expect(asked).toMatchObject([{ outputTokens: 300 }, { outputTokens: 300 }]);
    const sent = server.calls[0]!;
    expect(asked[0]!.inputTokens).toBeGreaterThan((sent.system + sent.prompt).length);
    expect(JSON.parse(sent.body)).toMatchObject({ max_tokens: 300 });
    expect(JSON.parse(sent.body)).not.toHaveProperty('tools');
  });
});

describe('the models of a server', () => {
  it('are listed by name, or the reason said', async () => {
    const of = (baseUrl: string) => listModels({ provider: 'openai-compatible', baseUrl });
    expect(await of(server.url)).toEqual({ ok: true, models: ['small', 'tiny'] });
    expect(await of('http://127.0.0.1:1/v1')).toMatchObject({ ok: false, code: 'unreachable' });
    expect(await of(`${server.url}/nowhere`)).toMatchObject({ ok: false, code: 'refused' });
  });
});

describe('what an answer costs', () => {
  const usage = { inputTokens: 10_000, outputTokens: 1_000 };
  const cost = (of: Parameters<typeof priceOf>[0]) => costOf(priceOf(of), usage);

  it('follows the list price, dated names included, and says of which day', () => {
    expect(cost({ provider: 'anthropic', model: 'claude-haiku-4-5', local: false })).toBe(15_000);
    expect(cost({ provider: 'anthropic', model: 'claude-haiku-4-5-20251001', local: false })).toBe(15_000);
    expect(cost({ provider: 'openai', model: 'gpt-5-2025-08-07', local: false })).toBe(22_500);
    expect(priceOf({ provider: 'openai', model: 'gpt-5', local: false })).toMatchObject({
      source: 'list',
      asOf: pricesAsOf,
    });
  });

  it('is nothing on one’s own machine, unknown where the price is, and one’s own price first', () => {
    expect(cost(model())).toBe(0);
    expect(cost({ provider: 'openai', model: 'gpt-9', local: false })).toBeNull();
    expect(cost({ provider: 'openai', model: 'constructor', local: false })).toBeNull();
    const far = openModel({ provider: 'openai-compatible', baseUrl: 'https://models.example.com/v1', model: 'x' });
    expect(cost(far)).toBeNull();
    const own = priceOf(far, { inputMicros: 100_000, outputMicros: 1_000_000 });
    expect(costOf(own, usage)).toBe(2_000);
    for (const baseUrl of [
      'http://10.evil.example/v1',
      'http://127.0.0.1.evil.example/v1',
      'http://localhost.evil.io/v1',
    ])
      expect(openModel({ provider: 'openai-compatible', baseUrl, model: 'x' }).local).toBe(false);
  });
});
