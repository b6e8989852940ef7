import { Temporal } from 'temporal-polyfill';
import { type Context, transaction } from '#src/context.ts';
import { followLink } from '#src/distribute/links.ts';
import type { BrowserEvent } from '#src/measure/events/body.ts';
import { saltsFor } from '#src/measure/events/salts.ts';
import { sendEvents } from '#src/measure/events/server.ts';
import { type Draft, prepare } from '#src/measure/events/steps.ts';
import { storeAtOnce } from '#src/measure/events/store.ts';
import { trackingOf } from '#src/measure/events/tracking.ts';
import { BOTS, BROWSERS, FADES, HOURS, LEFT, originsOf, usualVisitors, visitsOf } from './audience.ts';
import { type Chance, chances } from './chance.ts';
import type { Planned } from './plan.ts';
import type { LivePost } from './publishing.ts';
import type { Guests } from './reach.ts';
import { APP_URL } from './site.ts';
import { each, type Story, worldAt } from './story.ts';

/** One in so many visitors signs up. */
const SIGN_UP = 0.0138;

/** `chance` decides what becomes of them. */
export type Signup = { person: string; at: Date; chance: Chance };
type SignedUp = Signup & { id: string; visitor: Visitor };

type Visitor = {
  id: string;
  chance: Chance;
  at: Date;
  /** Where they land; of a tracked link it is known once they followed it. */
  landing: string;
  link: string | null;
  referrer: string | null;
  agent: string;
  /** Against the usual share. */
  signups: number;
};

/** So many events are stored at once: a day or two lately, weeks in the beginning. */
const AT_ONCE = 900;

/**
 * The visitors of each day: they follow links, look at pages, and some sign up; told to the same verbs that the doors
 * call. `day` returns who signed up; what is gathered is stored at the latest by `flush`.
 */
export function openVisits(story: Story, planned: Planned) {
  const { chance } = story;
  // With chances of their own: another affiliate leaves the rest of the story as it was.
  const aside: Story = { ...story, chance: chances(21) };
  const known: string[] = [];
  let people = 0;
  let events: Told[] = [];
  let signups: SignedUp[] = [];

  let storing = Promise.resolve();

  /** Stores what is gathered, while the story goes on. */
  const begin = () => {
    const at = story.context.clock.now();
    const context = { ...story.context, clock: { now: () => at } };
    const [told, signed] = [events, signups];
    [events, signups] = [[], []];
    storing = storing.then(async () => {
      await store(context, planned, told);
      await tellServer(context, planned, signed);
    });
    storing.catch(() => undefined); // flush throws it
  };

  return {
    async day(ago: number, live: readonly LivePost[], guests: readonly Guests[]): Promise<Signup[]> {
      const end = ago === 0 ? story.now : story.momentOf(ago - 1, '00:00');
      const visitors = [
        ...usual(story, ago, known),
        ...fromPosts(story, ago, live),
        ...guests.flatMap((some) => fromElsewhere(aside, ago, some)),
      ].filter(({ at }) => at < end);
      await each(
        visitors.filter(({ link }) => link !== null),
        6,
        (visitor) => follow(story, visitor),
      );
      const today: Told[] = [];
      const fresh: SignedUp[] = [];
      for (const visitor of visitors) {
        const signsUp = visitor.chance.happens(SIGN_UP * visitor.signups);
        const last = look(planned, visitor, signsUp, today);
        if (signsUp && last < end) fresh.push(signedUp(visitor, last, ++people));
        if (visitor.chance === chance && chance.happens(0.3)) known.push(visitor.id);
      }
      for (const agent of BOTS)
        if (chance.happens(0.5))
          today.push({ at: story.momentOf(ago, '04:10'), agent, body: event(planned, chance.uuid(), APP_URL, null) });
      events.push(...today.filter(({ at }) => at < end));
      signups.push(...fresh);
      story.at(end);
      if (events.length >= AT_ONCE) begin();
      return fresh;
    },
    async flush(): Promise<void> {
      begin();
      await storing;
    },
  };
}

function usual(story: Story, ago: number, known: readonly string[]): Visitor[] {
  const { chance } = story;
  const weekday = Temporal.PlainDate.from(story.dayOf(ago)).dayOfWeek;
  const count = chance.about(usualVisitors(ago, weekday) * chance.between(0.88, 1.12));
  const origins = originsOf(ago);
  return Array.from({ length: count }, () => {
    const origin = chance.pick(origins);
    const page = chance.pick(origin.entries);
    const back = known.length > 40 && chance.happens(0.1) ? known[Math.floor(chance.next() * known.length)] : undefined;
    return {
      id: back ?? chance.uuid(),
      chance,
      at: momentIn(story, ago),
      landing: `${APP_URL}${page.slice(1)}${origin.tags}`,
      link: null,
      referrer: origin.referrer,
      agent: chance.pick(BROWSERS.desk),
      signups: page === LEFT ? 0.05 : origin.signups,
    };
  });
}

function fromPosts(story: Story, ago: number, live: readonly LivePost[]): Visitor[] {
  const { chance } = story;
  return live.flatMap(({ post, link, publishedAt }) => {
    const age = post.ago - ago;
    const count = link === null ? 0 : chance.about(visitsOf(post) * (FADES[age] ?? 0) * chance.between(0.92, 1.08));
    return Array.from({ length: count }, () => ({
      id: chance.uuid(),
      chance,
      at: age === 0 ? new Date(publishedAt.getTime() + 60_000 + chance.waits(3.5 * 3_600_000)) : momentIn(story, ago),
      landing: '',
      link,
      referrer: chance.happens(0.85) ? 'https://t.co/' : null,
      agent: chance.pick(BROWSERS.phone),
      signups: post.campaign === 'guide' ? 1.6 : post.campaign === null ? 0.6 : 1.15,
    }));
  });
}

function fromElsewhere(story: Story, ago: number, { link, referrer, from, signups, usual }: Guests): Visitor[] {
  const { chance } = story;
  return Array.from({ length: chance.about(usual(ago)) }, () => ({
    id: chance.uuid(),
    chance,
    at: momentIn(story, ago),
    landing: '',
    link,
    referrer,
    agent: chance.pick(BROWSERS[from]),
    signups,
  }));
}

function signedUp(visitor: Visitor, at: Date, number: number): SignedUp {
  const { chance } = visitor;
  return { id: chance.uuid(), person: `u_${String(number).padStart(4, '0')}`, at, visitor, chance };
}

function momentIn(story: Story, ago: number): Date {
  const hour = story.chance.pick(HOURS);
  const start = story.momentOf(ago, `${String(hour).padStart(2, '0')}:00`);
  return new Date(start.getTime() + Math.floor(story.chance.next() * 3_600_000));
}

async function follow(story: Story, visitor: Visitor): Promise<void> {
  const followed = await followLink(worldAt(story.world, visitor.at), visitor.link ?? '', {
    agentClass: 'human',
    agentName: null,
    referrerHost: visitor.referrer === null ? null : new URL(visitor.referrer).host,
    country: null,
    visitor: null,
  });
  if (followed.kind !== 'found') throw new Error(`The link ${visitor.link} leads nowhere.`);
  visitor.landing = followed.location;
}

type Told = { at: Date; agent: string; body: BrowserEvent };

/** The pages of a visit, and the signup at its end. Returns when it ended. */
function look(planned: Planned, visitor: Visitor, signsUp: boolean, events: Told[]): Date {
  const { at, agent, id, referrer, chance } = visitor;
  let moment = at;
  const tell = (url: string, from: string | null, kind?: string) =>
    events.push({ at: moment, agent, body: event(planned, id, url, from, { kind, eventId: chance.uuid() }) });
  tell(visitor.landing, referrer);
  const more = signsUp
    ? 2
    : chance.pick([
        [71, 0],
        [18, 1],
        [8, 2],
        [3, 3],
      ] as const);
  for (let page = 0; page < more; page++) {
    moment = new Date(moment.getTime() + Math.floor(chance.between(15_000, 150_000)));
    tell(
      `${APP_URL}${chance.pick([
        [40, 'pricing'],
        [36, 'features'],
        [14, ''],
        [10, 'about'],
      ] as const)}`,
      APP_URL,
    );
  }
  if (signsUp) {
    moment = new Date(moment.getTime() + 90_000);
    tell(`${APP_URL}start`, APP_URL);
    moment = new Date(moment.getTime() + 45_000);
    tell(`${APP_URL}start`, APP_URL, 'signup');
  }
  return moment;
}

function event(
  planned: Planned,
  visitor: string,
  url: string,
  referrer: string | null,
  more: { kind?: string | undefined; eventId?: string } = {},
): BrowserEvent {
  const { kind = 'pageview', eventId = visitor } = more;
  return {
    app: planned.publicKey,
    id: eventId,
    kind,
    url,
    referrer,
    props: null,
    width: null,
    visitor,
    zone: zoneOf(visitor),
    automated: false,
    revenue: null,
  };
}

/** Where indie hackers' readers live, as often as they do. */
const ZONES = Object.entries({
  'America/New_York': 22,
  'Europe/Berlin': 16,
  'Europe/London': 12,
  'America/Los_Angeles': 12,
  'Asia/Kolkata': 9,
  'America/Toronto': 6,
  'Europe/Paris': 6,
  'America/Sao_Paulo': 5,
  'Australia/Sydney': 4,
  'Europe/Amsterdam': 4,
  'Asia/Tokyo': 4,
}).flatMap(([zone, times]) => Array<string>(times).fill(zone));

/** A visitor's browser is always in the same zone. */
function zoneOf(visitor: string): string | null {
  const digits = visitor.replaceAll(/[^0-9a-f]/g, '').slice(0, 8);
  return ZONES[Number.parseInt(digits || '0', 16) % ZONES.length] ?? null;
}

/** Events in one transaction, through the steps of the intake: there they would come one by one, as they happen. */
async function store(context: Context, { appId }: Planned, events: readonly Told[]): Promise<void> {
  await transaction(context, async (inside) => {
    const salts = await saltsFor(inside.tx, inside.clock.now());
    const tracking = (await trackingOf(inside, [appId])).get(appId);
    if (!tracking) throw new Error('The demo’s app is not there.');
    const drafts: Draft[] = [...events]
      .sort((a, b) => a.at.getTime() - b.at.getTime())
      .map(({ at, agent, body }) => {
        const silent = {
          address: null,
          acceptLanguage: 'en',
          proxyCountry: null,
          doNotTrack: false,
          privacyControl: false,
        };
        const prepared = prepare({ ...silent, body, userAgent: agent, at }, { tracking, salts, geoDatabase: null });
        if (!prepared.ok) throw new Error(`An event of the demo was refused: ${prepared.reason}.`);
        return prepared.draft;
      });
    await storeAtOnce(inside, drafts);
  });
}

/** What the app's own server says of a signup: who it was, and the click they came with. */
async function tellServer(context: Context, { appId }: Planned, signups: readonly SignedUp[]) {
  if (signups.length === 0) return;
  await sendEvents(context, {
    appId,
    events: signups.map(({ id, person, at, visitor }) => ({
      id,
      kind: 'signup',
      person,
      email: `${person}@mail.example`,
      visitor: visitor.id,
      occurredAt: new Date(at.getTime() + 2000),
      ...clickIn(visitor.landing),
    })),
  });
}

function clickIn(landing: string): { ff?: string } {
  const ff = new URL(landing).searchParams.get('ff');
  return ff === null ? {} : { ff };
}
