import { z } from 'zod';
import { record } from '#src/activity.ts';
import { type Context, type Inside, transaction } from '#src/context.ts';
import { done, id, money, operation } from '#src/operation.ts';
import { audit } from '#src/people/audit.ts';
import { notFound, refuse } from '#src/refusal.ts';
import { appOf } from '#src/understand/apps.ts';
import { numbersOf } from './affiliates/numbers.ts';
import { addressOf, destinationIn, domainOf } from './links/address.ts';
import { freeCodeLike, insertLink, urlOfCode } from './links.ts';

const statuses = ['active', 'paused', 'ended'] as const;

/** What an affiliate gets: a share of what is left of a payment after tax and refunds, or so much for each payment. */
const rule = z.union([
  z.strictObject({
    percent: z
      .number()
      .positive()
      .max(100)
      .refine((value) => Number.isInteger(Math.round(value * 1e6) / 1e4), 'A percentage has at most two decimals.'),
  }),
  z.strictObject({
    fixed: z.strictObject({
      minor: z.string().regex(/^[1-9]\d{0,17}$/, 'An amount is a whole number of minor units, e.g. "1250" for 12.50.'),
      currency: z.string().regex(/^[A-Z]{3}$/, 'A currency is three capital letters, e.g. EUR.'),
    }),
  }),
]);
type Rule = z.output<typeof rule>;

const fields = {
  name: z.string().trim().min(1).max(120),
  email: z.email().max(254).nullable(),
  rule,
  /** For how many months after a customer's first payment; null = for all of them. */
  months: z.int().min(1).max(120).nullable(),
};
const code = z.string().regex(/^[A-Za-z0-9_-]{2,40}$/, 'A code has 2 to 40 letters, digits, - or _.');

export type NewAffiliate = {
  appId: string;
  name: string;
  email?: string | null | undefined;
  code: string;
  rule: Rule;
  months?: number | null | undefined;
  /** Where their link leads; left out, to the app. */
  destination?: string | undefined;
};

/** Takes on an affiliate: their code, their rule and a tracked link of their own. */
export async function addAffiliate(context: Context, wanted: NewAffiliate) {
  return transaction(context, async (inside) => {
    const { tx, workspaceId } = inside;
    const app = await appOf(inside, wanted.appId);
    const twin = await tx
      .selectFrom('affiliates')
      .select('id')
      .where('appId', '=', app.id)
      .where((eb) => eb(eb.fn<string>('lower', ['code']), '=', wanted.code.toLowerCase()))
      .executeTakeFirst();
    if (twin)
      throw refuse('conflict', 'code_taken', `Another affiliate has the code “${wanted.code}”. Choose another.`);
    const own = { publicUrl: inside.publicUrl, domain: await domainOf(inside) };
    const destination = wanted.destination === undefined ? null : destinationIn(wanted.destination, own);
    const affiliate = await tx
      .insertInto('affiliates')
      .values({
        workspaceId,
        appId: app.id,
        name: wanted.name,
        email: wanted.email?.toLowerCase() ?? null,
        code: wanted.code,
        ...columnsOf(wanted.rule),
        months: wanted.months ?? null,
        destination,
        createdAt: inside.clock.now(),
      })
      .returning('id')
      .executeTakeFirstOrThrow();
    const link = await insertLink(inside, {
      appId: app.id,
      destination: destination ?? app.url,
      code: await freeCodeLike(inside, wanted.code),
      affiliateId: affiliate.id,
      utmSource: wanted.code.toLowerCase(),
      utmMedium: 'affiliate',
    });
    await audit(inside, {
      operation: 'affiliates.add',
      subject: affiliate.id,
      after: { rule: wanted.rule },
    });
    await record(inside, 'affiliate.added', { subjectId: affiliate.id, detail: { appId: app.id } });
    return { id: affiliate.id, linkId: link.id, url: await urlOfCode(inside, link.code) };
  });
}

type Change = {
  affiliateId: string;
  name?: string | undefined;
  email?: string | null | undefined;
  rule?: Rule | undefined;
  months?: number | null | undefined;
  status?: (typeof statuses)[number] | undefined;
};

/** Changes an affiliate. Another rule counts for payments that are not written down yet. */
export async function updateAffiliate(context: Context, wanted: Change): Promise<void> {
  await transaction(context, async (inside) => {
    const { affiliateId, rule: told, status, ...plain } = wanted;
    const set = Object.fromEntries(
      Object.entries({
        ...plain,
        email: plain.email?.toLowerCase() ?? plain.email,
        ...(told ? columnsOf(told) : {}),
        ...(status ? { status, endedAt: status === 'ended' ? inside.clock.now() : null } : {}),
      }).filter(([, value]) => value !== undefined),
    );
    if (Object.keys(set).length === 0)
      throw refuse('invalid', 'nothing_to_change', 'Name at least one field to change.');
    const row = await inside.tx
      .updateTable('affiliates')
      .set(set)
      .where('id', '=', affiliateId)
      .returning('id')
      .executeTakeFirst();
    if (!row) throw notFound('affiliate');
    const { name: _, ...noted } = set;
    await audit(inside, { operation: 'affiliates.update', subject: affiliateId, after: noted });
    await record(inside, 'affiliate.changed', { subjectId: affiliateId });
  });
}

function columnsOf(told: Rule) {
  if ('percent' in told)
    return { commissionPercent: String(told.percent), commissionMinor: null, currency: null } as const;
  return { commissionPercent: null, commissionMinor: told.fixed.minor, currency: told.fixed.currency };
}

const shown = z.object({
  id,
  name: z.string(),
  email: z.string().nullable(),
  code: z.string(),
  /** Either of them. */
  percent: z.number().nullable(),
  fixed: money.nullable(),
  months: z.int().nullable(),
  status: z.enum(statuses),
  createdAt: z.date(),
  endedAt: z.date().nullable(),
  link: z.object({ id, url: z.string(), destination: z.string() }).nullable(),
  /** Clicks on their link by people. */
  clicks: z.int(),
  visits: z.int(),
  signups: z.int(),
  /** Customers whose payments earn them a commission. */
  customers: z.int(),
  /** By currency: not paid out yet, held because they paid themselves, paid out. */
  amounts: z.array(z.object({ currency: z.string(), due: z.string(), flagged: z.string(), paid: z.string() })),
});

async function listAffiliates(inside: Inside, appId: string) {
  await appOf(inside, appId);
  const rows = await inside.tx
    .selectFrom('affiliates')
    .selectAll()
    .where('appId', '=', appId)
    .orderBy((eb) => eb('status', '=', 'ended'))
    .orderBy('createdAt')
    .execute();
  const domain = await domainOf(inside);
  const numbers = await numbersOf(
    inside,
    rows.map((row) => row.id),
  );
  return rows.map((row) => {
    const { link, ...own } = numbers(row.id);
    return {
      ...row,
      ...own,
      percent: row.commissionPercent === null ? null : Number(row.commissionPercent),
      fixed:
        row.commissionMinor === null || row.currency === null
          ? null
          : { minor: row.commissionMinor, currency: row.currency },
      link: link && { id: link.id, url: addressOf(inside, domain, link.code), destination: link.destination },
    };
  });
}

export const affiliateOperations = {
  list: operation({
    summary: 'List the affiliates of an app with what they brought, earned and were paid.',
    route: 'GET /apps/{appId}/affiliates',
    access: 'read',
    input: z.strictObject({ appId: id }),
    output: z.object({ affiliates: z.array(shown) }),
    run: (context, { appId }) =>
      transaction(context, async (inside) => ({ affiliates: await listAffiliates(inside, appId) })),
  }),
  add: operation({
    summary: 'Take on an affiliate with a code, a commission rule and a tracked link of their own.',
    route: 'POST /apps/{appId}/affiliates',
    access: 'write',
    input: z.strictObject({
      appId: id,
      name: fields.name,
      email: fields.email.optional(),
      code,
      rule: fields.rule,
      months: fields.months.optional(),
      destination: z.string().trim().min(1).max(2000).optional(),
    }),
    output: z.object({ id, linkId: id, url: z.string() }),
    run: addAffiliate,
  }),
  update: operation({
    summary: 'Change an affiliate: name, address, rule, or pause and end it.',
    route: 'PATCH /affiliates/{affiliateId}',
    access: 'write',
    input: z.strictObject({
      affiliateId: id,
      ...z.object(fields).partial().shape,
      status: z.enum(statuses).optional(),
    }),
    output: done,
    run: async (context, input) => {
      await updateAffiliate(context, input);
      return { done: true };
    },
  }),
};
