/** What the operations on competitors answer. */
import { z } from 'zod';
import { id, money } from '#src/operation.ts';
import { categories } from '#src/understand/findings.ts';

export const severities = ['low', 'medium', 'high'] as const;
export const changeKinds = ['price', 'feature', 'message', 'post', 'page'] as const;

export const change = z.object({
  id,
  kind: z.enum(changeKinds),
  /** Exactly: price, plan_removed, trial, feature_added, headline … */
  what: z.string(),
  severity: z.enum(severities),
  before: z.string().nullable(),
  after: z.string().nullable(),
  /** Where on the page: a plan, a section, the headline. */
  place: z.string().nullable(),
  plan: z.string().nullable(),
  /** By how much a price moved, in percent of the old one. */
  percent: z.number().nullable(),
  sentence: z.string().nullable(),
  url: z.string().nullable(),
  foundAt: z.date(),
});

export const price = z.object({
  plan: z.string(),
  price: money,
  every: z.enum(['hour', 'day', 'week', 'month', 'quarter', 'year', 'once', 'unsaid']),
  perSeat: z.boolean(),
  /** The lowest of several: “from $9”. */
  starting: z.boolean(),
  /** How often it is billed, where that differs. */
  billed: z.enum(['month', 'year']).nullable(),
  quote: z.string(),
  seenFrom: z.date(),
});

export const listed = z.object({
  id,
  name: z.string(),
  url: z.string().nullable(),
  state: z.enum(['proposed', 'watched', 'dismissed']),
  tagline: z.string().nullable(),
  category: z.enum(categories).nullable(),
  positioning: z.string().nullable(),
  description: z.string().nullable(),
  confidence: z.number().nullable(),
  quote: z.string().nullable(),
  quoteUrl: z.string().nullable(),
  createdAt: z.date(),
  lastReadAt: z.date().nullable(),
  nextReadAt: z.date().nullable(),
  /** Why the last reading could not read the home page. */
  trouble: z.string().nullable(),
  lastChange: change.nullable(),
});

export const whole = listed.extend({
  marketingStrategy: z.string().nullable(),
  contentStrategy: z.string().nullable(),
  technology: z.array(z.string()),
  /** Fields a person set; readings leave them alone. */
  editedFields: z.array(z.string()),
  profiles: z.array(
    z.object({
      platform: z.string(),
      handle: z.string(),
      url: z.string().nullable(),
      followers: z.number().nullable(),
      posts: z.number().nullable(),
      /** From the numbers of posts on two days at least a week apart; null without them. */
      postsPerWeek: z.number().nullable(),
      lastPostAt: z.date().nullable(),
      /** Why the numbers are not known. */
      trouble: z.string().nullable(),
      lookedAt: z.date().nullable(),
    }),
  ),
  pages: z.array(
    z.object({
      url: z.string(),
      kind: z.string(),
      state: z.enum(['read', 'refused', 'unusable']),
      message: z.string().nullable(),
      readAt: z.date().nullable(),
    }),
  ),
  prices: z.array(price),
  assessments: z.array(
    z.object({
      kind: z.enum(['strength', 'weakness']),
      statement: z.string(),
      quote: z.string().nullable(),
      quoteUrl: z.string().nullable(),
    }),
  ),
  changes: z.array(change),
});
