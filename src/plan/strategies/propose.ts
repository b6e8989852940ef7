/** What the built-in planning makes of the knowledge of an app. Pure: rows in, a strategy out, each part with its reason. */
import type { Fact } from '#src/plan/knowledge.ts';
import { lowerFirst } from '#src/understand/phrasing.ts';

export const objectives = [
  'awareness',
  'engagement',
  'traffic',
  'leads',
  'conversions',
  'retention',
  'growth',
] as const;
export type Objective = (typeof objectives)[number];

export const itemKinds = ['pillar', 'audience', 'channel', 'message', 'cadence', 'experiment', 'avoid'] as const;
export type ItemKind = (typeof itemKinds)[number];

export type Item = {
  kind: ItemKind;
  statement: string;
  reasoning: string;
  weight: number;
  audienceId: string | null;
  factIds: string[];
};

export type Proposal = {
  objective: Objective;
  summary: string;
  positioning: string;
  postsPerWeek: number;
  items: Item[];
};

export type Known = {
  app: { name: string; tagline: string | null; stage: string };
  facts: readonly Fact[];
  audiences: readonly {
    id: string;
    name: string;
    description: string;
    confidence: number | null;
    platforms: readonly { platform: string; presence: 'high' | 'some' | 'low'; reasoning: string | null }[];
  }[];
};

/** A strategy from what is known: objective from stage and price, pillars from the kinds of facts there are. */
export function propose(known: Known): Proposal {
  const { app, facts } = known;
  const { objective, why } = objectiveOf(known);
  const pillars = pillarsOf(known, objective);
  const { postsPerWeek, reasoning } = cadenceOf(known, pillars);
  const value = first(facts, 'value_proposition', 'pitch_line', 'value_statement');
  const positioning = value?.statement ?? app.tagline ?? '';
  const audienceNames = known.audiences.slice(0, 2).map((audience) => lowerFirst(audience.name));
  const summary = [
    `Aim: ${objective}. ${why}`,
    `${postsPerWeek} posts a week${audienceNames.length > 0 ? ` for ${audienceNames.join(' and ')}` : ''}, most of them on “${pillars[0]?.statement ?? 'what it does'}”.`,
  ].join(' ');
  const cadence: Item = {
    kind: 'cadence',
    statement: `${postsPerWeek} posts a week, on different days`,
    reasoning,
    weight: 1,
    audienceId: null,
    factIds: [],
  };
  return {
    objective,
    summary,
    positioning,
    postsPerWeek,
    items: [
      ...pillars,
      ...audiencesOf(known),
      ...channelsOf(known),
      ...messagesOf(known),
      cadence,
      {
        kind: 'experiment',
        statement: 'Begin half of the posts with a question, half with a statement',
        reasoning: 'The first line decides who reads on. Two patterns side by side show which one your readers prefer.',
        weight: 1,
        audienceId: null,
        factIds: [],
      },
      ...avoidedOf(known),
    ],
  };
}

function objectiveOf({ app, facts }: Known): { objective: Objective; why: string } {
  const priced = facts.some((fact) => fact.kind === 'pricing' && /[$€£¥₹]|\bcosts?\b|\d/.test(fact.statement));
  switch (app.stage) {
    case 'idea':
    case 'development':
      return { objective: 'awareness', why: 'There is nothing to sign up for yet, so people should hear of it first.' };
    case 'beta':
      return { objective: 'leads', why: 'In beta, people who leave their address and try it are worth most.' };
    case 'scaling':
      return { objective: 'growth', why: 'It is out and paid for; now more of the same people should find it.' };
    case 'mature':
      return { objective: 'retention', why: 'A mature product earns most from those who already use it.' };
    default:
      return priced
        ? { objective: 'conversions', why: 'It is out and has a price, so posts should end in a paying customer.' }
        : { objective: 'traffic', why: 'It is out, and no price was found, so posts should bring visitors.' };
  }
}

type PillarRule = {
  name: string;
  kinds: readonly string[];
  /** Facts of these kinds are needed at least. */
  least: number;
  share: Partial<Record<Objective, number>> & { otherwise: number };
  reason(count: number): string;
};

const PILLARS: readonly PillarRule[] = [
  {
    name: 'The problem and the answer',
    kinds: ['pain_point', 'benefit'],
    least: 1,
    share: { awareness: 30, leads: 30, conversions: 30, otherwise: 20 },
    reason: (count) =>
      `Your pages name ${things(count, 'problem or gain', 'problems and gains')}: readers recognise themselves in them.`,
  },
  {
    name: 'How it works',
    kinds: ['feature'],
    least: 1,
    share: { traffic: 30, retention: 40, otherwise: 25 },
    reason: (count) => `${capital(things(count, 'feature', 'features'))} to show, one at a time, in use.`,
  },
  {
    name: 'Proof',
    kinds: ['testimonial', 'selling_point'],
    least: 1,
    share: { conversions: 20, leads: 20, growth: 25, otherwise: 15 },
    reason: (count) =>
      `${capital(things(count, 'statement', 'statements'))} others can check: what customers say and what it stands for.`,
  },
  {
    name: 'How it differs',
    kinds: ['competitive_advantage'],
    least: 1,
    share: { conversions: 15, traffic: 20, otherwise: 10 },
    reason: (count) =>
      `People compare before they choose, and there ${count === 1 ? 'is one difference' : `are ${count} differences`} to name.`,
  },
  {
    name: 'What it costs',
    kinds: ['pricing', 'call_to_action'],
    least: 1,
    share: { conversions: 10, awareness: 3, engagement: 3, otherwise: 7 },
    reason: () => 'A plain price answers a question people rarely ask aloud. Rarely, so that it does not become noise.',
  },
  {
    name: 'Behind the scenes',
    kinds: ['value_proposition', 'technology'],
    least: 0,
    share: { awareness: 20, engagement: 30, otherwise: 15 },
    reason: () => 'People follow people. Decisions, mistakes and progress are what only the maker can tell.',
  },
];

function pillarsOf({ facts }: Known, objective: Objective): Item[] {
  const chosen = PILLARS.map((rule) => {
    const own = facts.filter((fact) => rule.kinds.includes(fact.kind));
    return { rule, own, points: rule.share[objective] ?? rule.share.otherwise };
  }).filter(({ rule, own }) => own.length >= rule.least);
  const total = chosen.reduce((sum, { points }) => sum + points, 0);
  return chosen
    .map(({ rule, own, points }) => ({
      kind: 'pillar' as const,
      statement: rule.name,
      reasoning: rule.reason(own.length),
      weight: Math.round((points / total) * 100) / 100,
      audienceId: null,
      factIds: own.slice(0, 6).map((fact) => fact.id),
    }))
    .sort((a, b) => b.weight - a.weight);
}

function audiencesOf({ audiences, facts }: Known): Item[] {
  if (audiences.length > 0)
    return audiences.slice(0, 4).map((audience) => ({
      kind: 'audience',
      statement: audience.description ? `${audience.name}: ${lowerFirst(audience.description)}` : audience.name,
      reasoning:
        audience.confidence === null
          ? 'You named this audience.'
          : `Found on your pages with a confidence of ${Math.round(audience.confidence * 100)}%.`,
      weight: audience.confidence ?? 1,
      audienceId: audience.id,
      factIds: [],
    }));
  return facts
    .filter((fact) => fact.kind === 'target_audience')
    .slice(0, 3)
    .map((fact) => item('audience', fact, 'Your pages address them.', fact.confidence));
}

const PRESENCE = { high: 1, some: 0.6, low: 0.2 };

function channelsOf({ audiences }: Known): Item[] {
  const best = new Map<string, Item>();
  for (const audience of audiences)
    for (const { platform, presence, reasoning } of audience.platforms) {
      const weight = PRESENCE[presence];
      if (weight <= (best.get(platform)?.weight ?? 0.2)) continue;
      best.set(platform, {
        kind: 'channel',
        statement: platform,
        reasoning: reasoning || `${audience.name} are often found there. This is an estimate until visits say more.`,
        weight,
        audienceId: audience.id,
        factIds: [],
      });
    }
  if (!best.has('x'))
    best.set('x', {
      kind: 'channel',
      statement: 'x',
      reasoning:
        'Makers and their early customers talk there, and posting needs no approval. Visits will show whether it pays.',
      weight: 0.6,
      audienceId: null,
      factIds: [],
    });
  return [...best.values()].sort((a, b) => b.weight - a.weight).slice(0, 5);
}

function messagesOf({ facts }: Known): Item[] {
  const order = [
    'key_message',
    'value_proposition',
    'pitch_line',
    'value_statement',
    'competitive_advantage',
    'benefit',
  ];
  const seen = new Set<string>();
  return facts
    .filter((fact) => order.includes(fact.kind))
    .sort((a, b) => order.indexOf(a.kind) - order.indexOf(b.kind))
    .filter((fact) => !seen.has(fact.quote) && seen.add(fact.quote))
    .slice(0, 4)
    .map((fact, at) =>
      item(
        'message',
        fact,
        at === 0 ? 'The sentence your pages lead with.' : 'Your pages say so in their own words.',
        1,
      ),
    );
}

function avoidedOf({ facts }: Known): Item[] {
  const own = facts.filter((fact) => fact.kind === 'dont_say').slice(0, 4);
  const always: [string, string][] = [
    ['Numbers that no page supports', 'One wrong number costs more trust than ten right ones earn.'],
    ['The same post twice within 90 days', 'Followers notice, and platforms refuse or hide repeats.'],
    ['Two offers in a row', 'People follow for what they learn. An offer works when it is the exception.'],
  ];
  return [
    ...own.map((fact) => item('avoid', fact, 'It would not sound like you.', 1)),
    ...always.map(([statement, reasoning]) => ({
      kind: 'avoid' as const,
      statement,
      reasoning,
      weight: 1,
      audienceId: null,
      factIds: [],
    })),
  ];
}

/** What there is to say limits how often: about three posts from each fact in a quarter before it wears out. */
function cadenceOf({ facts }: Known, pillars: readonly Item[]): { postsPerWeek: number; reasoning: string } {
  const usable = facts.filter((fact) =>
    PILLARS.some((rule) => rule.kinds.includes(fact.kind) && pillars.some((pillar) => pillar.statement === rule.name)),
  ).length;
  const postsPerWeek = Math.min(7, Math.max(3, Math.round((usable * 3) / 13)));
  const weeks = Math.max(1, Math.floor((usable * 3) / postsPerWeek));
  return {
    postsPerWeek,
    reasoning: `${capital(things(usable, 'fact', 'facts'))} to write from carry this for about ${things(weeks, 'week', 'weeks')} without repeating. Raise it when you have more to tell.`,
  };
}

function item(kind: ItemKind, fact: Fact, reasoning: string, weight: number): Item {
  return { kind, statement: fact.statement, reasoning, weight, audienceId: null, factIds: [fact.id] };
}

function first(facts: readonly Fact[], ...kinds: string[]): Fact | undefined {
  for (const kind of kinds) {
    const found = facts.find((fact) => fact.kind === kind);
    if (found) return found;
  }
  return undefined;
}

function things(count: number, one: string, many: string): string {
  return count === 1 ? `one ${one}` : `${count} ${many}`;
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
