/** One change, in the words a person reads. */
import { type Offer, showOffer } from './amounts.ts';

export type What =
  | 'price'
  | 'plan_added'
  | 'plan_removed'
  | 'plan_renamed'
  | 'trial'
  | 'feature_added'
  | 'feature_removed'
  | 'feature_renamed'
  | 'feature_changed'
  | 'headline'
  | 'tagline'
  | 'title'
  | 'description'
  | 'claim'
  | 'call_to_action'
  | 'copy';

export type Change = {
  kind: 'price' | 'feature' | 'message';
  what: What;
  severity: 'high' | 'medium' | 'low';
  /** As it stands on the page; null for what was not there. */
  before: string | null;
  after: string | null;
  where: string;
  plan: string | null;
  /** Both sides of a price. */
  from: Offer | null;
  to: Offer | null;
  /** By how much a price rose, in percent of the old one; null where the two cannot be compared. */
  percent: number | null;
  /** A plain sentence. */
  sentence: string;
};

const SEVERITY: { [what in What]: Change['severity'] } = {
  price: 'high',
  plan_removed: 'high',
  plan_added: 'high',
  trial: 'medium',
  plan_renamed: 'medium',
  headline: 'medium',
  feature_added: 'medium',
  feature_removed: 'medium',
  feature_changed: 'medium',
  feature_renamed: 'low',
  claim: 'low',
  tagline: 'low',
  title: 'low',
  description: 'low',
  call_to_action: 'low',
  copy: 'low',
};
/** Price before plan before headline before feature before copy. */
const ORDER: What[] = [
  'price',
  'plan_removed',
  'plan_added',
  'plan_renamed',
  'trial',
  'headline',
  'feature_removed',
  'feature_added',
  'feature_changed',
  'feature_renamed',
  'claim',
  'tagline',
  'title',
  'description',
  'call_to_action',
  'copy',
];

export function rank({ what }: Change): number {
  return ORDER.indexOf(what);
}

type Said = {
  where: string;
  before: string | null;
  after: string | null;
  plan?: string | null;
  /** What a cell of a table is about. */
  subject?: string;
  offers?: [Offer | null, Offer | null];
};

export function changeOf(what: What, { where, before, after, plan = null, subject, offers }: Said): Change {
  const [from, to] = offers ?? [null, null];
  const kind =
    what === 'price' || what === 'trial' || what.startsWith('plan')
      ? 'price'
      : what.startsWith('feature')
        ? 'feature'
        : 'message';
  const percent = percentOf(from, to);
  const change = { kind, what, severity: SEVERITY[what], before, after, where, plan, from, to, percent } as const;
  return { ...change, sentence: sentenceOf(change, subject) };
}

function percentOf(from: Offer | null, to: Offer | null): number | null {
  if (!from?.amount || !to?.amount || Number(from.amount) === 0) return null;
  if (from.currency !== to.currency || from.interval !== to.interval || from.perSeat !== to.perSeat) return null;
  return Math.round((Number(to.amount) / Number(from.amount) - 1) * 1_000) / 10;
}

function sentenceOf(
  { what, before, after, where, plan, from, to, percent }: Omit<Change, 'sentence'>,
  subject?: string,
): string {
  const one = quoted(before);
  const other = quoted(after);
  const inPlan = plan ? `${plan}: ` : '';
  switch (what) {
    case 'price': {
      const moved = percent === null || percent === 0 ? '' : ` (${percent > 0 ? '+' : '−'}${Math.abs(percent)} %)`;
      if (!from) return `${plan ?? 'The page'} has a new price: ${to ? showOffer(to) : other}.`;
      if (!to) return `${plan ?? 'The page'} no longer shows the price ${showOffer(from)}.`;
      const verb = to.amount === null || Number(to.amount) === 0 || !plan ? 'is' : 'costs';
      return `${plan ?? 'A price'} ${verb} ${showOffer(to)} instead of ${showOffer(from)}${moved}.`;
    }
    case 'plan_added':
      return `New plan ${plan ?? other}${to ? `: ${showOffer(to)}` : ''}.`;
    case 'plan_removed':
      return `The plan ${plan ?? one}${from ? ` (${showOffer(from)})` : ''} is gone.`;
    case 'plan_renamed':
      return `The plan ${before} is now called ${after}.`;
    case 'trial':
      return before === null
        ? `A free trial is offered: ${after}.`
        : after === null
          ? `The free trial (${before}) is gone.`
          : `The free trial changed from ${one} to ${other}.`;
    case 'feature_added':
      return `${inPlan}new feature ${other}.`.replace(/^n/, 'N');
    case 'feature_removed':
      return `${inPlan}feature ${one} is gone.`.replace(/^f/, 'F');
    case 'feature_renamed':
    case 'feature_changed':
      return `${inPlan}${subject ? `“${subject}”` : 'a feature'} changed from ${one} to ${other}.`.replace(/^a/, 'A');
    case 'call_to_action':
      return `The call to action changed from ${one} to ${other}.`;
    case 'claim':
      return `A claim changed from ${one} to ${other}.`;
    case 'copy':
      return `Words changed (${where}) from ${one} to ${other}.`;
    default: {
      const name = what === 'description' ? 'page description' : what === 'title' ? 'page title' : what;
      if (before === null) return `The ${name} is new: ${other}.`;
      return after === null ? `The ${name} ${one} is gone.` : `The ${name} changed from ${one} to ${other}.`;
    }
  }
}

function quoted(text: string | null): string {
  const words = text ?? '';
  return `“${words.length > 160 ? `${words.slice(0, 159)}…` : words}”`;
}
