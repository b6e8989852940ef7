import type { Inside } from '#src/context.ts';

/**
 * What the detectors look at. Windows end with the last whole week (Monday 00:00 UTC), so that looking every day does
 * not test the same question again with a little more data: that would find something sooner or later.
 */
export type Frame = {
  appId: string;
  /** End of the last whole week, exclusive. */
  until: Date;
  now: Date;
  /** IANA zone in which hours and weekdays are meant. */
  timeZone: string;
  /** First event of the tracker; nothing before it was measured. */
  measuredSince: Date | null;
};

export type Evidence = {
  label: string;
  table: string;
  rowId: string | null;
  value: number | null;
  /** Of a row that is part of a course: its day (`2026-11-22`), and what was to be expected. */
  day?: string;
  expected?: number | null;
};

/** What an alert may be about; see the column comments of `insights`. */
export type Kind = 'anomaly' | 'change' | 'comparison' | 'fact';
export type Severity = 'low' | 'medium' | 'high';

/** Something a detector would say. With `p` it is a comparison that chance could explain; without, a plain fact. */
export type Candidate = {
  /** `fact` without `p`, `comparison` with it, when not given. */
  kind?: Kind;
  /** `low` when not given. */
  severity?: Severity;
  metric?: string;
  /** Of an anomaly, 0 to 1. */
  score?: number;
  /** What it is about, stable from week to week: `post:<id>`, `kind:educational`. */
  subject: string;
  sentence: string;
  direction: 'up' | 'down' | 'steady' | null;
  p: number | null;
  /** A ratio, after ÷ before or this ÷ the rest, with its 95 % interval; null for a plain fact. */
  effect: { ratio: number; low: number; high: number } | null;
  sampleBefore: number | null;
  sampleAfter: number | null;
  startsAt: Date | null;
  endsAt: Date | null;
  evidence: Evidence[];
};

export type Judgement = {
  candidates: Candidate[];
  /** A sentence that says what is missing, when something could not be looked at. */
  missing: string | null;
};

/** One question asked of the data. Reading and judging are apart, so that judging can be tried on made-up data. */
export type Detector = {
  name: string;
  question: string;
  look(inside: Inside, frame: Frame): Promise<Judgement>;
};

export const dayMs = 86_400_000;
export const weekMs = 7 * dayMs;

/** The last Monday 00:00 UTC at or before `now`. */
export function weekStart(now: Date): Date {
  const midnight = Date.UTC(now.getUTCFullYear(), now.getUTCMonth(), now.getUTCDate());
  return new Date(midnight - ((now.getUTCDay() + 6) % 7) * dayMs);
}

export function daysBefore(from: Date, days: number): Date {
  return new Date(from.getTime() - days * dayMs);
}

/** `2026-11-22`, UTC. */
export function dayOf(at: Date): string {
  return at.toISOString().slice(0, 10);
}

const dayNames = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'long', year: 'numeric', timeZone: 'UTC' });

/** 3 November 2026, of a day (`2026-11-03`) or a moment in UTC; for sentences, which are read long after. */
export function written(day: string | Date): string {
  return dayNames.format(new Date(day));
}

const [whole, tenths] = [0, 1].map((digits) => new Intl.NumberFormat('en', { maximumFractionDigits: digits }));

/** 2735 → `2,735`, 4.25 → `4.3`; whole from ten on. */
export function count(value: number): string {
  return (value >= 10 ? whole : tenths)!.format(value);
}

/** 0.0163 → `1.6%`, 0.27 → `27%`. */
export function percent(share: number): string {
  return `${tenths!.format(100 * share)}%`;
}

/** 2.3 → `2.3 times`, 0.42 → `42% of`; for sentences. The interval stands beside the sentence, in the effect. */
export function times(ratio: number): string {
  return ratio >= 1 ? `${ratio.toFixed(ratio < 10 ? 1 : 0)} times` : `${Math.round(ratio * 100)}% of`;
}

/** 2.3 → `2.3 times as many`, 0.42 → `42% as many`. */
export function asMany(ratio: number): string {
  return `${times(ratio).replace(/ of$/, '')} as many`;
}

export const nothingMissing: Judgement = { candidates: [], missing: null };
export function lacking(missing: string): Judgement {
  return { candidates: [], missing };
}
