/**
 * A model server that speaks OpenAI's chat protocol on a port of its own, and answers what the test programs: good and
 * broken JSON, refusals, silence. Like many real servers it can refuse `json_schema`, and `json_object` as well.
 */
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { createAdaptorServer, type HttpBindings } from '@hono/node-server';
import { Hono } from 'hono';
import { streamSSE } from 'hono/streaming';
import { z } from 'zod';

export type ModelScript =
  /** The assistant's message, word for word. */
  | { say: string; tokens?: { input: number; output: number }; finish?: 'stop' | 'length' | 'content_filter' }
  /** The assistant's message as JSON; not before `after`. */
  | { json: unknown; tokens?: { input: number; output: number }; after?: Promise<void> }
  /** The message in pieces, each some milliseconds after the one before; `hangs` keeps the connection open at its end. */
  | { pieces: string[]; everyMs: number; hangs?: boolean }
  /** Writes this much of the message, then the connection breaks. */
  | { cut: string }
  /** Calls a tool nobody offered. */
  | { tool: string }
  /** Declines in the protocol's own field. */
  | { refusal: string }
  /** Sends the asker to another address. */
  | { redirect: string }
  /** Writes these words again and again until the connection is closed. */
  | { endless: string }
  | { status: number; message: string; retryAfter?: number }
  /** Keeps the connection open and never answers. */
  | { silence: true }
  /** Not a model server: a web page. */
  | { html: string };

export type ModelCall = {
  model: string;
  system: string;
  prompt: string;
  format: string | null;
  authorization: string | null;
  /** The whole request as it came, for looking at what left. */
  body: string;
  /** Becomes true when the asker closed the connection before the answer was whole. */
  left: boolean;
};

export type FakeModel = {
  /** To be used as `baseUrl`. */
  url: string;
  /** What came in, in order. */
  calls: ModelCall[];
  /** Adds answers to the queue. When it runs dry the server answers 500, so that a test notices. */
  program(...answers: ModelScript[]): void;
  /** Forgets the calls that came in and the answers that wait. */
  forget(): void;
  close(): Promise<void>;
};

const requestBody = z.object({
  model: z.string(),
  messages: z.array(z.object({ role: z.string(), content: z.unknown() })),
  response_format: z.object({ type: z.string() }).optional(),
  stream: z.boolean().optional(),
});

type Tokens = { input: number; output: number };

/** Starts the server on a free port of 127.0.0.1. `accepts` names the response formats it does not refuse. */
export async function startFakeModel(
  options: { accepts?: string[]; saysUsage?: boolean; models?: string[] } = {},
): Promise<FakeModel> {
  const accepts = options.accepts ?? ['json_schema', 'json_object'];
  const calls: ModelCall[] = [];
  const queue: ModelScript[] = [];
  const app = new Hono<{ Bindings: HttpBindings }>();

  app.get('/v1/models', (c) =>
    c.json({ object: 'list', data: (options.models ?? ['tiny', 'small']).map((id) => ({ id, object: 'model' })) }),
  );

  app.post('/v1/chat/completions', async (c) => {
    const text = await c.req.text();
    const body = requestBody.parse(JSON.parse(text));
    const format = body.response_format?.type ?? null;
    if (format && !accepts.includes(format))
      return c.json(apiError(`'response_format.type' must be one of: ${[...accepts, 'text'].join(', ')}`), 400);
    const call: ModelCall = {
      model: body.model,
      system: textOf(body.messages, 'system'),
      prompt: textOf(body.messages, 'user'),
      format,
      authorization: c.req.header('authorization') ?? null,
      body: text,
      left: false,
    };
    calls.push(call);
    const script = queue.shift() ?? { status: 500, message: 'The test programmed no further answer.' };
    if ('html' in script) return c.html(script.html);
    if ('status' in script)
      return Response.json(apiError(script.message), {
        status: script.status,
        headers: script.retryAfter === undefined ? {} : { 'retry-after': String(script.retryAfter) },
      });
    if ('redirect' in script) return c.redirect(script.redirect, 307);
    if ('after' in script) await script.after;
    if ('silence' in script) return new Promise<Response>(() => {});
    const tokens: Tokens = ('tokens' in script && script.tokens) || { input: 100, output: 20 };
    const finish = ('finish' in script && script.finish) || ('tool' in script ? 'tool_calls' : 'stop');
    if (!body.stream) return c.json(whole(body.model, wordsOf(script), finish, tokens));
    return streamSSE(c, async (out) => {
      out.onAbort(() => {
        call.left = true;
      });
      const send = (delta: object, end: string | null = null) =>
        out.writeSSE({ data: JSON.stringify(chunk(delta, end)) });
      await send({ role: 'assistant', content: '' });
      if ('endless' in script)
        while (!out.aborted && !out.closed) {
          await send({ content: script.endless.repeat(1_000) });
          await out.sleep(0);
        }
      if ('tool' in script) {
        const called = { name: script.tool, arguments: '{"to":"everyone"}' };
        await send({ tool_calls: [{ index: 0, id: 'call-1', type: 'function', function: called }] });
      }
      if ('refusal' in script) await send({ refusal: script.refusal });
      if ('cut' in script) {
        await send({ content: script.cut });
        // Time for what was written to arrive: a broken connection loses what is on its way.
        await out.sleep(20);
        c.env.outgoing.destroy();
        return;
      }
      const pieces = 'pieces' in script ? script.pieces : [wordsOf(script)];
      for (const piece of pieces) {
        if (out.aborted) return;
        if ('pieces' in script) await out.sleep(script.everyMs);
        await send({ content: piece });
      }
      if ('pieces' in script && script.hangs) return new Promise<void>((done) => out.onAbort(done));
      await send({}, finish);
      if (options.saysUsage ?? true)
        await out.writeSSE({ data: JSON.stringify({ ...chunk({}, null), choices: [], usage: usageOf(tokens) }) });
      await out.writeSSE({ data: '[DONE]' });
    });
  });

  const server = createAdaptorServer({ fetch: app.fetch });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/v1`,
    calls,
    program: (...answers) => void queue.push(...answers),
    forget() {
      calls.length = 0;
      queue.length = 0;
    },
    async close() {
      if ('closeAllConnections' in server) server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

function wordsOf(script: ModelScript): string {
  return 'json' in script ? JSON.stringify(script.json) : 'say' in script ? script.say : '';
}

function chunk(delta: object, finish: string | null) {
  const choices = [{ index: 0, delta, finish_reason: finish }];
  return { id: 'chatcmpl-1', object: 'chat.completion.chunk', created: 1_750_000_000, model: 'fake', choices };
}

function whole(model: string, content: string, finish: string, tokens: Tokens) {
  const choices = [{ index: 0, message: { role: 'assistant', content }, finish_reason: finish }];
  const usage = usageOf(tokens);
  return { id: 'chatcmpl-1', object: 'chat.completion', created: 1_750_000_000, model, choices, usage };
}

function usageOf({ input, output }: Tokens) {
  return { prompt_tokens: input, completion_tokens: output, total_tokens: input + output };
}

function apiError(message: string) {
  return { error: { message, type: 'invalid_request_error', param: null, code: null } };
}

function textOf(messages: { role: string; content: unknown }[], role: string): string {
  return messages
    .filter((message) => message.role === role)
    .map((message) => (typeof message.content === 'string' ? message.content : JSON.stringify(message.content)))
    .join('\n');
}
