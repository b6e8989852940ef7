import type { Inside } from '#src/context.ts';
import { moveConversions, reopenConversions } from '#src/measure/conversions.ts';
import {
  customerBehind,
  customerOfPerson,
  describeCustomer,
  emailHash,
  type Grade,
  type LinkKind,
  linkIdentity,
  mergeCustomers,
  nameCustomer,
  unnamedCustomer,
} from '#src/measure/identities.ts';
import { restate } from '#src/measure/revenue/movements.ts';
import type { Telling } from '#src/measure/revenue/telling.ts';
import type { CheckoutFact, Metadata } from '#src/outside/payments/payment.ts';

/** What an event says of who paid. */
type Payer = {
  customerId: string | null;
  /** Other ids of the same customer at the provider. */
  aliases: readonly string[];
  paymentId: string | null;
  person: string | null;
  click: string | null;
  email: string | null;
  name: string | null;
  at: Date;
};

/** A checkout tells most: the app's user id in `client_reference_id` or metadata, the address, the payment itself. */
export async function joinByCheckout(inside: Inside, telling: Telling, fact: CheckoutFact): Promise<void> {
  await join(inside, telling, {
    customerId: fact.customerId,
    aliases: [],
    paymentId: fact.paymentId,
    person: personIn(fact.metadata) ?? fact.clientReferenceId,
    click: clickIn(fact.metadata),
    email: fact.email,
    name: null,
    at: fact.occurredAt,
  });
}

/** Everything else that names a customer of the provider may carry the user id in its metadata. */
export async function joinByFact(
  inside: Inside,
  telling: Telling,
  fact: {
    customerId: string;
    person?: string | null;
    aliases?: readonly string[];
    metadata: Metadata;
    email: string | null;
    name: string | null;
    occurredAt: Date;
  },
): Promise<void> {
  await join(inside, telling, {
    customerId: fact.customerId,
    aliases: fact.aliases ?? [],
    paymentId: null,
    person: fact.person ?? personIn(fact.metadata),
    click: clickIn(fact.metadata),
    email: fact.email,
    name: fact.name,
    at: fact.occurredAt,
  });
}

/** Our customer behind the provider's customer, or behind a guest's payment; null while nobody has told. */
export async function payerOf(
  inside: Inside,
  telling: Telling,
  payment: { customerId: string | null; paymentId: string },
): Promise<string | null> {
  const byCustomer =
    payment.customerId === null ? null : await behind(inside, telling, 'provider_customer', payment.customerId);
  return byCustomer ?? (await behind(inside, telling, 'payment', payment.paymentId));
}

/**
 * Says who a payer is. One that was known only to the provider becomes the app's user as soon as anything names them;
 * if that user exists, the two become one and their payments are attributed anew.
 */
async function join(inside: Inside, telling: Telling, payer: Payer): Promise<void> {
  const { appId } = telling;
  const hash = payer.email === null ? null : emailHash(inside, payer.email);
  const customerIds = [...(payer.customerId === null ? [] : [payer.customerId]), ...payer.aliases];
  const keys: [LinkKind, string][] = [
    ...customerIds.map((each): [LinkKind, string] => ['provider_customer', each]),
    ...(payer.paymentId === null ? [] : [['payment', payer.paymentId] satisfies [LinkKind, string]]),
  ];
  const found: (string | null)[] = [];
  for (const [kind, value] of keys) found.push(await behind(inside, telling, kind, value));
  const known = found.find((each) => each !== null) ?? null;
  const byEmail = hash === null ? null : await customerBehind(inside, appId, 'email_hash', hash);
  const customerId = await whoIs(inside, telling, payer, known, byEmail);
  let moreKnown = false;
  for (const other of new Set([...found, byEmail]))
    if (other !== null && other !== customerId && (await unite(inside, other, customerId))) moreKnown = true;

  const evidence = { paymentEvent: telling.eventId };
  const grade: Grade = payer.person === null ? 'timing' : 'checkout_metadata';
  for (const [kind, value] of keys)
    await linkIdentity(inside, { appId, customerId, kind, value: keyOf(telling, value), grade, evidence });
  if (hash !== null)
    await linkIdentity(inside, { appId, customerId, kind: 'email_hash', value: hash, grade, evidence });
  if (payer.click !== null) {
    const link = { appId, customerId, kind: 'click', value: payer.click, grade, evidence } as const;
    if (await linkIdentity(inside, link)) moreKnown = true;
  }
  await describeCustomer(inside, customerId, { name: payer.name, emailHash: hash });
  await adopt(inside, telling, payer, customerId);
  if (moreKnown) await reopenConversions(inside, customerId);
}

async function whoIs(
  inside: Inside,
  telling: Telling,
  payer: Payer,
  known: string | null,
  byEmail: string | null,
): Promise<string> {
  const { appId } = telling;
  if (payer.person === null) return known ?? byEmail ?? unnamedCustomer(inside, appId, payer.at);
  const named = await inside.tx
    .selectFrom('customers')
    .select('id')
    .where('appId', '=', appId)
    .where('person', '=', payer.person)
    .executeTakeFirst();
  if (named) return named.id;
  if (known !== null && (await isUnnamed(inside, known))) {
    await nameCustomer(inside, known, payer.person);
    return known;
  }
  return customerOfPerson(inside, { appId, person: payer.person, seenAt: payer.at, grade: 'checkout_metadata' });
}

/**
 * `from` and `into` are one person. Two users of the app that pay as one customer stay two: the newer one pays now.
 * True when they became one.
 */
export async function unite(inside: Inside, from: string, into: string): Promise<boolean> {
  if (!(await isUnnamed(inside, from))) return false;
  await mergeCustomers(inside, from, into);
  await moveConversions(inside, from, into);
  for (const table of ['payments', 'subscriptions', 'mrrMovements'] as const)
    await inside.tx.updateTable(table).set({ customerId: into }).where('customerId', '=', from).execute();
  await restateCustomer(inside, into);
  return true;
}

/** The kinds of movements are the customer's: they may be others with one more subscription. */
async function restateCustomer(inside: Inside, customerId: string): Promise<void> {
  const row = await inside.tx
    .selectFrom('subscriptions')
    .select('id')
    .where('customerId', '=', customerId)
    .limit(1)
    .executeTakeFirst();
  if (row) await restate(inside, [row.id]);
}

/** Payments and subscriptions that came before we knew whose they are. */
async function adopt(inside: Inside, telling: Telling, payer: Payer, customerId: string): Promise<void> {
  const { tx } = inside;
  const customerIds = [...(payer.customerId === null ? [] : [payer.customerId]), ...payer.aliases];
  if (customerIds.length > 0) {
    await tx
      .updateTable('payments')
      .set({ customerId, purchaseDue: true })
      .where('paymentSourceId', '=', telling.sourceId)
      .where('providerCustomerId', 'in', customerIds)
      .where('customerId', 'is', null)
      .execute();
    const adopted = await tx
      .updateTable('subscriptions')
      .set({ customerId })
      .where('paymentSourceId', '=', telling.sourceId)
      .where('providerCustomerId', 'in', customerIds)
      .where('customerId', 'is', null)
      .returning('id')
      .execute();
    await restate(
      inside,
      adopted.map((row) => row.id),
    );
  }
  if (payer.paymentId !== null)
    await tx
      .updateTable('payments')
      .set({ customerId, purchaseDue: true })
      .where('paymentSourceId', '=', telling.sourceId)
      .where('providerId', '=', payer.paymentId)
      .where('customerId', 'is', null)
      .execute();
}

async function isUnnamed({ tx }: Inside, customerId: string): Promise<boolean> {
  const row = await tx.selectFrom('customers').select('person').where('id', '=', customerId).executeTakeFirst();
  return row !== undefined && row.person === null;
}

function behind(inside: Inside, telling: Telling, kind: LinkKind, value: string): Promise<string | null> {
  return customerBehind(inside, telling.appId, kind, keyOf(telling, value));
}

/** The provider's ids are its own: another account may use the same. */
function keyOf(telling: Telling, value: string): string {
  return `${telling.sourceId}:${value}`;
}

function personIn(metadata: Metadata): string | null {
  return metadata.fanfare_person || metadata.person || null;
}

function clickIn(metadata: Metadata): string | null {
  const click = metadata.fanfare_click || metadata.ff || '';
  return /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(click) ? click.toLowerCase() : null;
}
