import type { Inside } from '#src/context.ts';
import type { Baselines } from './baselines.ts';
import type { Flow } from './impact.ts';
import type { Measured } from './learn.ts';

export const categories = [
  'seo',
  'content',
  'social',
  'paid',
  'email',
  'product',
  'ux',
  'conversion',
  'partnership',
  'pr',
  'community',
  'retention',
] as const;
export type Category = (typeof categories)[number];

/** What accepting a suggestion changes in the strategy; empty = it stands there as something to try. */
export type StrategyChange = {
  add?: {
    kind: 'pillar' | 'audience' | 'channel' | 'message' | 'cadence' | 'experiment' | 'avoid';
    statement: string;
    reasoning: string;
  }[];
  postsPerWeek?: number;
};

/** A row the suggestion rests on, with the figure that was used. */
export type Evidence = {
  label: string;
  table: string;
  rowId: string | null;
  value: number | null;
  unit?: 'count' | 'money' | 'percent' | 'days';
};

export type PostKind =
  | 'launch_announcement'
  | 'feature_update'
  | 'testimonial'
  | 'behind_the_scenes'
  | 'educational'
  | 'promotional'
  | 'community'
  | 'milestone'
  | 'problem_solution'
  | 'comparison';

/** What accepting makes besides its steps. */
export type Makes = {
  /** Drafts with these words, to be finished by a person. */
  drafts?: { title: string; text: string; kind: PostKind }[];
  /** So many drafts from knowledge and templates. */
  write?: number;
  campaign?: {
    name: string;
    description: string;
    objective: 'awareness' | 'engagement' | 'traffic' | 'leads' | 'conversions' | 'retention' | 'growth';
  };
};

const dimensions = ['path', 'channel', 'source', 'referrer', 'device', 'post', 'total'] as const;
export type Dimension = (typeof dimensions)[number];

/**
 * What is counted in the weeks before and after. With `values`, these are held against the others of the same
 * dimension; `total`, churn, subscribers and replies have nothing beside them and are held against their own trend.
 */
export type Measure =
  | { of: 'visits' | 'signups' | 'signup_rate'; dimension: Dimension; values: string[] }
  | { of: 'churn' | 'subscribers' | 'replies' };

/** Something a kind proposes, as the rows stand now. */
export type Proposal = {
  /** What it is about within the kind, stable from day to day; empty = the app itself. */
  subject: string;
  title: string;
  reasoning: string;
  evidence: Evidence[];
  /** How much evidence there is, for "twice as much as when it was dismissed". */
  weight: number;
  /** What happens a month that would change; a sentence when that is not known. */
  flow: Flow | { missing: string };
  /** The effect itself, where the rows show one. */
  seen?: Measured | undefined;
  minutes: number;
  /** What the minutes are made of. */
  effortReason: string;
  actions: string[];
  timeFrameDays: number;
  measure: Measure | null;
  strategyChange?: StrategyChange;
  makes?: Makes;
  insightId?: string;
};

export type Frame = {
  appId: string;
  appName: string;
  now: Date;
  /** The workspace's; its local days are those of traffic_days. */
  timeZone: string;
  /** Today in that zone, YYYY-MM-DD. */
  today: string;
  base: Baselines;
};

/** One rule: when its rows say so, it proposes. The effect that is believed of it stands in `priors.ts`. */
export type Kind = {
  /** `seo.titles`; stable. */
  name: string;
  category: Category;
  /** The condition in words. */
  when: string;
  /** The detector whose insights it follows from; looked at as soon as one is found. */
  detector?: string;
  look(inside: Inside, frame: Frame): Promise<Proposal[]>;
};

/** `1 page`, `3 pages`. */
export function counted(count: number, one: string, many = `${one}s`): string {
  return `${count.toLocaleString('en')} ${count === 1 ? one : many}`;
}

/** `a, b and c`; of more than `most`, the first ones and how many more. */
export function listed(names: readonly string[], most = 3): string {
  const shown = names.slice(0, most);
  const more = names.length - shown.length;
  const all = more > 0 ? [...shown, `${more} more`] : shown;
  return all.length < 2 ? (all[0] ?? '') : `${all.slice(0, -1).join(', ')} and ${all.at(-1)}`;
}

/** 0.0163 → `1.6%`. */
export function percent(share: number): string {
  return `${(share * 100).toFixed(share < 0.1 ? 1 : 0)}%`;
}

/** The first words of a text, cut between words. */
export function shortened(text: string, most = 60): string {
  const line = text.replace(/\s+/g, ' ').trim();
  if (line.length <= most) return line;
  const cut = line.slice(0, most + 1);
  return `${cut.slice(0, Math.max(cut.lastIndexOf(' '), most / 2)).trimEnd()}…`;
}

/** The path of an address, as traffic has it; the address itself when it is none. */
export function pathOf(url: string): string {
  return URL.canParse(url) ? new URL(url).pathname.replace(/(.)\/$/, '$1') : url;
}
