import { call, ORPCError } from '@orpc/server';
import { Hono } from 'hono';
import type { World } from '#src/context.ts';
import { explained } from '#src/doors/http/api.ts';
import { atMost } from '#src/doors/http/body.ts';
import { callerOf } from '#src/doors/http/caller.ts';
import type { SignIn } from '#src/people/sign-in.ts';

/**
 * MCP over HTTP at /mcp, with an API key as for the API; its scopes decide what a tool may do. Most never ask for it, so
 * it is loaded for the first who does.
 */
export function mcpOverHttp(world: World, signIn: SignIn): Hono {
  const routes = new Hono();
  routes.all('/mcp', atMost(8), async (request) => {
    const caller = await callerOf(world, signIn, request);
    // By key alone: a cookie comes along by itself, and so does what a proxy puts into the header.
    if (!caller.who || !/^bearer /i.test(request.req.header('authorization') ?? ''))
      return request.json(
        { error: 'Send an API key as "Authorization: Bearer <key>". Make one under Settings, API keys.' },
        401,
        {
          'www-authenticate': 'Bearer',
        },
      );
    const [{ createMcpHandler }, { mcpServer }] = await Promise.all([
      import('@modelcontextprotocol/server'),
      import('#src/doors/mcp.ts'),
    ]);
    const handler = createMcpHandler(() =>
      mcpServer(async (operation, input) => {
        try {
          return { ok: true, value: await call(operation.procedure, input, { context: caller }) };
        } catch (error) {
          return { ok: false, message: wordsOf(world, error) };
        }
      }),
    );
    return handler.fetch(request.req.raw);
  });
  return routes;
}

function wordsOf(world: World, error: unknown): string {
  const known = explained(error);
  if (known instanceof ORPCError && known.code !== 'INTERNAL_SERVER_ERROR') return known.message;
  world.log.error({ err: error }, 'An operation failed');
  return 'Something went wrong on the server; it is in its log.';
}
