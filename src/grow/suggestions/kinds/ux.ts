import { sql } from 'kysely';
import { type Place, placeAt, signupsAt } from '#src/grow/suggestions/baselines.ts';
import { counted, type Kind, percent } from '#src/grow/suggestions/kind.ts';
import { rateRatio } from '#src/measure/uncertainty.ts';
import { openFindings, rowsOf } from './read.ts';
import { rulesOf } from './seo.ts';

export const ux: Kind[] = [
  {
    name: 'ux.phone',
    category: 'ux',
    when: 'Visitors on phones sign up clearly less often than those at a desk.',
    look: async (_, frame) => {
      const [phone, desk] = [placeAt(frame.base, 'device', ['phone']), placeAt(frame.base, 'device', ['desktop'])];
      if (!isLower(phone, desk)) return [];
      return [
        {
          subject: 'phone',
          title: 'Make signing up easy on a phone',
          reasoning: `On phones ${rate(phone)} of the visits end in a signup, at a desk ${rate(desk)}. ${counted(phone.visits, 'visit')} of the last ${frame.base.days} days came by phone.`,
          evidence: placeRows('Phones', phone, 'Desks', desk),
          weight: phone.visits,
          flow: signupsAt(frame.base, 'device', ['phone']),
          minutes: 240,
          effortReason: 'Four hours: going through it on two phones, mending the three worst places.',
          actions: [
            'Sign up on your own phone, with the thumb of one hand.',
            'Make the fields use the right keyboard and fill themselves in.',
            'Put the one button that matters where the thumb is.',
          ],
          timeFrameDays: 42,
          measure: { of: 'signup_rate', dimension: 'device', values: ['phone'] },
        },
      ];
    },
  },
  {
    name: 'ux.leaky_entry',
    category: 'ux',
    when: 'Of the visits that begin on a page, far more than elsewhere end there, with 100 or more of them.',
    look: async (_, frame) => {
      const all = [...(frame.base.places.get('path') ?? [])];
      const whole = sumOf(all.map(([, place]) => place));
      return all
        .filter(([, place]) => place.visits >= 100 && isHigher(place, whole))
        .sort(([, a], [, b]) => b.visits - a.visits)
        .slice(0, 2)
        .map(([path, place]) => ({
          subject: path,
          title: `Give visitors of ${path} a next step`,
          reasoning: `${percent(place.bounces / place.visits)} of the visits that begin on ${path} end there; on your pages together ${percent(whole.bounces / whole.visits)} do.`,
          evidence: [
            { label: `Visits that began on ${path}`, table: 'traffic_days', rowId: null, value: place.visits },
            { label: 'Ended there', table: 'traffic_days', rowId: null, value: place.bounces },
            { label: 'Signups among them', table: 'traffic_days', rowId: null, value: place.signups },
          ],
          weight: place.visits,
          flow: signupsAt(frame.base, 'path', [path]),
          minutes: 60,
          effortReason: 'One paragraph, one link, one button.',
          actions: [
            `Read ${path} as somebody who came from a search: what would they want next?`,
            'Offer just that after the first screen, and again at the end.',
            'Say in one line what the app is, for those who came for the text only.',
          ],
          timeFrameDays: 42,
          measure: { of: 'signup_rate' as const, dimension: 'path' as const, values: [path] },
        }));
    },
  },
  {
    name: 'ux.for_every_reader',
    category: 'ux',
    when: 'Pictures have no text, or a page does not say its language.',
    look: async (inside, frame) => {
      const findings = await openFindings(inside, frame, rulesOf.forReaders);
      const paths = [...new Set(findings.map(({ path }) => path))];
      if (paths.length === 0) return [];
      return [
        {
          subject: '',
          title: `Make ${paths.length === 1 ? (paths[0] ?? '') : counted(paths.length, 'page')} readable for everybody`,
          reasoning: `${findings[0]?.message ?? ''} People who use a screen reader cannot tell what is there.`,
          evidence: findings.slice(0, 12).map(({ id, path, rule }) => ({
            label: `${path}: ${rule}`,
            table: 'page_findings',
            rowId: id,
            value: null,
          })),
          weight: findings.length,
          flow: signupsAt(frame.base, 'path', paths),
          minutes: 10 + 10 * findings.length,
          effortReason: `10 minutes for each of ${counted(findings.length, 'finding')}, 10 to publish.`,
          actions: [...new Set(findings.map(({ path, fix }) => `${path}: ${fix}`))].slice(0, 8),
          timeFrameDays: 30,
          measure: { of: 'signup_rate', dimension: 'path', values: paths },
        },
      ];
    },
  },
  {
    name: 'ux.slow_pages',
    category: 'ux',
    when: 'The checklist found an own page slow or heavy.',
    look: async (inside, frame) => {
      const findings = await openFindings(inside, frame, rulesOf.forSpeed);
      const paths = [...new Set(findings.map(({ path }) => path))];
      if (paths.length === 0) return [];
      return [
        {
          subject: '',
          title: `Make ${paths.length === 1 ? (paths[0] ?? '') : counted(paths.length, 'page')} faster`,
          reasoning: `${findings[0]?.message ?? ''} On a phone with a weak connection that is where people leave.`,
          evidence: findings.slice(0, 12).map(({ id, path, rule }) => ({
            label: `${path}: ${rule}`,
            table: 'page_findings',
            rowId: id,
            value: frame.base.places.get('path')?.get(path)?.visits ?? 0,
          })),
          weight: findings.length,
          flow: signupsAt(frame.base, 'path', paths),
          minutes: 90 * Math.min(4, paths.length),
          effortReason: 'An hour and a half a page: pictures, scripts, fonts.',
          actions: [...new Set(findings.map(({ path, fix }) => `${path}: ${fix}`))].slice(0, 8),
          timeFrameDays: 30,
          measure: { of: 'signup_rate', dimension: 'path', values: paths },
        },
      ];
    },
  },
  {
    name: 'ux.dead_end',
    category: 'ux',
    when: 'More than a third of all visits end on the pricing page, with 100 or more of them.',
    look: async (inside, frame) => {
      const exits = await rowsOf(
        inside,
        sql<{ path: string; exits: number }>`
          select value as path, sum(visits)::int as exits from traffic_days
          where app_id = ${frame.appId} and dimension = 'exit' and day >= ${frame.today}::date - 84 and day < ${frame.today}::date and value ~* '(pricing|plans|buy|checkout)'
          group by 1 order by 2 desc limit 1`,
      );
      const found = exits[0];
      if (!found || found.exits < 100 || found.exits * 8 < frame.base.visits) return [];
      return [
        {
          subject: found.path,
          title: `Answer the doubt on ${found.path}`,
          reasoning: `${counted(found.exits, 'visit')} of the last ${frame.base.days} days ended on ${found.path}, ${percent(found.exits / frame.base.visits)} of all. They looked at the price and left.`,
          evidence: [
            { label: `Visits that ended on ${found.path}`, table: 'traffic_days', rowId: null, value: found.exits },
            { label: 'All visits', table: 'traffic_days', rowId: null, value: frame.base.visits },
          ],
          weight: found.exits,
          flow: signupsAt(frame.base, 'channel', [...(frame.base.places.get('channel')?.keys() ?? [])]),
          minutes: 150,
          effortReason:
            'Two and a half hours: four questions with answers, a comparison of the plans, one sentence on leaving.',
          actions: [
            `Add the four questions people ask before paying to ${found.path}.`,
            'Say how one cancels, and what happens to the data.',
            'Offer a way to ask a person.',
          ],
          timeFrameDays: 42,
          measure: { of: 'signup_rate', dimension: 'total', values: [] },
        },
      ];
    },
  },
];

/** Clearly fewer signups per visit, by the exact test at 5 %. */
export function isLower(one: Place, other: Place): boolean {
  if (one.visits < 100 || other.visits < 100) return false;
  const found = rateRatio(
    { events: other.signups, exposure: other.visits },
    { events: one.signups, exposure: one.visits },
  );
  return found !== null && found.estimate < 1 && found.p < 0.05;
}

function isHigher(one: Place, whole: Place): boolean {
  const rest = { events: whole.bounces - one.bounces, exposure: whole.visits - one.visits };
  if (rest.exposure < 100) return false;
  const found = rateRatio(rest, { events: one.bounces, exposure: one.visits });
  return found !== null && found.estimate > 1.1 && found.p < 0.01;
}

function rate({ signups, visits }: Place): string {
  return visits === 0 ? '0%' : percent(signups / visits);
}

function placeRows(name: string, one: Place, otherName: string, other: Place) {
  return [
    { label: `${name}: visits`, table: 'traffic_days', rowId: null, value: one.visits },
    { label: `${name}: signups`, table: 'traffic_days', rowId: null, value: one.signups },
    { label: `${otherName}: visits`, table: 'traffic_days', rowId: null, value: other.visits },
    { label: `${otherName}: signups`, table: 'traffic_days', rowId: null, value: other.signups },
  ];
}

function sumOf(places: readonly Place[]): Place {
  return places.reduce(
    (all, place) => ({
      visits: all.visits + place.visits,
      signups: all.signups + place.signups,
      bounces: all.bounces + place.bounces,
    }),
    { visits: 0, signups: 0, bounces: 0 },
  );
}
