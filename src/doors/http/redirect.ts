import { Hono, type Context as Request } from 'hono';
import { html } from 'hono/html';
import type { World } from '#src/context.ts';
import { type Follower, followLink } from '#src/distribute/links.ts';
import { addressOf } from '#src/doors/http/caller.ts';
import { readAgent } from '#src/measure/agent.ts';
import { saltsFor, visitorHash } from '#src/measure/events/salts.ts';

/** Tracked links: `/l/<code>` leads on and counts. A HEAD request is answered but not counted. */
export function redirectDoor(world: World): Hono {
  const door = new Hono();
  door.get('/l/:code', async (request) => {
    // Nothing in between may answer for us, or clicks would go uncounted.
    request.header('cache-control', 'no-store, private');
    request.header('x-robots-tag', 'noindex');
    const code = request.req.param('code');
    const followed = await followLink(world, code, request.req.method === 'HEAD' ? null : followerOf(world, request));
    if (followed.kind === 'found') return request.redirect(followed.location, 302);
    if (followed.kind === 'expired')
      return request.html(
        page('This link has ended', 'Whoever shared it set an end to it. Ask them for a new one.'),
        410,
      );
    return request.html(page('There is no such link', 'Check the address: small and capital letters count.'), 404);
  });
  return door;
}

function followerOf(world: World, request: Request): Follower {
  const agent = request.req.header('user-agent');
  const { bot } = readAgent(agent);
  const address = addressOf(world, request) ?? '';
  const unwanted = request.req.header('dnt') === '1' || request.req.header('sec-gpc') === '1';
  return {
    agentClass: bot === null ? 'human' : bot.kind === 'preview' ? 'preview' : bot.kind === 'unknown' ? 'unsure' : 'bot',
    agentName: bot?.name ?? null,
    referrerHost: hostOf(request.req.header('referer')),
    country: null,
    visitor: unwanted
      ? null
      : async ({ tx, clock }, appId) => {
          const { today } = await saltsFor(tx, clock.now());
          return visitorHash(today, { address, agent: agent ?? '', appId });
        },
  };
}

function hostOf(address: string | undefined): string | null {
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
