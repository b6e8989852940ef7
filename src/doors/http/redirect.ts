import { getConnInfo } from '@hono/node-server/conninfo';
import { type Handler, Hono, type Context as Request } from 'hono';
import { html } from 'hono/html';
import ipaddr from 'ipaddr.js';
import { shared, type World } from '#src/context.ts';
import { PROOF_PATH, proofFor } from '#src/distribute/links/domain.ts';
import { type Follower, openRedirects } from '#src/distribute/links.ts';
import { addressIn } from '#src/doors/http/caller.ts';
import { plainPage } from '#src/doors/http/headers.ts';
import type { Shortcut } from '#src/doors/http/shortcuts.ts';
import { readAgent } from '#src/measure/agent.ts';
import { isOneSender, openLimit, senderOf } from '#src/measure/events/limits.ts';
import { dayOf, type Salts, saltsFor, visitorHash } from '#src/measure/events/salts.ts';

const CODE = /^[A-Za-z0-9_-]{2,64}$/;

/** More often a minute nobody follows links by hand from one address; they still arrive, uncounted. */
const COUNTED_A_MINUTE = 300;

/**
 * Tracked links: `/l/<code>` on this server, `/<code>` on the short domain of a workspace, where only its own codes lead
 * anywhere and nothing else of Fanfare is to be had. Leads on and counts; a HEAD request is answered but not counted.
 * Stands before all other doors; what is ordinary goes by the shortcut.
 */
export function openRedirectDoor(world: World): { door: Hono; shortcut: Shortcut; rest(): Promise<void> } {
  const door = new Hono();
  const { hostname } = new URL(world.publicUrl);
  const limit = openLimit(COUNTED_A_MINUTE);
  const redirects = openRedirects(world, dailyVisitors(world));
  const followerOf = (header: Header, remote: () => string | undefined): Follower | null => {
    const address = addressIn(world, header('x-forwarded-for'), remote);
    const within = !isOneSender(address) || limit.allows(senderOf(address), world.clock.now().getTime());
    return within ? followerFrom(header, address) : null;
  };

  const lead = async (request: Request, code: string, domain: string | null): Promise<Response> => {
    // Nothing in between may answer for us, or clicks would go uncounted.
    request.header('cache-control', 'no-store, private');
    request.header('x-robots-tag', 'noindex');
    const follower =
      request.req.method === 'HEAD'
        ? null
        : followerOf(
            (name) => request.req.header(name),
            () => getConnInfo(request).remote.address,
          );
    const followed = CODE.test(code)
      ? await redirects.follow({ code, domain }, follower)
      : ({ kind: 'unknown' } as const);
    if (followed.kind === 'found') return request.redirect(followed.location, 302);
    if (followed.kind === 'expired' && followed.fallbackUrl) return request.redirect(followed.fallbackUrl, 302);
    if (followed.kind === 'expired')
      return request.html(
        plainPage(
          request,
          'This link has ended',
          html`<p>Whoever shared it set an end to it. Ask them for a new one.</p>`,
        ),
        410,
      );
    return request.html(
      plainPage(request, 'There is no such link', html`<p>Check the address: small and capital letters count.</p>`),
      404,
    );
  };
  const onDomain: Handler = async (request, next) => {
    const host = hostIn(request.req.header('host'));
    if (host === hostname || !mayBeDomain(host) || !(await redirects.isDomain(host))) return next();
    const { path, method } = request.req;
    if (path === PROOF_PATH) return request.text(proofFor(world, host));
    if (method !== 'GET' && method !== 'HEAD') return request.text('Links are followed with GET.', 405);
    return lead(request, path.replace(/^\/(l\/)?/, ''), host);
  };

  door.use(onDomain);
  door.get('/l/:code', (request) => lead(request, request.req.param('code'), null));

  const shortcut: Shortcut = (request, response, onwards) => {
    const header = (name: string) => request.headers[name] as string | undefined;
    const asked = request.method === 'GET' ? askedIn(request.url ?? '', hostIn(header('host')), hostname) : null;
    if (!asked) return onwards();
    const follow = async () => {
      const followed = await redirects.follow(
        asked,
        followerOf(header, () => request.socket.remoteAddress),
      );
      if (followed.kind !== 'found') return onwards();
      response.writeHead(302, ['location', followed.location, ...HEADERS]);
      response.end();
    };
    follow().catch(onwards);
  };
  return { door, shortcut, rest: redirects.rest };
}

/** As the application's own answers. Nothing in between may answer for us, or clicks would go uncounted. */
const HEADERS = [
  ...['cache-control', 'no-store, private'],
  ...['x-robots-tag', 'noindex'],
  ...['x-content-type-options', 'nosniff'],
  ...['referrer-policy', 'strict-origin-when-cross-origin'],
  ...['content-length', '0'],
];

type Header = (name: string) => string | undefined;

/** Which code is asked for where, when it can be told from the address alone. */
function askedIn(url: string, host: string, own: string): { code: string; domain: string | null } | null {
  const end = url.indexOf('?');
  const path = end === -1 ? url : url.slice(0, end);
  const elsewhere = host !== own && mayBeDomain(host);
  const code = path.startsWith('/l/') ? path.slice(3) : elsewhere ? path.slice(1) : '';
  return CODE.test(code) ? { code, domain: elsewhere ? host : null } : null;
}

/** The salts of a day are read once, in a transaction of their own: whoever makes them has stored them. */
function dailyVisitors(world: World): Parameters<typeof openRedirects>[1] {
  let known: { day: string; salts: Salts } | null = null;
  return async () => {
    const now = world.clock.now();
    const day = dayOf(now);
    if (known?.day !== day) known = { day, salts: await shared(world, (tx) => saltsFor(tx, now)) };
    const { salts } = known;
    return (who, at) => {
      const salt = dayOf(at) === day ? salts.today : salts.yesterday;
      return salt === null ? null : visitorHash(salt, who);
    };
  };
}

function followerFrom(header: Header, address: string | null): Follower {
  const agent = header('user-agent');
  const { bot } = readAgent(agent);
  const unwanted = header('dnt') === '1' || header('sec-gpc') === '1';
  return {
    agentClass: bot === null ? 'human' : bot.kind === 'preview' ? 'preview' : bot.kind === 'unknown' ? 'unsure' : 'bot',
    agentName: bot?.name ?? null,
    referrerHost: referrerIn(header('referer')),
    country: null,
    visitor: unwanted ? null : { address: address ?? '', agent: agent ?? '' },
  };
}

/** The host that was asked for. A full stop at its end (the root of the DNS) makes it no other host. */
function hostIn(header: string | undefined): string {
  return (header ?? '').toLowerCase().replace(/:\d+$/, '').replace(/\.$/, '');
}

/** Names without a dot and bare addresses are nobody's short domain; they are not asked for. */
function mayBeDomain(host: string): boolean {
  return host.includes('.') && !ipaddr.isValid(host) && !host.startsWith('[');
}

/** Most come from a few places. */
const REMEMBERED = 1000;
const referrers = new Map<string, string | null>();

function referrerIn(address: string | undefined): string | null {
  if (!address) return null;
  const known = referrers.get(address);
  if (known !== undefined) return known;
  const host = (URL.canParse(address) && new URL(address).host.slice(0, 255)) || null;
  if (referrers.size >= REMEMBERED) referrers.clear();
  if (address.length <= 200) referrers.set(address, host);
  return host;
}
