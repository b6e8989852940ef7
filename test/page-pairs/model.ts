/** What a made-up product's page says, apart from how it is set out; and chance that can be repeated. */

export type Money = { amount: number; currency: 'USD' | 'EUR' | 'GBP' | 'INR' };

export type MadePlan = {
  name: string;
  /** By the month; null is on request, 0 is free. In whole units of the currency, with cents. */
  month: number | null;
  year: number | null;
  perSeat: boolean;
  features: string[];
  action: string;
};

export type Made = {
  name: string;
  title: string;
  description: string;
  headline: string;
  tagline: string;
  currency: Money['currency'];
  plans: MadePlan[];
  features: { name: string; text: string }[];
  /** Rows of a comparison: values by plan. */
  rows: { name: string; values: string[] }[];
  claims: string[];
  trialDays: number;
  action: string;
  log: { version: string; title: string; items: string[] }[];
  paragraphs: string[];
};

export type Rng = {
  next(): number;
  whole(from: number, to: number): number;
  pick<T>(all: readonly T[]): T;
  some<T>(all: readonly T[], count: number): T[];
  shuffle<T>(all: readonly T[]): T[];
  hex(length: number): string;
};

/** Mulberry32: small, fast, the same on every machine. */
export function chance(seed: number): Rng {
  let state = seed >>> 0;
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
  const whole = (from: number, to: number) => from + Math.floor(next() * (to - from + 1));
  const shuffle = <T>(all: readonly T[]) => {
    const copy = [...all];
    for (let i = copy.length - 1; i > 0; i--) {
      const j = whole(0, i);
      [copy[i], copy[j]] = [copy[j] as T, copy[i] as T];
    }
    return copy;
  };
  return {
    next,
    whole,
    shuffle,
    pick: (all) => all[whole(0, all.length - 1)] as (typeof all)[number],
    some: (all, count) => shuffle(all).slice(0, count),
    hex: (length) => Array.from({ length }, () => '0123456789abcdef'[whole(0, 15)]).join(''),
  };
}

const PRODUCTS = ['Tunnelry', 'Hookbay', 'Pulsekit', 'Logmoss', 'Formtide', 'Inkline', 'Cronbird', 'Mailspruce'];
const AREAS = [
  'webhooks',
  'invoices',
  'log files',
  'web forms',
  'cron jobs',
  'newsletters',
  'feature flags',
  'backups',
];
const HEADS = [
  ['Stop losing {a}', 'One calm place for your {a}, with alerts before your customers notice.'],
  ['The simplest way to run {a}', 'Set it up in ten minutes and never think of {a} again.'],
  ['{a} that just work', 'Built for small teams who would rather ship than babysit {a}.'],
  ['Never debug {a} at night again', 'We watch your {a} around the clock and tell you what broke and why.'],
] as const;
const NAMES = [
  ['Free', 'Pro', 'Team'],
  ['Starter', 'Growth', 'Scale'],
  ['Hobby', 'Professional', 'Business'],
  ['Solo', 'Studio', 'Agency', 'Enterprise'],
  ['Basic', 'Plus', 'Premium'],
] as const;
export const FEATURES = [
  'Unlimited projects',
  '5 GB storage',
  'Email support',
  'Custom domains',
  'API access',
  'Slack alerts',
  'Audit log',
  'Single sign-on',
  'Two-factor authentication',
  'Weekly digest',
  'CSV export',
  'Role permissions',
  'Dark mode',
  'Data residency in the EU',
  'Priority support',
  '10 team members',
  '30 days of history',
  'White label reports',
  'Zapier integration',
  'Unlimited alerts',
  'Phone support',
  'Dedicated manager',
  'Usage analytics',
  'Bulk import',
];
const CARDS = [
  ['Instant replay', 'Send any event again with one click.'],
  ['Live search', 'Find a record by any field in a second.'],
  ['Smart alerts', 'Hear about trouble once, not forty times.'],
  ['Version history', 'See who changed what and roll it back.'],
  ['Shared inbox', 'Answer together without stepping on toes.'],
  ['Visual editor', 'Drag the blocks where you want them.'],
  ['Offline mode', 'Keep working on the train.'],
  ['Public status page', 'Tell your customers before they ask.'],
  ['Native apps', 'Fast on the phone and on the desk.'],
  ['Scheduled reports', 'Numbers in your mailbox on Monday.'],
] as const;
const CLAIMS = [
  'Cut your response time by 40%',
  'Set up in 5 minutes',
  '3x faster than spreadsheets',
  '99.9% uptime guaranteed',
];
const WORDS = [
  'We started this company because every tool we tried was made for large enterprises with a whole department for it.',
  'Your data is encrypted at rest and in transit, and it never leaves the region that you choose for it.',
  'There is nothing to install: paste one line into your page and the first results appear right away.',
  'Cancel with one click whenever you like; your export stays available for another month after that.',
];

/** A product with everything a page may show of it. */
export function make(rng: Rng): Made {
  const name = rng.pick(PRODUCTS);
  const area = rng.pick(AREAS);
  const [head, tag] = rng.pick(HEADS);
  const headline = head.replace('{a}', area).replace(/^./, (letter) => letter.toUpperCase());
  const names = rng.pick(NAMES);
  const pool = rng.shuffle(FEATURES);
  const base = rng.pick([5, 7, 8, 9, 12, 15]);
  const perSeat = rng.next() < 0.3;
  const plans = names.map((plan, index): MadePlan => {
    const isFree = plan === 'Free' || (plan === 'Hobby' && rng.next() < 0.5);
    const month =
      plan === 'Enterprise' ? null : isFree ? 0 : Math.round(base * (1 + index) ** 1.6) + (rng.next() < 0.2 ? 0.99 : 0);
    return {
      name: plan,
      month,
      year: month === null ? null : month === 0 ? 0 : Math.max(1, Math.round(month * 0.8)),
      perSeat: perSeat && month !== null && month > 0,
      features: pool.slice(index * 4, index * 4 + rng.whole(3, 4)),
      action: month === null ? 'Contact sales' : isFree ? 'Start for free' : `Choose ${plan}`,
    };
  });
  const rows: Made['rows'] = pool
    .slice(16, 22)
    .map((row) => ({ name: row, values: plans.map((_, at) => (at >= rng.whole(0, 2) ? 'yes' : 'no')) }));
  rows.push({
    name: 'Records per month',
    values: plans.map((_, at) => `${10 ** (at + 3)}`.replace(/(\d)(?=(\d{3})+$)/g, '$1,')),
  });
  return {
    name,
    title: `${name} – ${headline}`,
    description: `${name} looks after your ${area}. ${tag.replaceAll('{a}', area)}`,
    headline,
    tagline: tag.replaceAll('{a}', area),
    currency: rng.pick(['USD', 'USD', 'EUR', 'GBP'] as const),
    plans,
    features: rng.some(CARDS, 5).map(([card, text]) => ({ name: card, text })),
    rows,
    claims: rng.some(CLAIMS, 2),
    trialDays: rng.pick([7, 14, 30]),
    action: rng.pick(['Get started', 'Start your free trial', 'Create an account']),
    log: rng.some(CARDS, 4).map(([title, text], index) => ({
      version: `2.${9 - index}.0`,
      title,
      items: [text, `Fixed a crash when opening ${rng.pick(AREAS)}`],
    })),
    paragraphs: rng.some(WORDS, 3),
  };
}

export function copyOf(made: Made): Made {
  return structuredClone(made);
}
