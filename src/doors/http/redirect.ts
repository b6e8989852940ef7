import { type Handler, Hono, type Context as Request } from 'hono';
import { html } from 'hono/html';
import ipaddr from 'ipaddr.js';
import type { World } from '#src/context.ts';
import { PROOF_PATH, proofFor } from '#src/distribute/links/domain.ts';
import { type Follower, openRedirects } from '#src/distribute/links.ts';
import { addressOf } from '#src/doors/http/caller.ts';
import { readAgent } from '#src/measure/agent.ts';
import { dayOf, saltsFor, visitorHash } from '#src/measure/events/salts.ts';

const CODE = /^[A-Za-z0-9_-]{2,64}$/;

/**
 * Tracked links: `/l/<code>` on this server, `/<code>` on the short domain of a workspace, where only its own codes lead
 * anywhere and nothing else of Fanfare is to be had. Leads on and counts; a HEAD request is answered but not counted.
 * Stands before all other doors.
 */
export function redirectDoor(world: World): Hono {
  const door = new Hono();
  const { hostname } = new URL(world.publicUrl);
  const redirects = openRedirects(world, async ({ tx, clock }) => {
    const now = clock.now();
    const salts = await saltsFor(tx, now);
    return (who, at) => {
      const salt = dayOf(at) === dayOf(now) ? salts.today : salts.yesterday;
      return salt === null ? null : visitorHash(salt, who);
    };
  });

  const lead = async (request: Request, code: string, domain: string | null): Promise<Response> => {
    // Nothing in between may answer for us, or clicks would go uncounted.
    request.header('cache-control', 'no-store, private');
    request.header('x-robots-tag', 'noindex');
    const follower = request.req.method === 'HEAD' ? null : followerOf(world, request);
    const followed = CODE.test(code)
      ? await redirects.follow({ code, domain }, follower)
      : ({ kind: 'unknown' } as const);
    if (followed.kind === 'found') return request.redirect(followed.location, 302);
    if (followed.kind === 'expired' && followed.fallbackUrl) return request.redirect(followed.fallbackUrl, 302);
    if (followed.kind === 'expired')
      return request.html(
        page('This link has ended', 'Whoever shared it set an end to it. Ask them for a new one.'),
        410,
      );
    return request.html(page('There is no such link', 'Check the address: small and capital letters count.'), 404);
  };
  const onDomain: Handler = async (request, next) => {
    const host = hostOf(request);
    if (host === hostname || !mayBeDomain(host) || !(await redirects.isDomain(host))) return next();
    const { path, method } = request.req;
    if (path === PROOF_PATH) return request.text(proofFor(world, host));
    if (method !== 'GET' && method !== 'HEAD') return request.text('Links are followed with GET.', 405);
    return lead(request, path.replace(/^\/(l\/)?/, ''), host);
  };

  door.use(onDomain);
  door.get('/l/:code', (request) => lead(request, request.req.param('code'), null));
  return door;
}

function followerOf(world: World, request: Request): Follower {
  const agent = request.req.header('user-agent');
  const { bot } = readAgent(agent);
  const unwanted = request.req.header('dnt') === '1' || request.req.header('sec-gpc') === '1';
  return {
    agentClass: bot === null ? 'human' : bot.kind === 'preview' ? 'preview' : bot.kind === 'unknown' ? 'unsure' : 'bot',
    agentName: bot?.name ?? null,
    referrerHost: referrerOf(request.req.header('referer')),
    country: null,
    visitor: unwanted ? null : { address: addressOf(world, request) ?? '', agent: agent ?? '' },
  };
}

/** The host that was asked for. A full stop at its end (the root of the DNS) makes it no other host. */
function hostOf(request: Request): string {
  return (request.req.header('host') ?? '').toLowerCase().replace(/:\d+$/, '').replace(/\.$/, '');
}

/** Names without a dot and bare addresses are nobody's short domain; they are not asked for. */
function mayBeDomain(host: string): boolean {
  return host.includes('.') && !ipaddr.isValid(host) && !host.startsWith('[');
}

function referrerOf(address: string | undefined): string | null {
  if (!address || !URL.canParse(address)) return null;
  return new URL(address).host.slice(0, 255) || null;
}

function page(title: string, text: string) {
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width" />
        <title>${title}</title>
        <style>
          body {
            font: 16px/1.5 system-ui, sans-serif;
            color-scheme: light dark;
            max-width: 28rem;
            margin: 20vh auto 0;
            padding: 0 1rem;
          }
        </style>
      </head>
      <body>
        <h1>${title}</h1>
        <p>${text}</p>
      </body>
    </html>`;
}
