import { sql } from 'kysely';
import { z } from 'zod';
import type { Inside } from '#src/context.ts';
import { id } from '#src/operation.ts';
import { isWhole } from '#src/people/privacy/patterns.ts';
import { notFound, refuse } from '#src/refusal.ts';

/** What somebody may be looked for by; all of it together means one person. */
export const asked = {
  email: z
    .string()
    .trim()
    .max(320)
    .regex(/^[^\s@]+@[^\s@]+$/, 'This must be an e-mail address.')
    .optional(),
  /** Whose user or visitor, where several apps use the same id. */
  appId: id.optional(),
  /** The app's own user id. */
  person: z.string().trim().min(1).max(200).optional(),
  /** A visitor id of the tracker, with consent. */
  visitor: z.string().trim().min(1).max(200).optional(),
  /** Their name on a platform, with or without the @. */
  handle: z.string().trim().min(1).max(200).optional(),
  /** On which platform, where the same handle wrote on several. */
  platform: z.string().trim().min(1).max(60).optional(),
  /** First and last name. */
  name: z
    .string()
    .trim()
    .max(200)
    .refine(isWhole, 'Give first and last name: a single name is a word like others and would be cut out of sentences.')
    .optional(),
};

export type Asked = { [Key in keyof typeof asked]?: string | undefined };

/** Who somebody is, over all stages: the rows that are theirs and everything they are called by. */
export type Identity = {
  customers: string[];
  contacts: string[];
  subscribers: string[];
  affiliates: string[];
  emails: string[];
  names: string[];
  /** The same id in another app is somebody else's; null = of no app. */
  ids: { id: string; appId: string | null }[];
  handles: string[];
};

/** Refuses a question that asks for nobody. */
export function assertAsked(question: Asked): void {
  const { platform: _, appId: __, ...names } = question;
  if (Object.values(names).some((value) => value !== undefined)) return;
  throw refuse(
    'invalid',
    'nobody',
    'Say who is meant: an e-mail address, a user id, a visitor id, a handle or a name.',
  );
}

/**
 * Finds everything that belongs to one person. What is found leads on: an address to the customer who paid with it, the
 * customer to their visits, a payment to the address it was made with. Ends when nothing new turns up. Names and visitors
 * lead to nobody: two people may have the same name, and two behind one network the same hash of a day.
 */
export async function findPerson(inside: Inside, question: Asked): Promise<Identity> {
  await assertApp(inside, question.appId);
  const who = empty();
  add(who.emails, question.email?.trim().toLowerCase());
  add(who.names, question.name);
  await findUser(inside, who, question);
  await findVisitor(inside, who, question);
  await findContacts(inside, who, question);
  for (let before = -1; before !== size(who); ) {
    before = size(who);
    await findCustomers(inside, who);
    await findAddresses(inside, who);
    await findOthers(inside, who);
  }
  return who;
}

/** By this a request or a consent is found again; it names nobody. */
export function fingerprintOf({ secrets }: Inside, question: Asked): string {
  const said =
    question.email?.trim().toLowerCase() ?? question.person ?? question.visitor ?? question.handle ?? question.name;
  return secrets.fingerprint('person', said ?? '');
}

async function assertApp({ tx }: Inside, appId: string | undefined): Promise<void> {
  if (appId === undefined) return;
  const app = await tx.selectFrom('apps').select('id').where('id', '=', appId).executeTakeFirst();
  if (!app) throw notFound('app');
}

function empty(): Identity {
  return {
    customers: [],
    contacts: [],
    subscribers: [],
    affiliates: [],
    emails: [],
    names: [],
    ids: [],
    handles: [],
  };
}

function size(who: Identity): number {
  return Object.values(who).reduce((sum, list) => sum + list.length, 0);
}

function add(list: string[], ...values: (string | null | undefined)[]): void {
  for (const value of values) if (value && !list.includes(value)) list.push(value);
}

/** As measure/identities keeps an address: it can be compared, not read. */
const hashOf = ({ secrets }: Inside, email: string) =>
  secrets.fingerprint('customer e-mail', email.trim().toLowerCase());

function addId(who: Identity, id: string | null | undefined, appId: string | null): void {
  if (id && !who.ids.some((one) => one.id === id && one.appId === appId)) who.ids.push({ id, appId });
}

/** The same user id in two apps may be two people: then the question has to say whose user is meant. */
async function findUser({ tx }: Inside, who: Identity, { person, appId }: Asked): Promise<void> {
  if (person === undefined) return;
  const { rows } = await sql<{ appId: string; name: string; customerId: string | null }>`
    select a.id as "appId", a.name, c.id as "customerId" from apps a
    left join customers c on c.workspace_id = a.workspace_id and c.app_id = a.id and c.person = ${person}
    where (${appId ?? null}::uuid is null or a.id = ${appId ?? null}) and (c.id is not null
      or exists (select from events e where e.workspace_id = a.workspace_id and e.app_id = a.id and e.person = ${person}))
    order by a.name`.execute(tx);
  if (rows.length > 1)
    throw refuse(
      'conflict',
      'which_app',
      `${rows.map((row) => row.name).join(' and ')} each have a user ${person}, which may be two people. Name the app.`,
    );
  addId(who, person, rows[0]?.appId ?? appId ?? null);
  add(who.customers, rows[0]?.customerId);
}

/** Who agreed to be known again is kept as `id:` and what their browser holds (measure/events). */
async function findVisitor({ tx }: Inside, who: Identity, { visitor, appId }: Asked): Promise<void> {
  if (visitor === undefined) return;
  const either = [visitor, `id:${visitor}`];
  for (const id of either) addId(who, id, appId ?? null);
  if (appId !== undefined) return;
  const { rows } = await sql<{ customerId: string }>`
    select distinct customer_id as "customerId" from identity_links where kind = 'visitor' and value = ${`id:${visitor}`}`.execute(
    tx,
  );
  for (const { customerId } of rows) add(who.customers, customerId);
}

async function findCustomers(inside: Inside, who: Identity): Promise<void> {
  const hashes = who.emails.map((email) => hashOf(inside, email));
  const { rows } = await sql<{ id: string; appId: string; person: string | null; name: string | null }>`
    with recursive own as (
      select id from customers where id = any(${who.customers}::uuid[]) or email_hash = any(${hashes})
      union
      select customer_id from identity_links where kind = 'email_hash' and value = any(${hashes})
      union
      select other.id from customers other join customers one on one.merged_into = other.id or other.merged_into = one.id join own on own.id = one.id
    )
    select id, app_id as "appId", person, name from customers where id in (select id from own)`.execute(inside.tx);
  for (const row of rows) {
    add(who.customers, row.id);
    add(who.names, row.name);
    addId(who, row.person, row.appId);
  }
  const mine = sql`customer_id = any(${who.customers}::uuid[])`;
  const links = await sql<{ id: string | null; appId: string }>`
    select value as id, app_id as "appId" from identity_links where ${mine} and kind in ('visitor', 'person', 'provider_customer', 'email_hash')
    union select provider_customer_id, app_id from payments where ${mine}
    union select provider_customer_id, app_id from subscriptions where ${mine}
    union select visitor, app_id from conversions where ${mine}
    union select v.visitor, v.app_id from identity_links l join visits v on v.workspace_id = l.workspace_id and v.app_id = l.app_id and v.id::text = l.value
      where l.customer_id = any(${who.customers}::uuid[]) and l.kind = 'visit'`.execute(inside.tx);
  for (const { id, appId } of links.rows) addId(who, id, appId);
}

/** The addresses that customers paid with stand in what the provider sent; their hash says whose they are. */
async function findAddresses(inside: Inside, who: Identity): Promise<void> {
  const { rows: known } = await sql<{ hash: string }>`
    select email_hash as hash from customers where id = any(${who.customers}::uuid[]) and email_hash is not null
    union select value from identity_links where customer_id = any(${who.customers}::uuid[]) and kind = 'email_hash'`.execute(
    inside.tx,
  );
  const open = new Set(known.map(({ hash }) => hash));
  for (const email of who.emails) open.delete(hashOf(inside, email));
  if (open.size === 0) return;
  const { rows } = await sql<{ email: string }>`
    select distinct email from (
      select lower((regexp_matches(body, '[[:alnum:]._%+-]+@[[:alnum:].-]+[.][[:alpha:]]{2,}', 'g'))[1]) as email from payment_events
        where exists (select from unnest(${who.ids.map((one) => one.id)}::text[]) id where strpos(body, id) > 0)
      union select email from subscribers union select email from affiliates where email is not null
    ) seen`.execute(inside.tx);
  for (const { email } of rows) if (open.has(hashOf(inside, email))) add(who.emails, email.toLowerCase());
}

/** The same handle on two platforms may be two people: then the question has to say which is meant. */
async function findContacts({ tx }: Inside, who: Identity, { handle, platform }: Asked): Promise<void> {
  if (handle === undefined) return;
  const bare = handle.replace(/^@/, '');
  add(who.handles, bare);
  const rows = await tx
    .selectFrom('contacts')
    .select(['id', 'platform', 'platformUserId', 'handle', 'name'])
    .where(sql`lower(ltrim(handle, '@'))`, '=', bare.toLowerCase())
    .$if(platform !== undefined, (query) => query.where('platform', '=', platform ?? ''))
    .execute();
  if (new Set(rows.map((row) => row.platform)).size > 1)
    throw refuse(
      'conflict',
      'which_platform',
      `@${bare} wrote to us on ${rows.map((row) => row.platform).join(' and ')}, which may be two people. Name the platform.`,
    );
  for (const row of rows) {
    add(who.contacts, row.id);
    addId(who, row.platformUserId, null);
    if (row.name && isWhole(row.name)) add(who.names, row.name);
  }
}

async function findOthers(inside: Inside, who: Identity): Promise<void> {
  const { rows: subscribers } = await sql<{ id: string }>`
    select id from subscribers where lower(email) = any(${who.emails})`.execute(inside.tx);
  for (const { id } of subscribers) add(who.subscribers, id);
  const { rows: affiliates } = await sql<{ id: string; name: string }>`
    select id, name from affiliates where lower(email) = any(${who.emails})`.execute(inside.tx);
  for (const row of affiliates) {
    add(who.affiliates, row.id);
    if (isWhole(row.name)) add(who.names, row.name);
  }
}
