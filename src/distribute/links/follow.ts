import { randomUUID } from 'node:crypto';
import { asSystem, type Inside, transaction, type World } from '#src/context.ts';
import { type Leads, locationOf } from './address.ts';

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

/** The daily hash of a visitor of an app at a moment; asked for once a batch, in its transaction. */
export type Visitors = (
  inside: Inside,
) => Promise<(who: { address: string; agent: string; appId: string }, at: Date) => string | null>;

export type Redirects = {
  /** Follows a code, on the short domain it was asked for on (null: under /l/ of this server). */
  follow(asked: { code: string; domain: string | null }, follower: Follower | null): Promise<Followed>;
  /** Whether a host is the short domain of a workspace. */
  isDomain(host: string): Promise<boolean>;
};

/** Batches of different workspaces that are committed at the same time. */
const LANES = 2;
const LARGEST_BATCH = 500;
/** So many clicks may wait to be stored in one process. Beyond it people still arrive, uncounted, and the log says so. */
const MOST_WAITING = 10_000;
/** Whoever follows a link waits no longer than this for the click to be stored, in milliseconds. */
const PATIENCE = 300;

type Click = {
  id: string;
  at: Date;
  link: Found;
  follower: Follower;
};
type Found = Leads & {
  workspaceId: string;
  linkId: string;
  appId: string;
  postId: string | null;
  fallbackUrl: string | null;
  expiresAt: Date | null;
};

/**
 * The redirect door's way: one lookup by primary key, outside of any transaction, and clicks that are gathered while a
 * batch of their workspace is being committed, as events are. The answer waits for the commit that holds its click, so
 * a kill -9 loses no click of anyone who was sent on, and the visit that follows finds its click; only when the
 * database takes longer than `PATIENCE` people are sent on first, and a kill in that moment loses their clicks.
 */
export function openRedirects(world: World, visitors: Visitors): Redirects {
  let waiting = 0;
  let full = false;
  const queues = new Map<string, { click: Click; answer(stored: boolean): void }[]>();
  const busy = new Set<string>();

  const work = async (workspaceId: string) => {
    busy.add(workspaceId);
    for (;;) {
      const batch = queues.get(workspaceId)?.splice(0, LARGEST_BATCH) ?? [];
      if (batch.length === 0) break;
      const stored = await store(
        world,
        workspaceId,
        batch.map((one) => one.click),
        visitors,
      );
      waiting -= batch.length;
      for (const one of batch) one.answer(stored);
    }
    full &&= waiting > MOST_WAITING / 2;
    busy.delete(workspaceId);
    queues.delete(workspaceId);
    start();
  };
  const start = () => {
    for (const [workspaceId, queue] of queues) {
      if (busy.size >= LANES) return;
      if (queue.length > 0 && !busy.has(workspaceId)) void work(workspaceId);
    }
  };
  const keep = (click: Click): Promise<boolean> => {
    if (waiting >= MOST_WAITING) {
      if (!full) world.log.warn({ waiting }, 'Links are followed faster than clicks are stored; new ones go uncounted');
      full = true;
      return Promise.resolve(false);
    }
    waiting++;
    return new Promise((answer) => {
      const queue = queues.get(click.link.workspaceId) ?? [];
      queue.push({ click, answer });
      queues.set(click.link.workspaceId, queue);
      start();
    });
  };

  return {
    async follow({ code, domain }, follower) {
      const link = domain === null ? await byCode(world, code) : await byDomain(world, domain, code);
      return settle(world, link, follower, (click) => withPatience(keep(click)));
    },
    async isDomain(host) {
      const { rows } = await world.db.pool.query('select 1 from workspaces where link_domain = $1', [host]);
      return rows.length > 0;
    },
  };
}

/** Follows a link by itself, the click stored before the answer and told apart from no other visitor. */
export async function followLink(world: World, code: string, follower: Follower | null): Promise<Followed> {
  const nobody: Visitors = async () => () => null;
  return settle(world, await byCode(world, code), follower, (click) =>
    store(world, click.link.workspaceId, [click], nobody),
  );
}

async function settle(
  world: World,
  link: Found | null,
  follower: Follower | null,
  keep: (click: Click) => Promise<boolean>,
): Promise<Followed> {
  if (!link) return { kind: 'unknown' };
  const at = world.clock.now();
  if (link.expiresAt && link.expiresAt <= at) return { kind: 'expired', fallbackUrl: link.fallbackUrl };
  if (!follower) return { kind: 'found', location: locationOf(link, null) };
  const id = randomUUID();
  const stored = await keep({ id, at, link, follower });
  return { kind: 'found', location: locationOf(link, stored ? id : null) };
}

/** Whether the click was stored, or may yet be when it took too long. */
function withPatience(stored: Promise<boolean>): Promise<boolean> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve(true), PATIENCE);
    void stored.then((answer) => {
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
): Promise<boolean> {
  try {
    await transaction(asSystem(world, workspaceId, 'link'), async (inside) => {
      const visitorOf = await visitors(inside);
      await inside.tx
        .insertInto('clicks')
        .values(
          clicks.map(({ id, at, link, follower: { visitor, ...follower } }) => ({
            workspaceId,
            id,
            occurredAt: at,
            linkId: link.linkId,
            appId: link.appId,
            postId: link.postId,
            ...follower,
            visitor: visitor && visitorOf({ ...visitor, appId: link.appId }, at),
          })),
        )
        .execute();
    });
    return true;
  } catch (error) {
    world.log.error({ err: error, clicks: clicks.length }, 'Clicks could not be counted');
    return false;
  }
}

const COLUMNS = `code.workspace_id as "workspaceId", code.link_id as "linkId", code.app_id as "appId",
  code.post_id as "postId", code.destination, code.fallback_url as "fallbackUrl", code.expires_at as "expiresAt",
  code.utm_source as "utmSource", code.utm_medium as "utmMedium", code.utm_campaign as "utmCampaign",
  code.utm_content as "utmContent", code.utm_term as "utmTerm"`;

/** One message to the database and one answer: these tables are shared, so no workspace has to be set. */
async function byCode({ db }: World, code: string): Promise<Found | null> {
  const { rows } = await db.pool.query<Found>(`select ${COLUMNS} from link_codes code where code.code = $1`, [code]);
  return rows[0] ?? null;
}

/** On a short domain only the codes of its own workspace lead anywhere. */
async function byDomain({ db }: World, domain: string, code: string): Promise<Found | null> {
  const { rows } = await db.pool.query<Found>(
    `select ${COLUMNS} from link_codes code join workspaces own on own.id = code.workspace_id
     where code.code = $1 and own.link_domain = $2`,
    [code, domain],
  );
  return rows[0] ?? null;
}
