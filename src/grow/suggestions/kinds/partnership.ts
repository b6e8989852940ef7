import { sql } from 'kysely';
import { allSignups, signupsAt, signupsByVisits } from '#src/grow/suggestions/baselines.ts';
import { counted, type Kind, listed } from '#src/grow/suggestions/kind.ts';
import { daysAgo, rowsOf } from './read.ts';

export const partnership: Kind[] = [
  {
    name: 'partnership.referrers',
    category: 'partnership',
    when: 'A site that is neither a search engine, a network nor an affiliate sends 50 visits or more in 84 days.',
    look: async (inside, frame) => {
      const hosts = await rowsOf(
        inside,
        sql<{ host: string; visits: number }>`
          select referrer_host as host, count(*)::int as visits from visits
          where app_id = ${frame.appId} and started_at >= ${daysAgo(frame, 84)} and agent_class = 'human' and channel = 'Referral'
            and referrer_host is not null group by 1 having count(*) >= 50 order by 2 desc limit 2`,
      );
      const kept =
        hosts.length > 0
          ? hosts
          : [...(frame.base.places.get('source') ?? [])]
              .filter(([source]) => source === 'GitHub')
              .map(([, { visits }]) => ({ host: 'github.com', visits }))
              .filter(({ visits }) => visits >= 50);
      return kept.map(({ host, visits }) => ({
        subject: host,
        title: `Talk to the people of ${host}`,
        reasoning: `${host} sent ${counted(visits, 'visit')} in 84 days without being asked. Somebody there likes what you do.`,
        evidence: [{ label: `Visits from ${host}`, table: 'traffic_days', rowId: null, value: visits }],
        weight: visits,
        flow: frame.base.places.get('referrer')?.has(host)
          ? signupsAt(frame.base, 'referrer', [host])
          : signupsByVisits(frame.base, `visits a month from ${host}`, visits, 84),
        minutes: 120,
        effortReason: 'Two hours: finding the person, one good mail, one thing for their readers.',
        actions: [
          `Find the page on ${host} that links to you, and who wrote it.`,
          'Thank them, and offer something for their readers: a text, a talk, a better link.',
          'Note them under Channels with the next step.',
        ],
        timeFrameDays: 60,
        measure: { of: 'visits' as const, dimension: 'referrer' as const, values: [host] },
      }));
    },
  },
  {
    name: 'partnership.start_affiliates',
    category: 'partnership',
    when: 'There are 20 customers or more, and no affiliate.',
    look: async (inside, frame) => {
      const [row] = await rowsOf(
        inside,
        sql<{ affiliates: number; customers: number; advocates: number }>`
          select (select count(*) from affiliates where app_id = ${frame.appId} and status <> 'ended')::int as affiliates,
            (select count(distinct customer_id) from conversions where app_id = ${frame.appId} and kind = 'purchase')::int as customers,
            (select count(*) from contacts where advocate_since is not null)::int as advocates`,
      );
      if (!row || row.affiliates > 0 || row.customers < 20) return [];
      return [
        {
          subject: '',
          title: 'Let customers earn by recommending you',
          reasoning: `${row.customers} people have paid, ${row.advocates} of your contacts speak of you often, and nobody has a reason or a link to recommend you.`,
          evidence: [
            { label: 'Paying customers', table: 'conversions', rowId: null, value: row.customers },
            { label: 'Advocates', table: 'contacts', rowId: null, value: row.advocates },
          ],
          weight: row.customers,
          flow: allSignups(frame.base),
          minutes: 180,
          effortReason: 'Three hours: the terms, the page, ten personal mails.',
          actions: [
            'Decide on a commission you can pay without thinking.',
            'Make links for ten people who know the product well, and write to each.',
            'Settle what they earned every month.',
          ],
          timeFrameDays: 90,
          measure: { of: 'visits', dimension: 'channel', values: ['Affiliates'] },
        },
      ];
    },
  },
  {
    name: 'partnership.idle_affiliates',
    category: 'partnership',
    when: 'An active affiliate of more than 60 days brought no click for 45 days.',
    look: async (inside, frame) => {
      const idle = await rowsOf(
        inside,
        sql<{ id: string; name: string; clicks: number }>`
          select a.id, a.name, (select count(*) from clicks k join links l on l.workspace_id = k.workspace_id and l.id = k.link_id where l.affiliate_id = a.id)::int as clicks
          from affiliates a where a.app_id = ${frame.appId} and a.status = 'active' and a.created_at < ${daysAgo(frame, 60)}
            and not exists (select from touches t where t.app_id = a.app_id and t.affiliate_id = a.id and t.occurred_at >= ${daysAgo(frame, 45)})
            and not exists (select from clicks k join links l on l.workspace_id = k.workspace_id and l.id = k.link_id
              where l.affiliate_id = a.id and k.occurred_at >= ${daysAgo(frame, 45)})`,
      );
      if (idle.length === 0) return [];
      const names = idle.map(({ name }) => name);
      return [
        {
          subject: '',
          title: `Wake up ${listed(names, 2)}`,
          reasoning: `${counted(idle.length, 'affiliate')} of yours brought no click for 45 days.`,
          evidence: idle.map(({ id, name, clicks }) => ({
            label: `${name}: clicks so far`,
            table: 'affiliates',
            rowId: id,
            value: clicks,
          })),
          weight: idle.length,
          flow: signupsAt(frame.base, 'channel', ['Affiliates']),
          minutes: 20 * idle.length,
          effortReason: '20 minutes for each: a personal mail with something new to tell.',
          actions: names.slice(0, 5).map((name) => `Write to ${name}: what is new, and a text they can use.`),
          timeFrameDays: 42,
          measure: { of: 'visits', dimension: 'channel', values: ['Affiliates'] },
        },
      ];
    },
  },
  {
    name: 'partnership.winning_affiliate',
    category: 'partnership',
    when: 'One affiliate brings three signups or more in 84 days.',
    look: async (inside, frame) => {
      const rows = await rowsOf(
        inside,
        sql<{ id: string; name: string; code: string; signups: number }>`
          select a.id, a.name, a.code, sum(d.signups)::float8 as signups from affiliates a
          join credit_days d on d.app_id = a.app_id and d.dimension = 'affiliate' and d.model = 'last_non_direct' and d.value = a.id::text
          where a.app_id = ${frame.appId} and a.status = 'active' and d.day >= ${frame.today}::date - 84
          group by a.id, a.name, a.code having sum(d.signups) >= 3 order by 4 desc limit 1`,
      );
      return rows.map(({ id, name, code, signups }) => ({
        subject: id,
        title: `Do something together with ${name}`,
        reasoning: `${name} brought ${counted(Math.round(signups), 'signup')} in 84 days. A joint text or talk reaches the readers who skipped the link.`,
        evidence: [
          { label: `${name}: signups credited in 84 days`, table: 'affiliates', rowId: id, value: Math.round(signups) },
        ],
        weight: signups,
        flow: frame.base.places.get('source')?.has(code)
          ? signupsAt(frame.base, 'source', [code])
          : signupsAt(frame.base, 'channel', ['Affiliates']),
        minutes: 240,
        effortReason: 'Four hours: an idea, a draft, an hour together.',
        actions: [
          `Ask ${name} what their readers ask most.`,
          'Make one thing together: a guide, a live session, a comparison.',
          'Give their readers a reason to try it this week.',
        ],
        timeFrameDays: 60,
        measure: { of: 'visits' as const, dimension: 'source' as const, values: [code] },
        makes: {
          campaign: {
            name: `Together with ${name}`,
            description: `One thing made with ${name}.`,
            objective: 'leads' as const,
          },
        },
      }));
    },
  },
];
