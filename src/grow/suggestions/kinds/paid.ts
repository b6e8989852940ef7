import { sql } from 'kysely';
import type { Inside } from '#src/context.ts';
import { moneyOf } from '#src/grow/suggestions/baselines.ts';
import { counted, type Frame, type Kind } from '#src/grow/suggestions/kind.ts';
import { rowsOf } from './read.ts';

/** What was spent on ads for a campaign in 90 days, and what it is credited with (last click that was not direct). */
type Ad = {
  id: string;
  name: string;
  budget: number | null;
  starts: string | null;
  ends: string | null;
  status: string;
  spent: number;
  entries: number[];
  earned: number;
  purchases: number;
  clicks: number;
  links: number;
};

export const paid: Kind[] = [
  {
    name: 'paid.stop_losing',
    category: 'paid',
    when: 'Ads of a campaign cost at least twice what they brought in 90 days.',
    look: async (inside, frame) =>
      (await readAds(inside, frame))
        .filter(
          ({ spent, earned, clicks, entries }) =>
            spent > 0 && earned * 2 <= spent && clicks >= 30 && entries.length >= 3,
        )
        .slice(0, 2)
        .map((ad) => ({
          subject: ad.id,
          title: `Pause the ads of “${ad.name}”`,
          reasoning: `They cost ${money(frame, ad.spent)} in 90 days and brought ${money(frame, ad.earned)} by ${counted(ad.purchases, 'purchase')}.`,
          evidence: adRows(ad),
          weight: ad.spent,
          flow: moneyOf('spent on these ads a month', ad.entries, 90),
          minutes: 30,
          effortReason: 'Pausing them and writing down what was learnt.',
          actions: [
            `Pause the ads of “${ad.name}”.`,
            'Look which search words or groups brought the clicks that did not sign up.',
            'Start again only with the ones that did.',
          ],
          timeFrameDays: 14,
          measure: null,
          strategyChange: {
            add: [
              {
                kind: 'avoid' as const,
                statement: `No ads for “${ad.name}” until its page converts.`,
                reasoning: `They cost ${money(frame, ad.spent)} and brought ${money(frame, ad.earned)}.`,
              },
            ],
          },
        })),
  },
  {
    name: 'paid.raise_winning',
    category: 'paid',
    when: 'Ads of a campaign brought at least twice what they cost in 90 days, by five purchases or more.',
    look: async (inside, frame) =>
      (await readAds(inside, frame))
        .filter(({ spent, earned, purchases }) => spent > 0 && earned >= 2 * spent && purchases >= 5)
        .slice(0, 2)
        .map((ad) => ({
          subject: ad.id,
          title: `Give the ads of “${ad.name}” a third more`,
          reasoning: `They cost ${money(frame, ad.spent)} in 90 days and brought ${money(frame, ad.earned)} by ${counted(ad.purchases, 'purchase')}. More budget usually brings less per unit than the first did.`,
          evidence: adRows(ad),
          weight: ad.purchases,
          flow: {
            unit: 'money' as const,
            quantities: [
              {
                label: 'left after the cost of the ads, a month',
                mean: ((ad.earned - ad.spent) / 90) * 30.44,
                shape: ad.purchases,
              },
            ],
          },
          minutes: 45,
          effortReason: 'Raising it, and looking at the numbers twice.',
          actions: [
            `Raise the budget of “${ad.name}” by a third.`,
            'Look after two weeks whether a purchase costs more than before.',
          ],
          timeFrameDays: 28,
          measure: {
            of: 'signups' as const,
            dimension: 'channel' as const,
            values: ['Paid Search', 'Paid Social', 'Display'],
          },
        })),
  },
  {
    name: 'paid.untracked',
    category: 'paid',
    when: 'Money was spent on ads of a campaign in 90 days, and no click of a tracked link is counted for it.',
    look: async (inside, frame) =>
      (await readAds(inside, frame))
        .filter(({ spent, clicks }) => spent > 0 && clicks === 0)
        .slice(0, 2)
        .map((ad) => ({
          subject: ad.id,
          title: `Make the ads of “${ad.name}” countable`,
          reasoning: `${money(frame, ad.spent)} went into them in 90 days, and not one click is counted: nobody can say what they bring.`,
          evidence: adRows(ad),
          weight: ad.spent,
          flow: { missing: 'What the ads bring is not counted, which is what this would change.' },
          minutes: 20,
          effortReason: 'One link, put into each ad.',
          actions: [`Make a tracked link in “${ad.name}”.`, 'Put it into each ad as its address.'],
          timeFrameDays: 14,
          measure: null,
        })),
  },
  {
    name: 'paid.idle_budget',
    category: 'paid',
    when: 'An active campaign ends within five weeks, or runs for eight, and has spent less than a tenth of its budget.',
    look: async (inside, frame) =>
      (await readAds(inside, frame))
        .filter(
          ({ status, budget, spent, starts, ends }) =>
            status === 'active' &&
            budget !== null &&
            budget > 0 &&
            spent < budget * 0.1 &&
            isDue(frame.today, starts, ends),
        )
        .slice(0, 2)
        .map((ad) => ({
          subject: ad.id,
          title: `Decide what the budget of “${ad.name}” is for`,
          reasoning: `Of ${money(frame, ad.budget ?? 0)} ${money(frame, ad.spent)} is spent${ad.ends ? `, and it ends on ${ad.ends}` : ''}. Money set aside and not used is a decision nobody took.`,
          evidence: adRows(ad),
          weight: ad.budget ?? 0,
          flow: { missing: 'What the budget would bring is not known before some of it is spent.' },
          minutes: 30,
          effortReason: 'One decision, one small test.',
          actions: [
            `Decide for “${ad.name}”: a small test, or no budget.`,
            'Write down beforehand what a signup may cost.',
            'For a test: one ad to one page, with a tracked link, for two weeks.',
          ],
          timeFrameDays: 28,
          measure: null,
        })),
  },
  {
    name: 'paid.untied_costs',
    category: 'paid',
    when: 'Money goes out every month, and none of it is tied to a campaign, channel or post.',
    look: async (inside, frame) => {
      const rows = await rowsOf(
        inside,
        sql<{ kind: string; entries: number; minor: number; tied: number }>`
          select kind, count(*)::int as entries, sum(amount_minor)::float8 as minor,
            count(coalesce(campaign_id, channel_id, post_id))::int as tied
          from cost_entries where app_id = ${frame.appId} and currency = ${frame.base.currency} and day >= ${frame.today}::date - 90
            and kind in ('ads', 'tools', 'other') group by kind`,
      );
      const entries = rows.reduce((all, row) => all + row.entries, 0);
      const tied = rows.reduce((all, row) => all + row.tied, 0);
      const minor = rows.reduce((all, row) => all + row.minor, 0);
      if (entries < 3 || tied > 0) return [];
      return [
        {
          subject: '',
          title: 'Say what your marketing money was for',
          reasoning: `${money(frame, minor)} went out in 90 days in ${counted(entries, 'entry', 'entries')}, and none names a campaign, a channel or a post. What pays off cannot be told from what does not.`,
          evidence: rows.map(({ kind, minor: each }) => ({
            label: `Costs of 90 days: ${kind}`,
            table: 'cost_entries',
            rowId: null,
            value: each,
            unit: 'money' as const,
          })),
          weight: entries,
          flow: moneyOf(
            'spent a month',
            rows.map((row) => row.minor),
            90,
          ),
          minutes: 30,
          effortReason: 'Going through the entries once.',
          actions: [
            'Give each entry of the last 90 days its campaign or channel.',
            'Cancel what nobody can name a use for.',
          ],
          timeFrameDays: 14,
          measure: null,
        },
      ];
    },
  },
];

async function readAds(inside: Inside, frame: Frame): Promise<Ad[]> {
  const since = sql`${frame.today}::date - 90`;
  return await rowsOf(
    inside,
    sql<Ad>`
      select c.id, c.name, case when c.currency = ${frame.base.currency} then c.budget_minor::float8 end as budget, c.starts_on::text as starts, c.ends_on::text as ends, c.status,
        coalesce(e.spent, 0)::float8 as spent, coalesce(e.entries, '{}'::float8[]) as entries,
        coalesce(m.earned, 0)::float8 as earned, coalesce(m.purchases, 0)::float8 as purchases,
        (select count(*) from clicks k join links l on l.workspace_id = k.workspace_id and l.id = k.link_id
          where l.campaign_id = c.id and k.agent_class = 'human' and k.occurred_at >= ${since})::int as clicks,
        (select count(*) from links l where l.campaign_id = c.id)::int as links
      from campaigns c
      left join lateral (select sum(amount_minor) as spent, array_agg(amount_minor::float8) as entries from cost_entries
        where campaign_id = c.id and kind = 'ads' and currency = ${frame.base.currency} and day >= ${since}) e on true
      left join lateral (select sum(net_minor) as earned, sum(purchases) as purchases from credit_days
        where app_id = c.app_id and dimension = 'campaign' and model = 'last_non_direct' and value = c.id::text
          and currency in (${frame.base.currency}, '') and day >= ${since}) m on true
      where c.app_id = ${frame.appId} order by e.spent desc nulls last, c.created_at`,
  );
}

function adRows({ id, spent, earned, purchases, clicks, budget, name }: Ad) {
  return [
    { label: `“${name}”: ads, last 90 days`, table: 'cost_entries', rowId: id, value: spent, unit: 'money' as const },
    {
      label: 'Left of what it is credited with',
      table: 'credit_days',
      rowId: id,
      value: earned,
      unit: 'money' as const,
    },
    { label: 'Purchases credited', table: 'credit_days', rowId: id, value: Math.round(purchases * 10) / 10 },
    { label: 'Clicks of its links', table: 'clicks', rowId: id, value: clicks },
    ...(budget === null
      ? []
      : [{ label: 'Budget', table: 'campaigns', rowId: id, value: budget, unit: 'money' as const }]),
  ];
}

function isDue(today: string, starts: string | null, ends: string | null): boolean {
  const days = (from: string, to: string) => (Date.parse(to) - Date.parse(from)) / 86_400_000;
  if (ends !== null && days(today, ends) < 0) return false;
  return (ends !== null && days(today, ends) <= 35) || (starts !== null && days(starts, today) >= 56);
}

/** Whole units, for sentences. */
function money(frame: Frame, minor: number): string {
  const format = new Intl.NumberFormat('en', {
    style: 'currency',
    currency: frame.base.currency,
    maximumFractionDigits: 0,
  });
  const digits =
    new Intl.NumberFormat('en', { style: 'currency', currency: frame.base.currency }).resolvedOptions()
      .maximumFractionDigits ?? 2;
  return format.format(minor / 10 ** digits);
}
