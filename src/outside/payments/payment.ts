import type { KeyField, Outcome } from '#src/outside/platform.ts';
import type { MoneyFact } from './facts.ts';

export type * from './facts.ts';

/**
 * What a payment provider is to the rest of the program. An adapter is a leaf: it verifies what a provider sent and
 * translates it into facts that name no provider (`./facts.ts`); it knows no database, no settings, no context.
 */

export type Verified = {
  ok: true;
  /** The provider's id of this event: the deduplication key. */
  eventId: string;
  type: string;
  occurredAt: Date;
  livemode: boolean;
  /** The parsed body, to be stored raw and handed to `translate`. */
  event: unknown;
};

/** Why a webhook was turned away. `message` is for the person who set the webhook up; it carries no secret. */
export type Refused = { ok: false; reason: 'bad_signature' | 'too_old' | 'malformed'; message: string };

export type WebhookRequest = { body: Uint8Array; headers: Headers; secret: string; now: Date };

/** One page of history to ask for. */
export type HistoryCall = {
  apiKey: string;
  /** Base address of the API; null = the provider's own. */
  apiUrl: string | null;
  /**
   * Leave out what the provider has not touched since then, as far as it can tell; null = everything there is. Ask
   * again from a day before the last run: what is known already is recognised by its id.
   */
  since: Date | null;
  /** What the page before answered with; null begins. It holds no secret. */
  cursor: string | null;
  now: Date;
};

/**
 * An object as the API shows it, in the shape of a webhook of its provider: store `body` like a webhook's and have it
 * translated like one. The id is made of the object and what it says, and begins with "history:", which no webhook's
 * id does; the same page again brings the same ids unless an object changed. Its facts have the ids that webhooks give
 * them, so one effect has one row whichever way it came.
 */
export type HistoryEvent = { eventId: string; type: string; occurredAt: Date; livemode: boolean; body: string };

/** `cursor` null: that was the last page. A page may be empty and not be the last. */
export type HistoryPage = { events: HistoryEvent[]; cursor: string | null };

export type PaymentProvider = {
  id: string;
  name: string;
  /** The events to switch on where the provider asks for a list. */
  eventTypes: readonly string[];
  /** What to do at the provider, a sentence per step, in order. `{url}` stands for the webhook address. */
  setup: readonly string[];
  /** The signing secret: what it is called there, where it is found, what it looks like. */
  webhookSecret: KeyField;
  /** The key for `backfill`; null where there is none. */
  apiKey: KeyField | null;
  /** It is the seller: the tax in payments is kept and remitted by it and never reaches us. */
  merchantOfRecord: boolean;
  /** Where the fee of each payment and what is paid out come from, in a sentence for people. */
  statement: { lines: boolean; payouts: boolean; words: string };
  /** One address gets live and test events alike: those with `livemode` false are to be kept and not counted. */
  mixesTest: boolean;
  verify(request: WebhookRequest): Promise<Verified | Refused>;
  /**
   * The facts in a verified event; none for an event that says nothing about money. Throws `UnreadableEvent` when an
   * event of a known type lacks what it must have: keep it raw and replay it after an update.
   */
  translate(event: unknown): MoneyFact[];
  /**
   * One page of what happened before or besides the webhooks, one request or a few. Never retried in here: `later` says
   * when to ask again with the same cursor, `reconnect` that the key is no longer accepted, `refused` anything else.
   * Null where the provider has no API that tells amounts.
   */
  backfill: ((call: HistoryCall) => Promise<Outcome<HistoryPage>>) | null;
};

export class UnreadableEvent extends Error {
  override name = 'UnreadableEvent';
}
