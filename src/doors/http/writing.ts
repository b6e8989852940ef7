import { Hono } from 'hono';
import { streamSSE } from 'hono/streaming';
import { z } from 'zod';
import type { World } from '#src/context.ts';
import { callerOf } from '#src/doors/http/caller.ts';
import { answer, enter } from '#src/doors/http/uploads.ts';
import { followCalls, type Quiet } from '#src/people/ai/running.ts';
import type { SignIn } from '#src/people/sign-in.ts';
import { refuse } from '#src/refusal.ts';

/** Streams open at once in this process: in one workspace, and in all of them. */
const MOST = { inWorkspace: 20, inAll: 100 };

/** A stream is ended after this long, and the browser opens it anew: so it is asked again whether it still may. */
const LIFE_MS = 120_000;
/** Proxies close a connection on which nothing comes, many after half a minute or a minute. */
const BEAT_MS = 15_000;
/** A call may begin a while after the page that waits for it has asked: a worker comes to it when it can. */
const QUIET: Quiet = { before: 30_000, after: 2_000 };

const rows = z.array(z.uuid()).max(20);

/**
 * `GET /stream/writing?subject=<id>&subject=…`: what models are writing for these rows, or for all of the workspace, as
 * server-sent events: `calls` with the same list as `ai.running` each time it has changed, and `end` when nothing is
 * being written any more. A browser opens a stream that ends without it anew by itself.
 */
export function writingDoor(world: World, signIn: SignIn, quiet = QUIET): Hono {
  const routes = new Hono();
  const open = new Map<string, number>();
  let all = 0;
  const count = (workspaceId: string, by: 1 | -1) => {
    const own = (open.get(workspaceId) ?? 0) + by;
    all += by;
    if (own > 0) open.set(workspaceId, own);
    else open.delete(workspaceId);
  };

  routes.get('/stream/writing', async (request) => {
    try {
      const context = enter(await callerOf(world, signIn, request), 'read');
      const { workspaceId } = context;
      const wanted = rows.safeParse(request.req.queries('subject') ?? []);
      if (!wanted.success) throw refuse('invalid', 'subject', 'Name up to 20 rows by their ids.');
      const own = open.get(workspaceId) ?? 0;
      if (own >= MOST.inWorkspace || all >= MOST.inAll)
        throw refuse('too_many', 'streams', 'Too many pages watch the model at once. Close some and reload.');
      count(workspaceId, 1);
      // Without these, proxies gather the pieces and hand them on at the end.
      request.header('x-accel-buffering', 'no');
      const response = streamSSE(request, async (out) => {
        const left = new AbortController();
        out.onAbort(() => left.abort());
        const life = AbortSignal.timeout(LIFE_MS);
        // Whoever reads nothing must not keep the stream for longer than the others.
        life.addEventListener('abort', () => out.abort());
        const signal = AbortSignal.any([left.signal, life]);
        const beat = setInterval(() => void out.write(': still here\n\n'), BEAT_MS);
        try {
          const subjects = wanted.data.length > 0 ? wanted.data : undefined;
          for await (const calls of followCalls(context, { subjects, signal, quiet }))
            await out.writeSSE({ event: 'calls', data: JSON.stringify({ calls }) });
          if (!signal.aborted) await out.writeSSE({ event: 'end', data: '{}' });
        } catch (error) {
          world.log.warn({ err: error }, 'What a model writes could not be shown');
        } finally {
          clearInterval(beat);
          count(workspaceId, -1);
        }
      });
      response.headers.set('cache-control', 'no-store, no-transform');
      return response;
    } catch (error) {
      return answer(request, error);
    }
  });
  return routes;
}
