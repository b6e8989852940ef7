import type { MiddlewareHandler } from 'hono';
import type { World } from '#src/context.ts';

/** The doors through which a browser changes something with nothing but its cookie. */
export const OWN_PAGES_ONLY = ['/api/*', '/rpc/*', '/uploads', '/transfers/*', '/mcp'] as const;

/**
 * A browser that carries our cookie must come from our own pages. Browsers say where a request comes from by `Origin`
 * and `Sec-Fetch-Site`; programs send neither. A key makes the question moot, because no browser adds it by itself;
 * Basic, which a proxy may add, comes along with the cookie and says nothing.
 */
export function ownPagesOnly(world: Pick<World, 'publicUrl'>): MiddlewareHandler {
  return async (request, next) => {
    const { method } = request.req;
    const isLook = method === 'GET' || method === 'HEAD' || method === 'OPTIONS';
    const pass = async () => {
      await next();
      // For our own pages: no other site may even take it in as a picture or a script.
      request.header('cross-origin-resource-policy', 'same-origin');
    };
    if (isLook || /^bearer /i.test(request.req.header('authorization') ?? '')) return pass();
    const origin = request.req.header('origin');
    const site = request.req.header('sec-fetch-site');
    const host = request.req.header('host');
    const isOurs =
      origin === undefined || origin === world.publicUrl || (URL.canParse(origin) && new URL(origin).host === host);
    if (isOurs && (site === undefined || site === 'same-origin' || site === 'none')) return pass();
    return request.json(
      { code: 'FORBIDDEN', message: 'This request came from another website and was not carried out.' },
      403,
    );
  };
}
