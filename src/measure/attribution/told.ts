import { sql } from 'kysely';
import type { Inside } from '#src/context.ts';
import { linkIdentity } from '#src/measure/identities.ts';
import { readSource } from '#src/measure/source.ts';

/** What a person told of how they came: as properties of an event, or as metadata of a payment. */
export type Told = {
  appId: string;
  customerId: string | null;
  visitor: string | null;
  at: Date;
  said: Readonly<Record<string, unknown>>;
} & ({ eventId: string } | { paymentId: string });

/** The names under which an app, or a checkout, tells a code and the answer to "how did you hear of us". */
const codeNames = ['affiliate', 'fanfare_affiliate', 'coupon', 'fanfare_coupon'] as const;
const answerNames = ['heard_from', 'fanfare_heard_from'] as const;

/** Whether there is anything in it for `keepTold`. */
export function tellsHow(said: Readonly<Record<string, unknown>>): boolean {
  return [...codeNames, ...answerNames].some((name) => textOf(said[name]) !== null);
}

/**
 * Keeps a told code or answer as a touch without a click, once per event or payment, and whose it is as an identity
 * link with its grade (`code`, `self_report`). A code of an affiliate leads to them, one that is a campaign's slug to
 * that. True when there was something new in it.
 */
export async function keepTold(inside: Inside, told: Told): Promise<boolean> {
  const code = first(told.said, codeNames);
  const answer = first(told.said, answerNames);
  const kept = [
    code !== null && (await keep(inside, told, 'code', code, await ownerOf(inside, told.appId, code))),
    answer !== null && (await keep(inside, told, 'self_report', answer, sourceOf(answer))),
  ];
  return kept.includes(true);
}

type Leads = { source: string; channel: string; affiliateId?: string; campaignId?: string };

async function keep(inside: Inside, told: Told, kind: 'code' | 'self_report', words: string, leads: Leads) {
  const by = 'eventId' in told ? { eventId: told.eventId } : { paymentId: told.paymentId };
  const own = `told:${'eventId' in told ? told.eventId : told.paymentId}`;
  const visitor = told.customerId === null ? (told.visitor ?? own) : own;
  const row = await inside.tx
    .insertInto('touches')
    .values({
      workspaceId: inside.workspaceId,
      appId: told.appId,
      visitor,
      occurredAt: told.at,
      channel: leads.channel,
      source: leads.source,
      direct: false,
      kind,
      told: words,
      affiliateId: leads.affiliateId ?? null,
      campaignId: leads.campaignId ?? null,
      ...by,
    })
    .onConflict((oc) => oc.doNothing())
    .returning('id')
    .executeTakeFirst();
  // Told anew by nobody known before: the touch stands, now somebody is known to whom it belongs.
  const linked =
    told.customerId !== null &&
    (await linkIdentity(inside, {
      appId: told.appId,
      customerId: told.customerId,
      kind: 'visitor',
      value: own,
      grade: kind,
      evidence: { ...by, told: words },
    }));
  return row !== undefined || linked;
}

async function ownerOf({ tx }: Inside, appId: string, code: string): Promise<Leads> {
  const affiliate = await tx
    .selectFrom('affiliates')
    .select(['id', 'name'])
    .where('appId', '=', appId)
    .where(sql<boolean>`lower(code) = ${code.toLowerCase()}`)
    .executeTakeFirst();
  if (affiliate) return { source: affiliate.name, channel: 'Affiliates', affiliateId: affiliate.id };
  const campaign = await tx
    .selectFrom('campaigns')
    .select('id')
    .where('appId', '=', appId)
    .where(sql<boolean>`lower(slug) = ${code.toLowerCase()}`)
    .executeTakeFirst();
  return { source: `Code ${code}`, channel: 'Unassigned', ...(campaign ? { campaignId: campaign.id } : {}) };
}

/** "Twitter" and "x.com" are the same place as the referrer would be; what nobody knows stands as it was said. */
function sourceOf(answer: string): Leads {
  const { source, channel } = readSource({
    url: `https://told.invalid/?utm_source=${encodeURIComponent(answer)}`,
    referrer: null,
  });
  return { source: source ?? answer, channel };
}

function first(said: Readonly<Record<string, unknown>>, names: readonly string[]): string | null {
  for (const name of names) {
    const text = textOf(said[name]);
    if (text !== null) return text;
  }
  return null;
}

function textOf(value: unknown): string | null {
  const text = typeof value === 'string' ? value.trim().replaceAll(/\s+/g, ' ').slice(0, 200) : '';
  return text === '' ? null : text;
}
