import { randomUUID } from 'node:crypto';
import type { World } from '#src/context.ts';
import { gather } from '#src/gather.ts';
import { locationOf } from './address.ts';
import { type Finding, type Found, locationWith, openFinding } from './find.ts';
import { type Click, insertClicks } from './keep.ts';

/** What the door knows of the one who follows a link. Address and agent are never stored. */
export type Follower = {
  agentClass: 'human' | 'bot' | 'preview' | 'unsure';
  agentName: string | null;
  referrerHost: string | null;
  country: string | null;
  /** By what visitors of an app are told apart for a day; null for who does not want to be counted so. */
  visitor: { address: string; agent: string } | null;
};

export type Followed =
  | { kind: 'unknown' }
  | { kind: 'expired'; fallbackUrl: string | null }
  | { kind: 'found'; location: string };

/** The daily hash of a visitor of an app at a moment; asked for once a batch. */
export type Visitors = () => Promise<
  (who: { address: string; agent: string; appId: string }, at: Date) => string | null
>;

export type Redirects = {
  /**
   * Follows a code, on the short domain it was asked for on (null: under /l/ of this server). Without a follower nothing
   * is counted.
   */
  follow(asked: { code: string; domain: string | null }, follower: Follower | null): Promise<Followed>;
  /** Whether a host is the short domain of a workspace. */
  isDomain(host: string): Promise<boolean>;
  /** Returns when no click waits to be stored. */
  rest(): Promise<void>;
};

/** Batches of different workspaces that are committed at the same time. */
const LANES = 2;
const LARGEST_BATCH = 500;
/** So many clicks may wait to be stored in one process. Beyond it people still arrive, uncounted, and the log says so. */
const MOST_WAITING = 10_000;
/** Whoever follows a link waits no longer than this for the click to be stored, in milliseconds. */
const PATIENCE = 300;

/** What became of a click. `changed`: its link is no longer as it was found, nothing was stored. */
type Kept = 'stored' | 'changed' | 'lost';

/**
 * The redirect door's way. A link that was followed before is not looked up again: the statement that stores its click
 * stores it only if the link is unchanged, and otherwise it is looked up anew. Clicks are gathered while a batch of their
 * workspace is being committed, as events are. The answer waits for the commit that holds its click, so a kill -9 loses no
 * click of anyone who was sent on, and the visit that follows finds its click; only when the database takes longer than
 * `PATIENCE` people are sent on first, to where the link last led, and a kill in that moment loses their clicks. While the
 * database is away people are sent to where the link last led, uncounted.
 */
export function openRedirects(world: World, visitors: Visitors): Redirects {
  const links = openFinding(world);
  let waiting = 0;
  let full = false;
  const clicks = gather<{ click: Click; answer(kept: Kept): void }>(
    { lanes: LANES, largest: LARGEST_BATCH },
    async (workspaceId, batch) => {
      const all = batch.map(({ click }) => click);
      const stored = await store(world, workspaceId, all, visitors);
      waiting -= batch.length;
      full &&= waiting > MOST_WAITING / 2;
      return () => {
        for (const { click, answer } of batch) answer(stored(click));
      };
    },
  );
  const keep = (click: Click): Promise<Kept> => {
    if (waiting >= MOST_WAITING) {
      if (!full) world.log.warn({ waiting }, 'Links are followed faster than clicks are stored; new ones go uncounted');
      full = true;
      return Promise.resolve('lost');
    }
    waiting++;
    return withPatience(new Promise((answer) => clicks.add(click.link.workspaceId, { click, answer })));
  };

  return {
    async follow({ code, domain }, follower) {
      const known = follower && links.remembered(code);
      const followed = known ? await settle(world, known, domain, follower, keep) : null;
      // That a link has ended, or is none here, is said of it only as it stands.
      return followed?.kind === 'found' ? followed : followAsItStands(world, links, code, domain, follower, keep);
    },
    async isDomain(host) {
      const { rows } = await world.db.pool.query('select 1 from workspaces where link_domain = $1', [host]);
      return rows.length > 0;
    },
    rest: () => clicks.rest(),
  };
}

/** Follows a link by itself, the click stored before the answer and told apart from no other visitor. */
export async function followLink(world: World, code: string, follower: Follower | null): Promise<Followed> {
  const nobody: Visitors = async () => () => null;
  const keep = async (click: Click) => (await store(world, click.link.workspaceId, [click], nobody))(click);
  return followAsItStands(world, openFinding(world), code, null, follower, keep);
}

/** Whoever changes a link again and again in that very moment is not waited for for ever. */
const TRIES = 5;

async function followAsItStands(
  world: World,
  links: Finding,
  code: string,
  domain: string | null,
  follower: Follower | null,
  keep: (click: Click) => Promise<Kept>,
): Promise<Followed> {
  for (let tries = 1; ; tries++) {
    const link = await links.find(code).catch((error: unknown) => {
      const last = links.remembered(code);
      if (!last) throw error;
      world.log.error({ err: error }, 'The database is away: a link is followed as it last was, uncounted');
      follower = null;
      return last;
    });
    const followed = await settle(world, link, domain, tries < TRIES ? follower : null, keep);
    if (followed) return followed;
  }
}

/** Null = the link has changed meanwhile. */
async function settle(
  world: World,
  link: Found | null,
  domain: string | null,
  follower: Follower | null,
  keep: (click: Click) => Promise<Kept>,
): Promise<Followed | null> {
  // On a short domain only the codes of its own workspace lead anywhere.
  if (!link || (domain !== null && link.linkDomain !== domain)) return { kind: 'unknown' };
  const at = world.clock.now();
  if (link.expiresAt && link.expiresAt <= at) return { kind: 'expired', fallbackUrl: link.fallbackUrl };
  if (!follower) return { kind: 'found', location: locationOf(link, null) };
  const id = randomUUID();
  const kept = await keep({ id, at, link, domain, follower });
  if (kept === 'changed') return null;
  return { kind: 'found', location: kept === 'stored' ? locationWith(link, id) : locationOf(link, null) };
}

/** What became of the click, or that it may yet be stored when that took too long. */
function withPatience(kept: Promise<Kept>): Promise<Kept> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve('stored'), PATIENCE);
    void kept.then((answer) => {
      clearTimeout(timer);
      resolve(answer);
    });
  });
}

/** Never throws: whoever follows a link wants to arrive, and a click that cannot be stored must not stop them. */
async function store(
  world: World,
  workspaceId: string,
  clicks: readonly Click[],
  visitors: Visitors,
): Promise<(click: Click) => Kept> {
  try {
    const visitorOf = await visitors();
    const hash = ({ link, at, follower: { visitor } }: Click) =>
      visitor && visitorOf({ ...visitor, appId: link.appId }, at);
    const stored = await world.db.line(workspaceId, null, ({ ask }) => insertClicks(ask, workspaceId, clicks, hash));
    return ({ id }) => (stored.has(id) ? 'stored' : 'changed');
  } catch (error) {
    world.log.error({ err: error, clicks: clicks.length }, 'Clicks could not be counted');
    return () => 'lost';
  }
}
