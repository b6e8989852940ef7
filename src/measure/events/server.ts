import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { type Context, type Inside, transaction } from '#src/context.ts';
import { askOf } from '#src/db/client.ts';
import { keepTold, tellsHow } from '#src/measure/attribution/told.ts';
import { convert, type Happening, reopenConversions } from '#src/measure/conversions.ts';
import { kind, props, storable } from '#src/measure/events/body.ts';
import { countRefusals } from '#src/measure/events/refusals.ts';
import type { EventRefusal } from '#src/measure/events/steps.ts';
import { claim, noteFirstEvents, waitForTurn } from '#src/measure/events/store.ts';
import { clicksOf } from '#src/measure/events/visits.ts';
import {
  customerBehind,
  customerOfPerson,
  describeCustomer,
  emailHash,
  linkIdentity,
} from '#src/measure/identities.ts';
import { unite } from '#src/measure/revenue/joining.ts';
import { countTold } from '#src/measure/rollups/told.ts';
import { addChanges } from '#src/measure/rollups.ts';
import { id, instant, operation } from '#src/operation.ts';
import { appOf } from '#src/understand/apps.ts';

const AHEAD = 5 * 60_000;
const BACK = 366 * 86_400_000;

/** An event as the app's own server tells it. */
export const serverEvent = z.strictObject({
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

/** What became of one event of a batch, by its place in it. A duplicate is stored already. */
export type Sent = { index: number; id: string } & (
  | { outcome: 'stored' | 'duplicate' }
  | { outcome: 'refused'; reason: string; message: string }
);

/**
 * Takes in what the app's own server tells: signups, trials, goals, anything worth counting. An event with an id is
 * counted once however often it is sent. With the app's user id (`person`) and the click id the visitor arrived with
 * (`ff`), later payments lead back to the post. An e-mail address is turned into a hash at once and not kept. Only who
 * has a key may date an event back, by a year at most. Answers for each event in the order given, after the commit.
 */
export async function sendEvents(
  context: Context,
  { appId, events }: { appId: string; events: readonly ServerEvent[] },
): Promise<Sent[]> {
  return transaction(context, async (inside) => {
    await appOf(inside, appId);
    await waitForTurn(inside);
    const now = inside.clock.now();
    const checked = events.map((event, index) => ({
      index,
      event,
      appId,
      id: (event.id ?? randomUUID()).toLowerCase(),
      at: event.occurredAt ?? now,
      reason: whyNot(event.occurredAt ?? now, now),
    }));
    const refused = checked.flatMap(({ reason }) => (reason ? [{ appId, reason }] : []));
    await countRefusals(askOf(inside.tx), inside.workspaceId, now, refused);
    const wanted = checked.filter(({ reason }) => reason === null);
    // The first of those with the same id is the one that counts.
    const each = [...new Map(wanted.toReversed().map((one) => [one.id, one])).values()].toReversed();
    const fresh = each.length === 0 ? [] : await claim(inside, each);
    if (fresh.length > 0) await store(inside, appId, fresh);
    const stored = new Set(fresh);
    return checked.map((one) => {
      const { index, id: eventId, reason } = one;
      if (reason) return { index, id: eventId, outcome: 'refused', reason, message: words[reason] };
      return { index, id: eventId, outcome: stored.has(one) ? 'stored' : 'duplicate' };
    });
  });
}

/** The same for events not yet looked at: one that cannot be read is refused alone, with what is wrong with it. */
async function sendBatch(
  context: Context,
  { appId, events }: { appId: string; events: readonly unknown[] },
): Promise<Sent[]> {
  const read = events.map((event, index) => ({ index, parsed: serverEvent.safeParse(event) }));
  const good = read.flatMap(({ index, parsed }) => (parsed.success ? [{ index, event: parsed.data }] : []));
  const bad = read.flatMap(({ index, parsed }): Sent[] => {
    if (parsed.success) return [];
    const issue = parsed.error.issues[0];
    const message = `${issue?.path.join('.') || 'The event'}: ${issue?.message ?? 'It cannot be read.'}`;
    return [{ index, id: idOf(events[index]), outcome: 'refused', reason: 'malformed', message }];
  });
  return transaction(context, async (inside) => {
    await appOf(inside, appId);
    const sent = good.length === 0 ? [] : await sendEvents(inside, { appId, events: good.map(({ event }) => event) });
    const refused = bad.map(() => ({ appId, reason: 'malformed' as const }));
    await countRefusals(askOf(inside.tx), inside.workspaceId, inside.clock.now(), refused);
    return [...sent.map((one) => ({ ...one, index: good[one.index]?.index ?? one.index })), ...bad].sort(
      (a, b) => a.index - b.index,
    );
  });
}

function idOf(event: unknown): string {
  const given = typeof event === 'object' && event !== null && 'id' in event ? event.id : null;
  return typeof given === 'string' ? given.slice(0, 100) : '';
}

function summed(sent: readonly Sent[]) {
  const count = (outcome: Sent['outcome']) => sent.filter((one) => one.outcome === outcome).length;
  return { stored: count('stored'), duplicates: count('duplicate') };
}

type Fresh = { event: ServerEvent; appId: string; id: string; at: Date };

async function store(inside: Inside, appId: string, fresh: readonly Fresh[]): Promise<void> {
  const clickIds = [...new Set(fresh.flatMap(({ event }) => event.ff?.toLowerCase() ?? []))];
  const clicks = await clicksOf(askOf(inside.tx), inside.workspaceId, clickIds);
  const visits = await visitsOfClicks(inside, appId, clickIds);
  const happenings: Happening[] = [];
  for (const { event, id: eventId, at } of fresh) {
    const ff = event.ff?.toLowerCase();
    const click = ff && clicks.get(ff)?.appId === appId ? ff : null;
    const visit = click ? (visits.get(click) ?? null) : null;
    const visitor = event.visitor === undefined ? (visit?.visitor ?? null) : `id:${event.visitor}`;
    const customerId = event.person ? await identify(inside, appId, event, { at, eventId, click, visitor }) : undefined;
    const said = event.props ?? {};
    if (customerId && tellsHow(said) && (await keepTold(inside, { appId, customerId, visitor, at, said, eventId })))
      await reopenConversions(inside, customerId);
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
        // With a visit the visit knows who it was.
        visitor: happenings[index]?.visit ? null : (happenings[index]?.visitor ?? null),
        visitId: happenings[index]?.visit?.id ?? null,
        person: event.person ?? null,
        path: event.path ?? null,
        props: event.props && Object.keys(event.props).length > 0 ? JSON.stringify(event.props) : null,
        valueMinor: event.value?.minor ?? null,
        currency: event.value?.currency ?? null,
        origin: 'server' as const,
        receivedAt: inside.clock.now(),
      })),
    )
    .execute();
  await countTold(inside, happenings);
  await convert(inside, happenings);
  await addChanges(inside);
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
    .select(['id', 'visitor', 'clickId', 'source', 'medium', 'channel', 'entryPath', 'host', 'referrerHost', 'postId'])
    .select(['utmCampaign', 'utmContent', 'utmTerm', 'device', 'country', 'browser', 'system'])
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

const summary = { stored: z.int(), duplicates: z.int() };
const appAndEvents = z.strictObject({ appId: id, events: z.array(serverEvent).min(1).max(1000) });

export const eventOperations = {
  send: operation({
    summary: 'Send an event, or up to 1,000, from your server: signups, trials, anything worth counting.',
    route: 'POST /events',
    access: 'write',
    scope: 'events',
    input: appAndEvents,
    output: z.object({
      ...summary,
      refused: z.array(z.object({ index: z.int(), reason: z.string(), message: z.string() })),
    }),
    run: async (context, input) => {
      const sent = await sendEvents(context, input);
      const refused = sent.flatMap((one) =>
        one.outcome === 'refused' ? [{ index: one.index, reason: one.reason, message: one.message }] : [],
      );
      return { ...summed(sent), refused };
    },
  }),
  sendBatch: operation({
    summary:
      'Send up to 1,000 events from your server, each answered by itself: one that is wrong does not stop the others.',
    route: 'POST /events/batch',
    access: 'write',
    scope: 'events',
    input: z.strictObject({
      appId: id,
      events: z.array(z.record(z.string(), z.unknown())).min(1).max(1000).describe('Each as in events.send.'),
    }),
    output: z.object({
      ...summary,
      refused: z.int(),
      events: z.array(
        z.object({
          index: z.int(),
          id: z.string(),
          outcome: z.enum(['stored', 'duplicate', 'refused']),
          reason: z.string().optional(),
          message: z.string().optional(),
        }),
      ),
    }),
    run: async (context, input) => {
      const sent = await sendBatch(context, input);
      const { stored, duplicates } = summed(sent);
      return { stored, duplicates, refused: sent.length - stored - duplicates, events: sent };
    },
  }),
};
