import { Hono, type Context as Request } from 'hono';
import { html } from 'hono/html';
import ipaddr from 'ipaddr.js';
import { asSystem, type Inside, transaction, type World } from '#src/context.ts';
import { emailAddress } from '#src/distribute/newsletter/csv.ts';
import { publicCopy } from '#src/distribute/newsletter/letters.ts';
import { askToSubscribe, confirmSubscription, leaveByLetter } from '#src/distribute/newsletter/subscribe.ts';
import { type LinkPurpose, openLinkToken } from '#src/distribute/newsletter/tokens.ts';
import { atMost } from '#src/doors/http/body.ts';
import { addressOf } from '#src/doors/http/caller.ts';
import { plainPage } from '#src/doors/http/headers.ts';
import { leaveReport } from '#src/grow/reports/recipients.ts';

const HOUR = 3_600_000;
/** From one network address, and for one list, in an hour. */
const MOST_FROM_ADDRESS = 10;
const MOST_FOR_LIST = 500;
const LETTER_POLICY =
  "default-src 'none'; img-src https: data: 'self'; style-src 'unsafe-inline'; sandbox allow-popups allow-popups-to-escape-sandbox";

/**
 * What subscribers come by, without signing in: joining a list, confirming, leaving, and reading a letter. Looking at a
 * link (GET) changes nothing, since mail scanners look at all of them; pressing its button, or a mail program's one-click
 * unsubscribing, does (POST).
 */
export function letterDoor(world: World): Hono {
  const door = new Hono();
  const joining = limiter(world);

  door.use('/letters/*', async (request, next) => {
    await next();
    request.header('cache-control', 'no-store');
    request.header('x-robots-tag', 'noindex');
    // The address is a key; no page after this one may learn it.
    request.header('referrer-policy', 'no-referrer');
  });

  door.get('/letters/join/:token', async (request) => {
    const list = await withList(world, request.req.param('token'));
    if (!list) return gone(request);
    return request.html(plainPage(request, `Letters from ${list.name}`, joinForm(list.name)));
  });

  door.options('/letters/join/:token', (request) => {
    request.header('access-control-allow-origin', '*');
    request.header('access-control-allow-methods', 'POST');
    request.header('access-control-allow-headers', 'content-type');
    return request.body(null, 204);
  });

  door.post('/letters/join/:token', atMost(0.1), async (request) => {
    request.header('access-control-allow-origin', '*');
    const json = request.req.header('content-type')?.includes('json') ?? false;
    const say = (status: 200 | 400 | 429, title: string, message: string) =>
      json
        ? request.json(status === 200 ? { message } : { code: title, message }, status)
        : request.html(plainPage(request, title, html`<p>${message}</p>`), status);
    const list = await withList(world, request.req.param('token'));
    if (!list) return gone(request);
    const email = emailAddress.safeParse((await emailOf(request, json)).trim());
    if (!email.success) return say(400, 'Check the address', 'This is not an e-mail address. Go back and correct it.');
    const from = networkOf(addressOf(world, request));
    if (!joining(`address ${from}`, MOST_FROM_ADDRESS) || !joining(`list ${list.id}`, MOST_FOR_LIST))
      return say(429, 'Too many at once', 'Too many addresses were entered from here. Try again in an hour.');
    await list.run((inside) => askToSubscribe(inside, list.id, email.data, 'form'));
    // The same answer for everyone: who is on a list is nobody else's business.
    return say(200, 'Look into your inbox', 'We sent you a mail. Confirm in it, and the letters begin.');
  });

  door.get('/letters/confirm/:token', (request) => {
    if (!opened(world, 'confirm', request)) return gone(request);
    return request.html(plainPage(request, 'One more click', button('Yes, send me the letters')));
  });

  door.post('/letters/confirm/:token', atMost(0.1), async (request) => {
    const link = opened(world, 'confirm', request);
    if (!link) return gone(request);
    const ended = await link.run((inside) => confirmSubscription(inside, link.row));
    if (ended === 'confirmed')
      return request.html(plainPage(request, 'You are on the list', html`<p>The next letter comes to you.</p>`));
    const why = 'The link was good for a week, or you left meanwhile. Subscribe again to get a new one.';
    return request.html(plainPage(request, 'This link has ended', html`<p>${why}</p>`), 410);
  });

  door.get('/letters/leave/:token', (request) => {
    if (!opened(world, 'leave', request)) return gone(request);
    return request.html(plainPage(request, 'Unsubscribe', button('Send me no more letters')));
  });

  door.post('/letters/leave/:token', atMost(0.1), async (request) => {
    const link = opened(world, 'leave', request);
    if (!link) return gone(request);
    await link.run((inside) => leaveByLetter(inside, link.row));
    return request.html(plainPage(request, 'You are unsubscribed', html`<p>No more letters come from this list.</p>`));
  });

  door.get('/letters/report/:token', (request) => {
    if (!opened(world, 'report', request)) return gone(request);
    return request.html(plainPage(request, 'Stop these reports', button('Send me no more of these reports')));
  });

  door.post('/letters/report/:token', atMost(0.1), async (request) => {
    const link = opened(world, 'report', request);
    if (!link) return gone(request);
    await link.run((inside) => leaveReport(inside, link.row));
    return request.html(plainPage(request, 'No more reports', html`<p>This report is not sent to you any more.</p>`));
  });

  door.get('/letters/read/:token', async (request) => {
    const link = opened(world, 'read', request);
    const letter = link ? await link.run((inside) => publicCopy(inside, link.row)) : null;
    if (letter === null) return gone(request);
    // A letter carries its styles in each element, as mail must; nothing else of it may do anything.
    request.header('content-security-policy', LETTER_POLICY);
    return request.html(letter);
  });
  return door;
}

function opened(world: World, purpose: LinkPurpose, request: Request) {
  const link = openLinkToken(world.secrets, purpose, request.req.param('token') ?? '');
  if (!link) return null;
  const context = asSystem(world, link.workspaceId, 'letters');
  return { row: link.row, run: <T>(run: (inside: Inside) => Promise<T>) => transaction(context, run) };
}

async function withList(world: World, token: string) {
  const link = openLinkToken(world.secrets, 'join', token);
  if (!link) return null;
  const context = asSystem(world, link.workspaceId, 'letters');
  const list = await transaction(context, ({ tx }) =>
    tx.selectFrom('mailingLists').select(['id', 'name']).where('id', '=', link.row).executeTakeFirst(),
  );
  return list ? { ...list, run: <T>(run: (inside: Inside) => Promise<T>) => transaction(context, run) } : null;
}

async function emailOf(request: Request, json: boolean): Promise<string> {
  const body: unknown = await (json ? request.req.json() : request.req.parseBody()).catch(() => null);
  const email = typeof body === 'object' && body !== null && 'email' in body ? body.email : '';
  return typeof email === 'string' ? email : '';
}

/** Whoever has one address of IPv6 has 2^64 of them: the network they are in counts. */
function networkOf(address: string | null): string {
  if (!address || !ipaddr.isValid(address)) return 'unknown';
  const parsed = ipaddr.process(address);
  if (parsed.kind() === 'ipv4') return parsed.toString();
  return ipaddr.IPv6.networkAddressFromCIDR(`${parsed.toString()}/64`).toString();
}

/** Counts within the hour, in memory: a restart forgets, and each address is written to once an hour anyway. */
function limiter(world: World): (key: string, most: number) => boolean {
  const seen = new Map<string, { count: number; until: number }>();
  return (key, most) => {
    const now = world.clock.now().getTime();
    if (seen.size > 50_000) for (const [old, { until }] of seen) if (until <= now) seen.delete(old);
    const found = seen.get(key);
    const current = found && found.until > now ? found : { count: 0, until: now + HOUR };
    current.count += 1;
    seen.set(key, current);
    return current.count <= most;
  };
}

function gone(request: Request): Response | Promise<Response> {
  const why = 'Check that the whole address was copied, or ask whoever sent it to you.';
  return request.html(plainPage(request, 'There is nothing here', html`<p>${why}</p>`), 404);
}

function joinForm(name: string) {
  return html`<p>Get letters from ${name} by mail. You can leave at any time.</p>
    <form method="post">
      <label for="email">E-mail address</label>
      <input id="email" name="email" type="email" required autocomplete="email" />
      <button>Subscribe</button>
    </form>`;
}

function button(label: string) {
  return html`<form method="post"><button>${label}</button></form>`;
}
