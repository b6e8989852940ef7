import { z } from 'zod';
import { transaction } from '#src/context.ts';
import { done, id, operation } from '#src/operation.ts';
import { ignoreFinding, reopenFinding, showChecklist } from './pages/findings.ts';
import { listChanges, listPages, showPage } from './pages/show.ts';

export { knownReadings, markGone, type SavedPage, saveFindings, savePage, saveReading } from './pages/save.ts';

const kinds = [
  'home',
  'pricing',
  'features',
  'about',
  'docs',
  'blog',
  'changelog',
  'readme',
  'store',
  'other',
] as const;
const severities = ['fix', 'improve', 'info'] as const;

const finding = z.object({
  id,
  rule: z.string(),
  severity: z.enum(severities),
  message: z.string(),
  /** What stands on the page, word for word. */
  quote: z.string().nullable(),
  why: z.string().nullable(),
  fix: z.string(),
  foundAt: z.date(),
  /** Why a person set it aside; null = it counts. */
  ignored: z.object({ reason: z.string(), by: z.string().nullable(), at: z.date() }).nullable(),
});
const page = {
  id,
  url: z.string(),
  kind: z.enum(kinds),
  title: z.string().nullable(),
  description: z.string().nullable(),
  competitor: z.object({ id, name: z.string() }).nullable(),
  firstSeenAt: z.date(),
  /** When its words last changed. */
  changedAt: z.date().nullable(),
  /** When a reading last came to it; null for pages of competitors. */
  readAt: z.date().nullable(),
  goneAt: z.date().nullable(),
  versions: z.int(),
  bytes: z.int().nullable(),
  findings: z.array(finding),
};
const lineChange = z.object({ kind: z.enum(['added', 'removed']), text: z.string() });
const version = z.object({
  id,
  readAt: z.date(),
  title: z.string().nullable(),
  bytes: z.int(),
  /** Against the version before; empty for the first. */
  changes: z.array(lineChange),
});

export const pageOperations = {
  list: operation({
    summary: 'List the pages that were read of an app, with what could be better on them.',
    route: 'GET /apps/{appId}/pages',
    access: 'read',
    input: z.strictObject({ appId: id }),
    output: z.object({ pages: z.array(z.object(page)) }),
    run: (context, { appId }) => transaction(context, (inside) => listPages(inside, appId)),
  }),
  get: operation({
    summary: 'Show a page as it was last read: what it says, how it is made, how it came, and how its words changed.',
    route: 'GET /pages/{pageId}',
    access: 'read',
    input: z.strictObject({ pageId: id }),
    output: z.object({
      ...page,
      appId: id,
      /** Null for a page of a competitor, or one not read since it is kept. */
      said: z
        .object({
          lang: z.string().nullable(),
          canonical: z.string().nullable(),
          headings: z.array(z.object({ level: z.int(), text: z.string() })),
          prices: z.array(
            z.object({
              plan: z.string().nullable(),
              amount: z.string(),
              currency: z.string(),
              interval: z.enum(['month', 'year', 'week', 'once']).nullable(),
              quote: z.string(),
            }),
          ),
          claims: z.array(z.object({ quote: z.string(), number: z.string() })),
          testimonials: z.array(z.object({ quote: z.string(), author: z.string().nullable() })),
          callsToAction: z.array(z.string()),
          technology: z.array(z.string()),
          structuredKinds: z.array(z.string()),
          words: z.int(),
        })
        .nullable(),
      /** As far as markup and answer tell; nothing is measured in a browser. */
      delivery: z
        .object({
          waitedMs: z.int(),
          bytes: z.int(),
          sentBytes: z.int().nullable(),
          encoding: z.string().nullable(),
          caching: z.string().nullable(),
          redirects: z.array(z.string()),
          requests: z.object({
            script: z.int(),
            style: z.int(),
            image: z.int(),
            font: z.int(),
            frame: z.int(),
            media: z.int(),
          }),
          blocking: z.int(),
          images: z.object({ all: z.int(), unsized: z.int(), lazy: z.int(), withoutText: z.int() }),
          elements: z.int(),
        })
        .nullable(),
      history: z.array(version),
    }),
    run: (context, { pageId }) => transaction(context, (inside) => showPage(inside, pageId)),
  }),
  changes: operation({
    summary: 'List how the words of an app’s own pages changed, newest first, with what became false by it.',
    route: 'GET /apps/{appId}/pages/changes',
    access: 'read',
    input: z.strictObject({ appId: id, limit: z.int().min(1).max(100).default(20) }),
    output: z.object({
      changes: z.array(
        z.object({
          page: z.object({ id, url: z.string(), kind: z.enum(kinds), title: z.string().nullable() }),
          at: z.date(),
          lines: z.array(lineChange),
          /** Facts whose words were gone at that reading. */
          facts: z.array(z.object({ id, statement: z.string(), state: z.string() })),
        }),
      ),
    }),
    run: (context, input) => transaction(context, (inside) => listChanges(inside, input.appId, input.limit)),
  }),
};

export const findingOperations = {
  list: operation({
    summary: 'Show the checklist of an app’s pages: what could be better, why it matters, how to mend it, and where.',
    route: 'GET /apps/{appId}/findings',
    access: 'read',
    input: z.strictObject({ appId: id }),
    output: z.object({
      readAt: z.date().nullable(),
      counts: z.object({
        fix: z.int(),
        improve: z.int(),
        info: z.int(),
        ignored: z.int(),
        fixed: z.int(),
        passed: z.int(),
      }),
      rules: z.array(
        z.object({
          rule: z.string(),
          severity: z.enum(severities),
          why: z.string().nullable(),
          pages: z.array(finding.extend({ pageId: id, url: z.string(), title: z.string().nullable() })),
        }),
      ),
      /** Mended since, newest first. */
      fixed: z.array(
        z.object({
          id,
          rule: z.string(),
          message: z.string(),
          pageId: id,
          url: z.string(),
          foundAt: z.date(),
          resolvedAt: z.date(),
        }),
      ),
    }),
    run: (context, { appId }) => transaction(context, (inside) => showChecklist(inside, appId)),
  }),
  ignore: operation({
    summary: 'Set a finding aside with a reason; later readings leave it there.',
    route: 'POST /findings/{findingId}/ignore',
    access: 'write',
    input: z.strictObject({ findingId: id, reason: z.string().trim().min(1).max(500) }),
    output: done,
    run: (context, input) => ignoreFinding(context, input.findingId, input.reason),
  }),
  reopen: operation({
    summary: 'Take a finding back that was set aside.',
    route: 'POST /findings/{findingId}/reopen',
    access: 'write',
    input: z.strictObject({ findingId: id }),
    output: done,
    run: (context, { findingId }) => reopenFinding(context, findingId),
  }),
};
