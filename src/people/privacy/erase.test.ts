import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { shared, transaction } from '#src/context.ts';
import { closeDays } from '#src/measure/ledger.ts';
import { readCatalog } from '#src/people/privacy/catalog.ts';
import { workErasure, workErasures } from '#src/people/privacy/requests.ts';
import { columnsIn, tables } from '#src/people/privacy/tables.ts';
import { CHROME, openShop, type Shop } from '#test/shop.ts';

let shop: Shop;
let owner: pg.Client;
const JANE = {
  email: 'jane.doe+shop@example.org',
  person: 'user-4711',
  name: 'Jane Ünal',
  customer: 'cus_QxJane77',
  phone: '+49 30 555 12 34',
  street: 'Secret Lane 5',
  handle: 'jane_makes',
  platformUserId: '99887766554433',
};
const MIKE = {
  email: 'mike@example.org',
  person: 'user-4712',
  name: 'Mike Ünal',
  customer: 'cus_QxMike88',
  phone: '+49 30 777',
  street: 'Other Lane 6',
};

beforeAll(async () => {
  shop = await openShop({ now: '2026-11-10T09:00:00Z' });
  owner = new pg.Client(shop.world.owner);
  await owner.connect();
});
afterAll(async () => {
  await owner?.end();
  await shop.world.close();
});

test('every column that may hold text has one class, and nothing else has', async () => {
  const catalog = await shared(shop.world.world, readCatalog);
  const wrong = catalog.flatMap(({ name, texts }) => {
    const entry = tables.get(name);
    if (!entry) return [`${name}: say in src/people/privacy/tables what it holds`];
    const listed = [...columnsIn(entry.who), ...columnsIn(entry.prose), ...columnsIn(entry.plain)];
    return [
      ...texts.filter((column) => !listed.includes(column)).map((column) => `${name}.${column}: has no class`),
      ...listed.filter((column) => !texts.includes(column)).map((column) => `${name}.${column}: is no such column`),
      ...listed
        .filter((column, at) => listed.indexOf(column) !== at)
        .map((column) => `${name}.${column}: has two classes`),
      ...(entry.who && !entry.people && !['publications', 'payment_event_subjects', 'subscription_names'].includes(name)
        ? [`${name}: whose it is, what for and how long is not said`]
        : []),
    ];
  });
  expect(wrong).toEqual([]);
  expect([...tables.keys()].filter((name) => !catalog.some((table) => table.name === name))).toEqual([]);
  // And it bites: a column nobody classified is found.
  await owner.query(
    "begin; create table phone_calls (workspace_id uuid, caller text, state text check (state in ('a')))",
  );
  const { rows } = await owner.query<{ name: string }>(
    `select a.attname as name from pg_attribute a where a.attrelid = 'phone_calls'::regclass and a.attnum > 0`,
  );
  expect(rows).toHaveLength(3);
  await owner.query('rollback');
});

/** Somebody who clicked, signed up, paid, subscribed to the letter, wrote to us and brought a customer. */
async function live(who: typeof MIKE, agent: string): Promise<void> {
  const { maya, appId, world } = shop;
  const ff = await shop.visit(`${CHROME} ${agent}`);
  world.clock.forward('10 min');
  await maya.call.events.send({
    appId,
    events: [
      { id: randomUUID(), kind: 'signup', person: who.person, ff, props: { plan: 'pro', asked: `by ${who.name}` } },
    ],
  });
  await shop.tell('customer.created', {
    id: who.customer,
    object: 'customer',
    email: who.email,
    name: who.name,
    phone: who.phone,
    address: { city: 'Berlin', country: 'DE', line1: who.street, postal_code: '10115' },
    metadata: {},
    created: Math.floor(world.clock.now().getTime() / 1000),
  });
  await shop.tell('customer.subscription.created', shop.subscription(who.customer, { id: `sub_${agent}` }));
  await shop.tell('checkout.session.completed', {
    ...shop.checkout(who.customer, who.person),
    id: `cs_${agent}`,
    subscription: `sub_${agent}`,
    customer_details: { email: who.email, name: who.name, address: { line1: who.street } },
  });
  await shop.tell(
    'charge.succeeded',
    shop.charge(who.customer, `pi_${agent}`, {
      metadata: { note: `for ${who.email}`, buyer: who.name },
      billing_details: { name: who.name, email: who.email },
    }),
  );
  await shop.settle();
}

async function mention(): Promise<void> {
  const { maya } = shop;
  const account = (
    await maya.call.mailingLists.create({
      appId: shop.appId,
      name: 'News',
      fromAddress: 'news@outpost.dev',
      postalAddress: 'Lane 1',
    })
  ).accountId;
  const { lists } = await maya.call.mailingLists.list({ appId: shop.appId });
  const listId = lists[0]?.id ?? '';
  await maya.call.subscribers.import({
    listId,
    csv: `email\n${JANE.email}\n${MIKE.email}\n`,
    consent: 'Agreed at a fair',
    dryRun: false,
  });
  await maya.call.affiliates.add({
    appId: shop.appId,
    name: JANE.name,
    email: JANE.email,
    code: 'JANE20',
    rule: { percent: 20 },
  });
  await maya.call.reports.addRecipient({ appId: shop.appId, kind: 'weekly', address: JANE.email });
  await maya.call.knowledge.add({
    appId: shop.appId,
    kind: 'testimonial',
    statement: `“Lovely”, says ${JANE.name} (${JANE.email}).`,
  });
  await maya.call.consents.record({ email: JANE.email, purpose: 'newsletter', granted: true, source: 'form' });
  await transaction(maya.context, async ({ tx, workspaceId, clock }) => {
    const own = { workspaceId };
    const contact = await tx
      .insertInto('contacts')
      .values({
        ...own,
        platform: 'x',
        platformUserId: JANE.platformUserId,
        handle: JANE.handle,
        name: JANE.name,
        followers: 5,
      })
      .returning('id')
      .executeTakeFirstOrThrow();
    await tx
      .insertInto('inboxItems')
      .values({
        ...{
          ...own,
          accountId: account,
          contactId: contact.id,
          kind: 'mention',
          platformId: '17',
          receivedAt: clock.now(),
        },
        ...{ url: `https://x.com/${JANE.handle}/status/17`, text: `I am ${JANE.name}, write to ${JANE.email}` },
      })
      .execute();
    await tx
      .insertInto('notices')
      .values({
        ...own,
        kind: 'inbox',
        title: `@${JANE.handle} wrote to you`,
        body: `${JANE.name.toUpperCase()} says hello`,
      })
      .execute();
    const answer = JSON.stringify({ says: `\n${JANE.email}: great`, user: JANE.person });
    await tx
      .insertInto('aiCalls')
      .values({
        ...own,
        purpose: 'draft',
        promptVersion: '1',
        provider: 'openai',
        model: 'm',
        milliseconds: 1,
        outcome: 'answered',
        answer,
        finishedAt: clock.now(),
      })
      .execute();
    await tx
      .insertInto('activities')
      .values({
        ...own,
        name: 'test.told',
        actor: 'system',
        detail: JSON.stringify({ who: JANE.person, mail: JANE.email }),
      })
      .execute();
  });
}

/** Every place in the database, partitions and the queue too, where one of these stands. */
async function places(needles: string[]): Promise<string[]> {
  const { rows } = await owner.query<{ name: string }>(
    `select format('%I.%I', n.nspname, c.relname) as name from pg_class c join pg_namespace n on n.oid = c.relnamespace
     where n.nspname in ('public', 'graphile_worker') and c.relkind in ('r', 'p')`,
  );
  const each = rows.map(
    ({ name }) => `select ${pg.escapeLiteral(name)} as name, t::text as row from ${name} t
      where exists (select from unnest($1::text[]) n where strpos(lower(t::text), lower(n)) > 0)`,
  );
  const found = await owner.query<{ name: string; row: string }>(each.join(' union all '), [needles]);
  return found.rows.map(({ name, row }) => `${name}: ${row.slice(0, 160)}`);
}

const spelled = (text: string) => [text, encodeURIComponent(text), JSON.stringify(text).slice(1, -1)];

async function books() {
  const { maya, appId, postId } = shop;
  const { credits } = await maya.call.attribution.credits({ postId });
  const money = await maya.call.revenue.summary({ appId });
  const ledger = await maya.call.ledger.days({ appId });
  const home = await maya.call.dashboards.home({ range: '30d' });
  return {
    credits: credits.map(({ amountMinor, share, kind }) => ({ amountMinor, share, kind })),
    money,
    ledger,
    kpis: home.kpis,
    funnel: home.funnel,
  };
}

test('a person is exported and erased over all stages; the books close as before, and the next person is untouched', async () => {
  const { maya, world } = shop;
  await live(JANE, 'jane');
  await live(MIKE, 'mike');
  await mention();
  world.clock.forward('2 d');
  await closeDays(maya.context);
  const before = await books();
  const rows = await owner.query('select count(*)::int as n from payments');
  const needles = [
    ...spelled(JANE.email),
    ...spelled(JANE.name),
    JANE.person,
    JANE.customer,
    JANE.handle,
    JANE.platformUserId,
    'Secret Lane 5',
    '555 12 34',
  ];
  const stood = await places(needles);
  for (const table of [
    'customers',
    'identity_links',
    'events',
    'conversions',
    'payment_events',
    'payments',
    'subscribers',
    'contacts',
    'inbox_items',
    'affiliates',
    'facts',
    'ai_calls',
    'activities',
    'notices',
    'report_recipients',
  ])
    expect(stood.join('\n')).toContain(`public.${table}: `);
  const mikes = await places([MIKE.email, MIKE.person, MIKE.customer]);

  const found = await maya.call.privacy.find({ email: JANE.email, handle: JANE.handle });
  expect(found).toMatchObject({ customers: 1, authors: 1, subscriptions: 1, affiliates: 1, stillPays: true });

  const told = await maya.call.privacy.export({ email: JANE.email, handle: `@${JANE.handle}` });
  const names = told.tables.map(({ table }) => table);
  for (const table of [
    'customers',
    'payments',
    'subscriptions',
    'conversions',
    'touches',
    'visits',
    'events',
    'subscribers',
    'inbox_items',
    'affiliates',
    'facts',
    'payment_events',
  ])
    expect(names).toContain(table);
  expect(JSON.stringify(told.tables)).not.toContain(MIKE.person);
  expect(told.page).toContain('Secret Lane 5');
  expect(told.page).not.toMatch(/<script/);

  const erased = await maya.call.privacy.erase({ email: JANE.email, handle: JANE.handle });
  expect(erased.counts).toMatchObject({
    customers: expect.any(Number),
    payment_events: expect.any(Number),
    subscribers: 1,
  });
  await world.drain();

  expect(await places(needles)).toEqual([]);
  expect(await places([MIKE.email, MIKE.person, MIKE.customer])).toEqual(mikes);

  await closeDays(maya.context);
  const after = await books();
  expect(after).toEqual(before);
  expect((await owner.query('select count(*)::int as n from payments')).rows).toEqual(rows.rows);
  expect(after.ledger.days.every((day) => day.closes)).toBe(true);
  expect(await maya.call.audit.verify({})).toMatchObject({ brokenAt: null });
  const { customers } = await maya.call.customers.list({ appId: shop.appId });
  expect(customers.map(({ name, erasedAt }) => [name, erasedAt !== null])).toEqual([
    [MIKE.name, false],
    [null, true],
  ]);
});

test('again it changes nothing; no list takes the address back but by its owner', async () => {
  const { maya } = shop;
  const again = await maya.call.privacy.erase({ email: JANE.email, handle: JANE.handle });
  expect(again.counts).toEqual({});
  const { lists } = await maya.call.mailingLists.list({ appId: shop.appId });
  const listId = lists[0]?.id ?? '';
  await expect(maya.call.subscribers.add({ listId, email: JANE.email })).rejects.toThrow(/erased at its owner/);
  expect(
    await maya.call.subscribers.import({ listId, csv: JANE.email, consent: 'Agreed at a fair', dryRun: false }),
  ).toMatchObject({ added: 0, ended: 1 });
  const { requests } = await maya.call.privacy.requests({});
  expect(requests.map(({ kind }) => kind).sort()).toEqual(['erase', 'erase', 'export']);
  expect(requests.every(({ doneAt, person }) => doneAt !== null && person === requests[0]?.person)).toBe(true);
  expect((await maya.call.consents.list({ email: JANE.email })).consents).toMatchObject([
    { granted: true, counts: true },
  ]);
});

test('the same user id in another app is somebody else, and so is who shares a network', async () => {
  const { maya } = shop;
  const other = await maya.call.apps.register({ url: 'https://other.example' });
  const two = ['user-0042', 'user-0043'];
  for (const appId of [shop.appId, other.id])
    for (const person of two) await maya.call.events.send({ appId, events: [{ kind: 'signup', person }] });
  await transaction(maya.context, async ({ tx, workspaceId, clock }) => {
    const customers = await tx
      .selectFrom('customers')
      .select(['id', 'person'])
      .where('appId', '=', shop.appId)
      .where('person', 'in', two)
      .execute();
    for (const { id: customerId } of customers)
      await tx
        .insertInto('identityLinks')
        .values({
          workspaceId,
          appId: shop.appId,
          customerId,
          kind: 'visitor',
          value: 'SameOfficeHash16',
          grade: 'click_id',
          linkedAt: clock.now(),
        })
        .execute();
  });
  await expect(maya.call.privacy.erase({ person: 'user-0042' })).rejects.toThrow(/Name the app/);
  expect((await maya.call.privacy.erase({ person: 'user-0042', appId: other.id })).counts).toMatchObject({
    customers: 1,
  });
  await maya.call.privacy.erase({ person: 'user-0042', appId: shop.appId });
  expect(await places(['user-0042'])).toEqual([]);
  const left = await owner.query('select app_id, erased_at from customers where person = $1', ['user-0043']);
  expect(left.rows.map((row) => row.erased_at)).toEqual([null, null]);
});

test('an erasure that was cut short goes on by itself, and a member is not erased by it', async () => {
  const { maya, world } = shop;
  const lines = world.world.db;
  let left = 9;
  const dying = {
    ...maya.context,
    db: {
      ...lines,
      transaction: ((reach, run) => {
        if (left-- <= 0) throw new Error('The process died.');
        return lines.transaction(reach, run);
      }) as typeof lines.transaction,
    },
  };
  const { answerErasure } = await import('#src/people/privacy/requests.ts');
  await expect(answerErasure(dying, { person: MIKE.person })).rejects.toThrow('died');
  const open = (await maya.call.privacy.requests({})).requests.find(({ doneAt }) => doneAt === null)!;
  expect(open.kind).toBe('erase');
  expect(await workErasures(maya.context)).toBe(0);
  world.clock.forward('10 min');
  expect(await workErasures(maya.context)).toBe(1);
  const done = (await maya.call.privacy.requests({})).requests.find(({ id }) => id === open.id)!;
  expect(done.doneAt).not.toBeNull();
  expect(await workErasure(maya.context, done.id)).toEqual(done.counts);
  expect(await places([MIKE.email, MIKE.person, MIKE.customer])).toEqual([]);
  await expect(maya.call.privacy.erase({ email: maya.email })).rejects.toThrow(/is a member of this workspace/);
  await expect(maya.call.privacy.erase({})).rejects.toThrow(/Say who is meant/);
  const former = await world.join('Former');
  await owner.query('delete from memberships where user_id = $1', [former.userId]);
  await maya.call.privacy.erase({ email: former.email });
  expect(await places([former.email])).toEqual([]);
  const rival = await world.join('Rival');
  await expect(rival.call.privacy.erase({ email: maya.email })).resolves.toBeTruthy();
  expect(await places([maya.email])).not.toEqual([]);
  expect((await rival.call.privacy.find({ email: JANE.email })).tables).toEqual([]);
});
