import { sql } from 'kysely';
import { placeAt, signupsAt, signupsOf } from '#src/grow/suggestions/baselines.ts';
import { counted, type Kind, listed, percent, shortened } from '#src/grow/suggestions/kind.ts';
import { rateRatio } from '#src/measure/uncertainty.ts';
import { daysAgo, evidenceOf, insightsOf, named, rowsOf } from './read.ts';

export const conversion: Kind[] = [
  {
    name: 'conversion.low_signups',
    category: 'conversion',
    when: 'A page or post has many visits and clearly fewer signups than the others.',
    detector: 'low_signups',
    look: async (inside, frame) =>
      (await insightsOf(inside, frame, 'low_signups')).slice(0, 2).map((seen) => {
        const path = seen.subject.startsWith('page:') ? seen.subject.slice(5) : null;
        return {
          subject: path ?? seen.subject,
          title: path ? `Help the visitors of ${path} sign up` : 'Help the visitors who come but do not sign up',
          reasoning: seen.sentence,
          evidence: evidenceOf(seen),
          weight: seen.sampleBefore ?? 1,
          flow: path
            ? signupsAt(frame.base, 'path', [path])
            : signupsOf(frame.base, placeAt(frame.base, 'post', [named(seen.subject)]), 'that post'),
          minutes: 120,
          effortReason: 'Two hours: the first screen, one way to sign up.',
          actions: [
            `Open ${path ?? 'the page it leads to'} as a visitor would, on a phone too.`,
            'Say in the first screen what the app does and for whom.',
            'Put one clear way to sign up there.',
          ],
          timeFrameDays: 42,
          measure: path ? { of: 'signup_rate' as const, dimension: 'path' as const, values: [path] } : null,
          insightId: seen.id,
        };
      }),
  },
  {
    name: 'conversion.source_promise',
    category: 'conversion',
    when: 'Visitors from one source sign up less often than the others.',
    detector: 'source_signups',
    look: async (inside, frame) =>
      (await insightsOf(inside, frame, 'source_signups', 'down')).slice(0, 2).map((seen) => {
        const source = seen.subject.slice(seen.subject.indexOf(':') + 1);
        return {
          subject: source,
          title: `Meet what visitors from ${source} expect`,
          reasoning: seen.sentence,
          evidence: evidenceOf(seen),
          weight: seen.sampleAfter ?? 1,
          flow: signupsAt(frame.base, 'source', [source]),
          minutes: 120,
          effortReason: 'Two hours: reading what brings them, one page for them.',
          actions: [
            `Read what brings people from ${source}: the post, listing or article.`,
            'Send them to a page that answers just that.',
          ],
          timeFrameDays: 42,
          measure: { of: 'signup_rate' as const, dimension: 'source' as const, values: [source] },
          insightId: seen.id,
        };
      }),
  },
  {
    name: 'conversion.weak_channel',
    category: 'conversion',
    when: 'A channel with 500 visits or more brings clearly fewer signups per visit than the rest, and no insight says so yet.',
    look: async (inside, frame) => {
      const known = await insightsOf(inside, frame, 'source_signups', 'down');
      if (known.length > 0) return [];
      const whole = frame.base;
      return [...(frame.base.places.get('channel') ?? [])]
        .flatMap(([channel, place]) => {
          const rest = { events: whole.signups - place.signups, exposure: whole.visits - place.visits };
          if (place.visits < 500 || rest.exposure < 500 || rest.events < 0) return [];
          const found = rateRatio(rest, { events: place.signups, exposure: place.visits });
          return found && found.p < 0.05 && found.estimate < 1 ? [{ channel, place, rest }] : [];
        })
        .sort((a, b) => b.place.visits - a.place.visits)
        .slice(0, 1)
        .map(({ channel, place, rest }) => ({
          subject: channel,
          title: `Give visitors by ${channel.toLowerCase()} a page of their own`,
          reasoning: `Of ${counted(place.visits, 'visit')} by ${channel} ${percent(place.signups / place.visits)} end in a signup, of the others ${percent(rest.events / rest.exposure)}.`,
          evidence: [
            { label: `${channel}: visits`, table: 'traffic_days', rowId: null, value: place.visits },
            { label: `${channel}: signups`, table: 'traffic_days', rowId: null, value: place.signups },
            { label: 'The others: visits', table: 'traffic_days', rowId: null, value: rest.exposure },
            { label: 'The others: signups', table: 'traffic_days', rowId: null, value: rest.events },
          ],
          weight: place.visits,
          flow: signupsAt(frame.base, 'channel', [channel]),
          minutes: 180,
          effortReason: 'Three hours: one page that continues what they read before.',
          actions: [
            `See on which pages visits by ${channel} begin.`,
            'Say there, in their words, what they came for and what the app does about it.',
            'Lead to one next step, not to five.',
          ],
          timeFrameDays: 42,
          measure: { of: 'signup_rate' as const, dimension: 'channel' as const, values: [channel] },
        }));
    },
  },
  {
    name: 'conversion.proof_on_pricing',
    category: 'conversion',
    when: 'Customers are quoted on some page, but not on the pricing page.',
    look: async (inside, frame) => {
      const rows = await rowsOf(
        inside,
        sql<{ id: string; statement: string; pricing: string }>`
          select f.id, f.statement, g.url as pricing from facts f
          join pages g on g.app_id = f.app_id and g.kind = 'pricing' and g.competitor_id is null and g.gone_at is null
          where f.app_id = ${frame.appId} and f.kind = 'testimonial' and f.state <> 'retired'
            and not exists (select from evidence e join facts t on t.workspace_id = e.workspace_id and t.id = e.fact_id
              where t.app_id = ${frame.appId} and t.kind = 'testimonial' and t.state <> 'retired' and starts_with(e.url, g.url))
          order by f.confidence desc limit 4`,
      );
      const first = rows[0];
      if (!first) return [];
      const path = new URL(first.pricing).pathname;
      return [
        {
          subject: '',
          title: `Show on ${path} that others pay and are glad`,
          reasoning: `${counted(rows.length, 'quote')} of customers ${rows.length === 1 ? 'stands' : 'stand'} on your pages, none on ${path}, where people decide.`,
          evidence: rows.map(({ id, statement }) => ({
            label: shortened(statement, 80),
            table: 'facts',
            rowId: id,
            value: null,
          })),
          weight: rows.length,
          flow: signupsAt(frame.base, 'channel', [...(frame.base.places.get('channel')?.keys() ?? [])]),
          minutes: 30,
          effortReason: 'Putting one quote with a name and a face below the prices.',
          actions: [`Put the quote that names a result below the prices on ${path}.`, 'Name who says it, with a link.'],
          timeFrameDays: 42,
          measure: { of: 'signup_rate', dimension: 'total', values: [] },
        },
      ];
    },
  },
  {
    name: 'conversion.competitor_price',
    category: 'conversion',
    when: 'A watched competitor changed its prices in the last 60 days.',
    look: async (inside, frame) => {
      const changes = await rowsOf(
        inside,
        sql<{ id: string; name: string; before: string | null; after: string | null; found: Date }>`
          select x.id, c.name, x.before, x.after, x.found_at as found from competitor_changes x
          join competitors c on c.workspace_id = x.workspace_id and c.id = x.competitor_id
          where c.app_id = ${frame.appId} and c.state = 'watched' and x.kind = 'price' and x.found_at >= ${daysAgo(frame, 60)}
          order by x.found_at desc limit 5`,
      );
      const first = changes[0];
      if (!first) return [];
      return [
        {
          subject: first.id,
          title: `Use the new prices of ${listed([...new Set(changes.map(({ name }) => name))], 2)}`,
          reasoning: `${first.name} changed its prices on ${first.found.toISOString().slice(0, 10)}${first.before && first.after ? `: “${shortened(first.before, 40)}” became “${shortened(first.after, 40)}”` : ''}. In the weeks after such a change people compare.`,
          evidence: changes.map(({ id, name, before, after }) => ({
            label: `${name}: ${shortened(before ?? 'nothing', 30)} → ${shortened(after ?? 'nothing', 30)}`,
            table: 'competitor_changes',
            rowId: id,
            value: null,
          })),
          weight: changes.length,
          flow: signupsAt(frame.base, 'channel', ['Organic Search']),
          minutes: 120,
          effortReason: 'Two hours: one comparison page and one post.',
          actions: [
            `Write down what ${first.name} costs now and what you cost, for the same use.`,
            'Put it on a comparison page, with the date you looked.',
            'Tell it in one post, without malice.',
          ],
          timeFrameDays: 30,
          measure: { of: 'signup_rate', dimension: 'channel', values: ['Organic Search'] },
          makes: {
            campaign: {
              name: `Compared with ${first.name}`,
              description: 'A comparison page and posts, while people compare.',
              objective: 'leads',
            },
            drafts: [
              {
                title: `${frame.appName} and ${first.name}, what each costs`,
                kind: 'comparison',
                text: `${first.name} changed its prices. What the same use costs there and at ${frame.appName}, as of today:`,
              },
            ],
          },
        },
      ];
    },
  },
];
