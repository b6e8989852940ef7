import { sql } from 'kysely';
import { allSignups } from '#src/grow/suggestions/baselines.ts';
import { counted, type Kind, listed, percent, shortened } from '#src/grow/suggestions/kind.ts';
import { daysAgo, rowsOf } from './read.ts';

export const product: Kind[] = [
  {
    name: 'product.feature_gap',
    category: 'product',
    when: 'Two watched competitors, or one where there is only one, have a feature the app has not.',
    look: async (inside, frame) => {
      const gaps = await rowsOf(
        inside,
        sql<{ id: string; name: string; theirs: number; watched: number; who: string[] }>`
          select f.id, f.name, count(distinct c.id)::int as theirs, array_agg(distinct c.name) as who,
            (select count(*) from competitors w where w.app_id = ${frame.appId} and w.state = 'watched')::int as watched
          from features f
          join feature_support s on s.workspace_id = f.workspace_id and s.feature_id = f.id and s.support in ('yes', 'partly')
          join competitors c on c.workspace_id = s.workspace_id and c.id = s.competitor_id and c.state = 'watched'
          where f.app_id = ${frame.appId} and exists (select from feature_support o where o.workspace_id = f.workspace_id
            and o.feature_id = f.id and o.competitor_id is null and o.support = 'no')
          group by f.id, f.name, f.position order by theirs desc, f.position limit 3`,
      );
      return gaps
        .filter(({ theirs, watched }) => theirs >= Math.min(2, watched))
        .slice(0, 2)
        .map(({ id, name, theirs, who, watched }) => ({
          subject: id,
          title: `Decide on “${name}”: ${listed(who, 2)} ${who.length === 1 ? 'has' : 'have'} it`,
          reasoning: `${theirs} of the ${watched} competitors you watch have “${name}”, you do not. Either it is missing, or it is a reason to choose you: today your pages say neither.`,
          evidence: who.map((one) => ({
            label: `${one} has “${name}”`,
            table: 'feature_support',
            rowId: id,
            value: null,
          })),
          weight: theirs,
          flow: allSignups(frame.base),
          minutes: 480,
          effortReason:
            'A day for a first version, or an hour for the page that says why not. Your own estimate is better: drag it.',
          actions: [
            `Ask five customers whether they miss “${name}”.`,
            'Decide: build a first version, or say on the comparison page why you do without.',
            'Tell it in a post, whichever it is.',
          ],
          timeFrameDays: 90,
          measure: { of: 'signup_rate' as const, dimension: 'total' as const, values: [] },
        }));
    },
  },
  {
    name: 'product.asked_for',
    category: 'product',
    when: 'Two or more people asked for, or asked about, something the product should do in 90 days.',
    look: async (inside, frame) => {
      const asked = await rowsOf(
        inside,
        sql<{ id: string; text: string; who: string | null; people: number; all: number }>`
          with wishes as (
            select i.id, i.text, i.received_at, coalesce(c.name, c.handle) as who, i.contact_id from inbox_items i
            left join contacts c on c.workspace_id = i.workspace_id and c.id = i.contact_id
            where i.received_at >= ${daysAgo(frame, 90)} and i.text ~* '\\m(does it|can it|could it|is there|would love|wish|support for|work with|integrat|when will|feature request)\\M'
          )
          select id, text, who, (select count(distinct coalesce(contact_id, id)) from wishes)::int as people, (select count(*) from wishes)::int as all
          from wishes order by received_at desc limit 6`,
      );
      const people = asked[0]?.people ?? 0;
      if (people < 2) return [];
      return [
        {
          subject: '',
          title: `Answer on the page what ${people} people asked`,
          reasoning: `${counted(asked[0]?.all ?? 0, 'question')} in 90 days on what the product can do, for example: “${shortened(asked[0]?.text ?? '', 80)}”. Those who ask are few of those who wonder.`,
          evidence: asked.map(({ id, text, who }) => ({
            label: `${who ?? 'Somebody'}: “${shortened(text, 70)}”`,
            table: 'inbox_items',
            rowId: id,
            value: null,
          })),
          weight: asked[0]?.all ?? 1,
          flow: allSignups(frame.base),
          minutes: 90,
          effortReason: 'Writing the answers, putting them where the question arises.',
          actions: [
            'Answer each of them in the inbox.',
            'Put the two most asked questions with their answers on the page before the signup.',
            'Where the answer is no, note it as a wish.',
          ],
          timeFrameDays: 42,
          measure: { of: 'signup_rate', dimension: 'total', values: [] },
        },
      ];
    },
  },
  {
    name: 'product.first_payment',
    category: 'product',
    when: 'Fewer than a third of those who signed up two weeks to half a year ago have paid, with 50 signups or more.',
    look: async (inside, frame) => {
      const [row] = await rowsOf(
        inside,
        sql<{ signups: number; paid: number }>`
          select count(*)::int as signups, count(*) filter (where exists (
            select from conversions p where p.workspace_id = s.workspace_id and p.app_id = s.app_id and p.kind = 'purchase' and p.customer_id = s.customer_id))::int as paid
          from conversions s where s.app_id = ${frame.appId} and s.kind = 'signup' and s.customer_id is not null
            and s.occurred_at >= ${daysAgo(frame, 180)} and s.occurred_at < ${daysAgo(frame, 14)}`,
      );
      if (!row || row.signups < 50 || row.paid * 3 >= row.signups) return [];
      return [
        {
          subject: '',
          title: 'Lead new users to the moment it is worth paying for',
          reasoning: `${row.signups} people signed up two weeks to half a year ago; ${row.paid} of them paid (${percent(row.paid / row.signups)}).`,
          evidence: [
            { label: 'Signups, 14 to 180 days ago', table: 'conversions', rowId: null, value: row.signups },
            { label: 'Of these, paid since', table: 'conversions', rowId: null, value: row.paid },
          ],
          weight: row.signups,
          flow: frame.base.perSignup
            ? allSignups(frame.base)
            : { missing: frame.base.worthMissing ?? 'What a signup pays is not known.' },
          minutes: 360,
          effortReason: 'Six hours: watching three new users, changing the first five minutes, one mail.',
          actions: [
            'Watch three people use it for the first time, without helping.',
            'Take away one step between the signup and the first result.',
            'Write to those who stopped there, on the second day.',
          ],
          timeFrameDays: 60,
          measure: null,
        },
      ];
    },
  },
  {
    name: 'product.release_news',
    category: 'product',
    when: 'No page of the kind changelog is known, or nothing about a new feature was posted for 45 days.',
    look: async (inside, frame) => {
      const [row] = await rowsOf(
        inside,
        sql<{ changelog: string | null; last: Date | null; features: number }>`
          select (select g.url from pages g where g.app_id = ${frame.appId} and g.competitor_id is null and g.kind = 'changelog' and g.gone_at is null limit 1) as changelog,
            (select max(u.published_at) from posts p join publications u on u.workspace_id = p.workspace_id and u.post_id = p.id and u.state = 'published'
              where p.app_id = ${frame.appId} and p.kind = 'feature_update') as last,
            (select count(*) from facts where app_id = ${frame.appId} and kind = 'feature' and state <> 'retired')::int as features`,
      );
      if (!row || row.features < 3 || (row.changelog !== null && row.last !== null && row.last > daysAgo(frame, 45)))
        return [];
      if (row.changelog === null && row.last !== null && row.last > daysAgo(frame, 45)) return [];
      return [
        {
          subject: '',
          title: 'Show that the product moves',
          reasoning: `${row.last ? `The last post on something new went out on ${row.last.toISOString().slice(0, 10)}` : 'No post told of anything new so far'}${row.changelog ? '' : ', and no changelog page is known'}. Whoever compares tools looks for signs of life.`,
          evidence: [
            { label: 'Features on your pages', table: 'facts', rowId: null, value: row.features },
            { label: row.changelog ?? 'No page of the kind changelog', table: 'pages', rowId: null, value: null },
          ],
          weight: row.features,
          flow: allSignups(frame.base),
          minutes: 90,
          effortReason: 'One page with the last five changes, one post.',
          actions: ['List the last five changes with their dates on one page.', 'Tell the most useful one in a post.'],
          timeFrameDays: 30,
          measure: { of: 'signup_rate', dimension: 'total', values: [] },
          makes: { write: 1 },
        },
      ];
    },
  },
];
