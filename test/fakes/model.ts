/**
 * A model server that speaks OpenAI's chat protocol on a port of its own, and answers what the test programs: good and
 * broken JSON, refusals, silence. Like many real servers it can refuse `json_schema`, and `json_object` as well.
 */
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { createAdaptorServer } from '@hono/node-server';
import { Hono } from 'hono';
import { z } from 'zod';

export type ModelScript =
  /** The assistant's message, word for word. */
  | { say: string; tokens?: { input: number; output: number }; finish?: 'stop' | 'length' | 'content_filter' }
  /** The assistant's message as JSON. */
  | { json: unknown }
  | { status: number; message: string }
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
};

export type FakeModel = {
  /** To be used as `baseUrl`. */
  url: string;
  /** What came in, in order. */
  calls: ModelCall[];
  /** Adds answers to the queue. When it runs dry the server answers 500, so that a test notices. */
  program(...answers: ModelScript[]): void;
  close(): Promise<void>;
};

const requestBody = z.object({
  model: z.string(),
  messages: z.array(z.object({ role: z.string(), content: z.unknown() })),
  response_format: z.object({ type: z.string() }).optional(),
});

/** Starts the server on a free port of 127.0.0.1. `accepts` names the response formats it does not refuse. */
export async function startFakeModel(options: { accepts?: string[] } = {}): Promise<FakeModel> {
  const accepts = options.accepts ?? ['json_schema', 'json_object'];
  const calls: ModelCall[] = [];
  const queue: ModelScript[] = [];
  const app = new Hono();

  app.post('/v1/chat/completions', async (c) => {
    const body = requestBody.parse(await c.req.json());
    const format = body.response_format?.type ?? null;
    if (format && !accepts.includes(format))
      return c.json(apiError(`'response_format.type' must be one of: ${[...accepts, 'text'].join(', ')}`), 400);
    calls.push({
      model: body.model,
      system: textOf(body.messages, 'system'),
      prompt: textOf(body.messages, 'user'),
      format,
      authorization: c.req.header('authorization') ?? null,
    });
    const script = queue.shift() ?? { status: 500, message: 'The test programmed no further answer.' };
    if ('silence' in script) return new Promise<Response>(() => {});
    if ('html' in script) return c.html(script.html);
    if ('status' in script) return Response.json(apiError(script.message), { status: script.status });
    const content = 'json' in script ? JSON.stringify(script.json) : script.say;
    const tokens = ('tokens' in script && script.tokens) || { input: 100, output: 20 };
    return c.json({
      id: `chatcmpl-${calls.length}`,
      object: 'chat.completion',
      created: 1_750_000_000,
      model: body.model,
      choices: [
        {
          index: 0,
          message: { role: 'assistant', content },
          finish_reason: ('finish' in script && script.finish) || 'stop',
        },
      ],
      usage: {
        prompt_tokens: tokens.input,
        completion_tokens: tokens.output,
        total_tokens: tokens.input + tokens.output,
      },
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
    async close() {
      if ('closeAllConnections' in server) server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
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
