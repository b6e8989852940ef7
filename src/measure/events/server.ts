import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { type Context, type Inside, transaction } from '#src/context.ts';
import { convert, type Happening, reopenConversions } from '#src/measure/conversions.ts';
import { countRefusals } from '#src/measure/events/refusals.ts';
import { type EventRefusal, kind, props, storable } from '#src/measure/events/steps.ts';
import { claim, noteFirstEvents, oneAtATime } from '#src/measure/events/store.ts';
import { clicksOf } from '#src/measure/events/visits.ts';
import {
  customerBehind,
  customerOfPerson,
  describeCustomer,
  emailHash,
  linkIdentity,
} from '#src/measure/identities.ts';
import { unite } from '#src/measure/revenue/joining.ts';
import { id, instant, operation } from '#src/operation.ts';
import { appOf } from '#src/understand/apps.ts';

const AHEAD = 5 * 60_000;
const BACK = 366 * 86_400_000;

const serverEvent = z.strictObject({
  id: z.guid().optional(),
  kind,
  person: storable(200).pipe(z.string().trim().min(1)).optional(),
  email: z.email().max(320).optional(),
  visitor: storable(64).pipe(z.string().min(1)).optional(),
  ff: z.guid().optional(),
  occurredAt: instant.optional(),
  value: z
    .strictObject({ minor: z.string().regex(/^-?\d{1,18}$/), currency: z.string().regex(/^[A-Z]{3}$/) })
    .optional(),
  path: storable(1000).optional(),
  props: props.optional(),
});
type ServerEvent = z.output<typeof serverEvent>;

/**
 * Takes in what the app's own server tells: signups, trials, goals, anything worth counting. An event with an id is
 * counted once however often it is sent. With the app's user id (`person`) and the click id the visitor arrived with
 * (`ff`), later payments lead back to the post. An e-mail address is turned into a hash at once and not kept.
 */
export async function sendEvents(
  context: Context,
  { appId, events }: { appId: string; events: ServerEvent[] },
): Promise<{ stored: number; duplicates: number; refused: { index: number; reason: string; message: string }[] }> {
  return transaction(context, async (inside) => {
    await appOf(inside, appId);
    await oneAtATime(inside);
    const now = inside.clock.now();
    const checked = events.map((event, index) => ({
      index,
      event,
      appId,
      id: (event.id ?? randomUUID()).toLowerCase(),
      at: event.occurredAt ?? now,
      reason: whyNot(event.occurredAt ?? now, now),
    }));
    const refused = checked.flatMap(({ index, reason }) => (reason ? [{ index, reason, message: words[reason] }] : []));
    await countRefusals(
      inside,
      refused.map(({ reason }) => ({ appId, reason })),
    );
    const wanted = checked.filter(({ reason }) => reason === null);
    const fresh = wanted.length === 0 ? [] : await claim(inside, wanted);
    if (fresh.length > 0) await store(inside, appId, fresh);
    return { stored: fresh.length, duplicates: wanted.length - fresh.length, refused };
  });
}

type Fresh = { event: ServerEvent; appId: string; id: string; at: Date };

async function store(inside: Inside, appId: string, fresh: readonly Fresh[]): Promise<void> {
  const clickIds = [...new Set(fresh.flatMap(({ event }) => event.ff?.toLowerCase() ?? []))];
  const clicks = await clicksOf(inside, clickIds);
  const visits = await visitsOfClicks(inside, appId, clickIds);
  const happenings: Happening[] = [];
  for (const { event, id: eventId, at } of fresh) {
    const ff = event.ff?.toLowerCase();
    const click = ff && clicks.get(ff)?.appId === appId ? ff : null;
    const visit = click ? (visits.get(click) ?? null) : null;
    const visitor = event.visitor === undefined ? (visit?.visitor ?? null) : `id:${event.visitor}`;
    const customerId = event.person ? await identify(inside, appId, event, { at, eventId, click, visitor }) : undefined;
    happenings.push({
      id: eventId,
      appId,
      kind: event.kind,
      at,
      path: event.path ?? null,
      person: event.person ?? null,
      ...(customerId ? { customerId } : {}),
      visitor,
      visit,
      value: event.value ? { minor: BigInt(event.value.minor), currency: event.value.currency } : null,
    });
  }
  await inside.tx
    .insertInto('events')
    .values(
      fresh.map(({ event, id: eventId, at }, index) => ({
        workspaceId: inside.workspaceId,
        id: eventId,
        occurredAt: at,
        appId,
        kind: event.kind,
        visitor: happenings[index]?.visitor ?? null,
        visitId: happenings[index]?.visit?.id ?? null,
        person: event.person ?? null,
        path: event.path ?? null,
        props: JSON.stringify(event.props ?? {}),
        valueMinor: event.value?.minor ?? null,
        currency: event.value?.currency ?? null,
        origin: 'server' as const,
        receivedAt: inside.clock.now(),
      })),
    )
    .execute();
  await convert(inside, happenings);
  await noteFirstEvents(inside, fresh);
}

/** Writes down who this person is: by the click they came with, by the visitor they were, by their address. */
async function identify(
  inside: Inside,
  appId: string,
  event: ServerEvent,
  known: { at: Date; eventId: string; click: string | null; visitor: string | null },
): Promise<string> {
  const person = event.person ?? '';
  const customerId = await customerOfPerson(inside, { appId, person, seenAt: known.at, grade: 'server_event' });
  const evidence = { event: known.eventId };
  const link = (kind: 'click' | 'visitor' | 'email_hash', value: string, grade: 'click_id' | 'server_event') =>
    linkIdentity(inside, { appId, customerId, kind, value, grade, evidence });
  const newClick = known.click !== null && (await link('click', known.click, 'click_id'));
  const newVisitor =
    known.visitor !== null && (await link('visitor', known.visitor, known.click ? 'click_id' : 'server_event'));
  if (newClick || newVisitor) await reopenConversions(inside, customerId);
  if (event.email) {
    const hash = emailHash(inside, event.email);
    const payer = await customerBehind(inside, appId, 'email_hash', hash);
    if (payer !== null && payer !== customerId && (await unite(inside, payer, customerId)))
      await reopenConversions(inside, customerId);
    await link('email_hash', hash, 'server_event');
    await describeCustomer(inside, customerId, { emailHash: hash });
  }
  return customerId;
}

async function visitsOfClicks({ tx }: Inside, appId: string, clickIds: string[]) {
  if (clickIds.length === 0) return new Map();
  const rows = await tx
    .selectFrom('visits')
    .select(['id', 'visitor', 'clickId', 'source', 'channel', 'device', 'country', 'utmCampaign', 'postId'])
    .where('appId', '=', appId)
    .where('clickId', 'in', clickIds)
    .orderBy('startedAt', 'desc')
    .execute();
  // The first visit of a click is the one that counts: whoever followed it later was shown the link.
  return new Map(rows.map((row) => [row.clickId ?? '', row]));
}

function whyNot(at: Date, now: Date): 'in_the_future' | 'too_old' | null {
  if (at.getTime() > now.getTime() + AHEAD) return 'in_the_future';
  return at.getTime() < now.getTime() - BACK ? 'too_old' : null;
}

const words: Record<Extract<EventRefusal, 'in_the_future' | 'too_old'>, string> = {
  in_the_future: 'It is dated more than five minutes ahead. Check the clock of the sender.',
  too_old: 'It is dated more than a year back.',
};

export const eventOperations = {
  send: operation({
    summary: 'Send up to 1,000 events from your server: signups, trials, anything worth counting.',
    route: 'POST /events',
    access: 'write',
    scope: 'events',
    input: z.strictObject({ appId: id, events: z.array(serverEvent).min(1).max(1000) }),
    output: z.object({
      stored: z.int(),
      duplicates: z.int(),
      refused: z.array(z.object({ index: z.int(), reason: z.string(), message: z.string() })),
    }),
    run: sendEvents,
  }),
};
