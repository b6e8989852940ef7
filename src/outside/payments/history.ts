import { createHash } from 'node:crypto';
import { z } from 'zod';
import { usualFailure } from '#src/outside/failures.ts';
import { callApi, isNoAnswer } from '#src/outside/http.ts';
import type { Outcome } from '#src/outside/platform.ts';
import { type HistoryCall, type HistoryEvent, type HistoryPage, type MoneyFact, UnreadableEvent } from './payment.ts';

/**
 * An object of the API as an event. Its id is made of what it says to us, so that the same state comes in once however
 * often it is read, and addresses that are signed anew each time do not matter. With `standing` the time is that of
 * the reading, not of the object, and does not count as a difference.
 */
export function historyEvent(
  translate: (event: unknown) => MoneyFact[],
  event: { type: string; objectId: string; occurredAt: Date; livemode: boolean; body: unknown; standing?: true },
): HistoryEvent {
  // Back into the form of the wire: whoever asked may have made moments of some fields.
  const body = JSON.stringify(event.body);
  const digest = createHash('sha256')
    .update(meaningOf(translate, body, event.standing === true))
    .digest('hex')
    .slice(0, 20);
  return {
    eventId: `history:${event.type}:${event.objectId}:${digest}`,
    type: event.type,
    occurredAt: event.occurredAt,
    livemode: event.livemode,
    body,
  };
}

/** What cannot be read is kept all the same, known by its text, and waits like any event for an update that can. */
function meaningOf(translate: (event: unknown) => MoneyFact[], body: string, standing: boolean): string {
  try {
    return JSON.stringify(translate(JSON.parse(body)), (key, value: unknown) => {
      if (standing && key === 'occurredAt') return undefined;
      if (standing && key === 'pausedAt') return value !== null;
      return typeof value === 'bigint' ? value.toString() : value;
    });
  } catch (error) {
    if (error instanceof UnreadableEvent) return body;
    throw error;
  }
}

/** A `backfill` of which a page that cannot be read is a refusal in words. */
export function reading(
  backfill: (call: HistoryCall) => Promise<Outcome<HistoryPage>>,
): (call: HistoryCall) => Promise<Outcome<HistoryPage>> {
  return async (call) => {
    try {
      return await backfill(call);
    } catch (error) {
      if (!(error instanceof UnreadableEvent)) throw error;
      return { ok: false, failure: { kind: 'refused', code: 'unreadable', reason: error.message } };
    }
  };
}

/** One reading call: the answer parsed with `schema`, or the failure it means. Nothing is retried. */
export async function readApi<T extends z.ZodType>(
  name: string,
  call: Pick<HistoryCall, 'now'>,
  request: { url: string; headers: Record<string, string> },
  schema: T,
): Promise<Outcome<z.output<T>>> {
  const answer = await callApi({ method: 'GET', ...request, maxBytes: 30_000_000 });
  if (!isNoAnswer(answer) && answer.status === 200) {
    const parsed = schema.safeParse(answer.json());
    if (parsed.success) return { ok: true, value: parsed.data };
    const reason = `${name} answered in a form that is not known: ${z.prettifyError(parsed.error).slice(0, 300)}`;
    return { ok: false, failure: { kind: 'refused', code: 'unreadable', reason } };
  }
  const words = isNoAnswer(answer) ? '' : wordsOf(answer.json());
  // A key without the right to read is as useless as none: what helps is another key.
  if (!isNoAnswer(answer) && answer.status === 403)
    return {
      ok: false,
      failure: {
        kind: 'reconnect',
        code: 'forbidden',
        reason: `${name} does not let this API key read what is needed. Make one with the rights named in the settings.`,
      },
    };
  return { ok: false, failure: usualFailure(name, 'read', answer, words, call.now) };
}

/** A cursor over several lists: which one is being read, and where in it. */
export type Place<Stage extends string> = { stage: Stage; after: string | null };

/** @throws RangeError for a cursor that is not ours. */
export function placeOf<Stage extends string>(stages: readonly Stage[], cursor: string | null): Place<Stage> {
  if (cursor === null) return { stage: stages[0] as Stage, after: null };
  const [name = '', ...rest] = cursor.split('|');
  const stage = stages.find((one) => one === name);
  if (stage === undefined) throw new RangeError(`"${name}" is no place in this history.`);
  const after = rest.join('|');
  return { stage, after: after === '' ? null : after };
}

/** The cursor behind a page: further in the same list, or at the beginning of the next, or null at the end of all. */
export function cursorAfter<Stage extends string>(
  stages: readonly Stage[],
  place: Place<Stage>,
  after: string | null,
): string | null {
  if (after !== null) return `${place.stage}|${after}`;
  const next = stages[stages.indexOf(place.stage) + 1];
  return next === undefined ? null : `${next}|`;
}

export function page(events: HistoryEvent[], cursor: string | null): Outcome<HistoryPage> {
  return { ok: true, value: { events, cursor } };
}

const spoken = z.object({ message: z.string() });

/** What the service said about the failure, at the places where these services say it. */
function wordsOf(body: unknown): string {
  const places = z
    .union([
      z.object({ error: spoken }).transform((one) => one.error.message),
      z.object({ error: z.object({ detail: z.string() }) }).transform((one) => one.error.detail),
      z.object({ errors: z.array(z.object({ detail: z.string() })).min(1) }).transform((one) => one.errors[0]?.detail),
      z.object({ detail: z.string() }).transform((one) => one.detail),
    ])
    .safeParse(body);
  return places.success ? (places.data ?? '') : '';
}
