import { Hono } from 'hono';
import type { World } from '#src/context.ts';
import { finishConnection } from '#src/distribute/accounts.ts';
import type { SignIn } from '#src/people/sign-in.ts';

/**
 * Where a platform sends a person back to. The code is exchanged in this very request; then the person goes on to where
 * they came from, with `?connected=<handle>` or `?problem=<code>` (distribute/accounts/problems.ts).
 */
export function oauthDoor(world: World, signIn: SignIn): Hono {
  const door = new Hono();
  door.get('/oauth/:platform/callback', async (request) => {
    const session = await signIn.api.getSession({ headers: request.req.raw.headers });
    const { state, code, error } = request.req.query();
    const result = await finishConnection(world, {
      platform: request.req.param('platform'),
      state: state ?? '',
      userId: session?.user.id ?? null,
      ...(code ? { code } : {}),
      ...(error ? { error } : {}),
    });
    const back = new URL(result.returnTo, world.publicUrl);
    if ('problem' in result) {
      world.log.warn({ problem: result.problem, reason: result.message }, 'An account was not connected');
      back.searchParams.set('problem', result.problem);
    } else back.searchParams.set('connected', result.handle);
    request.header('cache-control', 'no-store');
    // The address holds the code; no page after this one may learn it.
    request.header('referrer-policy', 'no-referrer');
    return request.redirect(`${back.pathname}${back.search}${back.hash}`, 303);
  });
  return door;
}
