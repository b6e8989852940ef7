import { z } from 'zod';
import type { Inside } from '#src/context.ts';
import { accountOf } from '#src/distribute/accounts/status.ts';
import type { Platform } from '#src/outside/platform.ts';
import { LINK, measurePart, platformOf } from '#src/plan/posts.ts';
import { refuse } from '#src/refusal.ts';
import { repositoryOf } from './releases.ts';

export const metrics = ['impressions', 'likes', 'replies', 'reposts', 'bookmarks', 'link_clicks'] as const;
export type Metric = (typeof metrics)[number];

const metric = z.enum(metrics);
const count = z.int().min(1).max(1_000_000_000);
/** At most so many times in 24 hours. */
const perDay = z.int().min(1).max(50);
const platforms = z.array(z.string().min(1).max(40)).min(1).max(5);
const text = z.string().trim().min(1).max(5_000);

const autoPlug = z.strictObject({
  kind: z.literal('auto_plug'),
  /** Of the post's first part. */
  metric,
  atLeast: count,
  /** The post's age in days up to which it counts; older ones are left alone. Numbers are read for 29 days. */
  withinDays: z.int().min(1).max(28),
  /** The reply. `{{link}}` becomes the post's tracked link. */
  text: z.string().trim().min(1).max(25_000),
  perDay: perDay.default(3),
});

const autoRepost = z.strictObject({
  kind: z.literal('auto_repost'),
  metric,
  /** At this number; or null, to compare with the account's median. */
  atLeast: count.nullable(),
  /** Better than so many times the median of the account's other posts at the same age. */
  timesMedian: z.number().min(1).max(100).default(2),
  /** Hours after publishing at which the post is judged, and may be reposted at the earliest. */
  afterHours: z.int().min(1).max(336),
  withinDays: z.int().min(1).max(28),
  perDay: perDay.default(1),
});

const weak = {
  metric,
  below: count,
  /** Judged once, by the first numbers read after so many days. */
  afterDays: z.int().min(1).max(28),
};

const autoDelete = z.strictObject({
  kind: z.literal('auto_delete'),
  ...weak,
  perDay: perDay.default(3),
  /** Deleting cannot be taken back: a person has to say so. */
  confirmed: z.literal(true, 'Confirm that posts are deleted for good.'),
});

const autoArchive = z.strictObject({ kind: z.literal('auto_archive'), ...weak, perDay: perDay.default(20) });

const rssToDraft = z.strictObject({
  kind: z.literal('rss_to_draft'),
  feedUrl: z.url({ protocol: /^https?$/ }).max(2_000),
  /** `{{title}}`, `{{link}}` and `{{summary}}` of the item. */
  text: text.default('{{title}}\n\n{{link}}'),
  platforms,
  perDay: perDay.default(5),
});

const releaseToDraft = z.strictObject({
  kind: z.literal('release_to_draft'),
  /** `owner/name` on GitHub, or the address of the repository, also on a server of one's own. */
  repository: z.string().trim().min(3).max(500),
  /** `{{title}}`, `{{link}}` and `{{notes}}` of the release. */
  text: text.default('{{title}} is out.\n\n{{notes}}\n\n{{link}}'),
  platforms,
  /** Also versions such as 2.0.0-beta.1. */
  preReleases: z.boolean().default(false),
  perDay: perDay.default(5),
});

export const rule = z.discriminatedUnion('kind', [
  autoPlug,
  autoRepost,
  autoDelete,
  autoArchive,
  rssToDraft,
  releaseToDraft,
]);

export type Rule = z.output<typeof rule>;
/** One that looks at numbers of posts. */
export type PostRule = Extract<Rule, { kind: 'auto_plug' | 'auto_repost' | 'auto_delete' | 'auto_archive' }>;
/** One that reads a feed. */
export type FeedRule = Extract<Rule, { kind: 'rss_to_draft' | 'release_to_draft' }>;

export const postKinds = ['auto_plug', 'auto_repost', 'auto_delete', 'auto_archive'] as const;
export const feedKinds = ['rss_to_draft', 'release_to_draft'] as const;

export function isFeedRule(one: Rule): one is FeedRule {
  return one.kind === 'rss_to_draft' || one.kind === 'release_to_draft';
}

/** The rule of a row: its kind stands in a column of its own, the rest in `settings`. */
export function readRule(row: { kind: string; settings: unknown }): Rule {
  return rule.parse({ ...(row.settings as object), kind: row.kind });
}

/** What stands in `settings`. */
export function settingsOf({ kind: _, ...settings }: Rule): string {
  return JSON.stringify(settings);
}

/**
 * Whether the platform can do what the rule wants: tell numbers, and take a reply, show a post again or remove it.
 * Feed rules only need a platform to write for.
 */
export function can(adapter: Platform, kind: Rule['kind']): boolean {
  if (kind === 'rss_to_draft' || kind === 'release_to_draft') return true;
  if (adapter.metrics === null) return false;
  if (kind === 'auto_plug') return adapter.limits.threads || adapter.limits.firstReply;
  if (kind === 'auto_repost') return adapter.repost !== null;
  if (kind === 'auto_delete') return adapter.remove !== null;
  return true;
}

/** The variables a text of the rule may hold, without braces. */
export function variablesOf(kind: Rule['kind']): string[] {
  if (kind === 'auto_plug') return ['link'];
  if (kind === 'rss_to_draft') return ['title', 'link', 'summary'];
  return kind === 'release_to_draft' ? ['title', 'link', 'notes'] : [];
}

/**
 * Refuses a rule that could never work: an account whose platform cannot do it, a reply that does not fit, a variable
 * that does not exist.
 *
 * @throws Refusal
 */
export async function assertRule(inside: Inside, wanted: { accountId: string | null; rule: Rule }): Promise<void> {
  const { rule: asked, accountId } = wanted;
  if ('text' in asked) assertVariables(asked);
  if (asked.kind === 'release_to_draft') repositoryOf(asked.repository);
  if (isFeedRule(asked)) {
    if (accountId)
      throw refuse('invalid', 'no_account', 'A feed makes drafts; where they go out is chosen with each draft.');
    for (const platformId of asked.platforms) platformOf(inside, platformId);
    return;
  }
  if (asked.kind === 'auto_repost' && asked.afterHours >= asked.withinDays * 24)
    throw refuse(
      'invalid',
      'never',
      'The post would be too old before it is judged. Judge it earlier, or let it count for more days.',
    );
  if (!accountId) return;
  const account = await accountOf(inside, accountId);
  const adapter = platformOf(inside, account.platform);
  if (!can(adapter, asked.kind))
    throw refuse('invalid', 'platform_cannot', `${adapter.name} does not let us do this. Choose another account.`);
  if (asked.kind !== 'auto_plug') return;
  const { length, limit, valid } = measurePart(inside, adapter, asked.text, account.longPosts);
  if (!valid)
    throw refuse(
      'invalid',
      'text_too_long',
      `The reply has ${length} of at most ${limit} characters on ${adapter.name}. Shorten it.`,
    );
}

/** A template as it is filled: `{{link}}` stays where it is, for the tracked link. */
export function fill(template: string, values: Record<string, string>): string {
  return template
    .replaceAll(/\{\{(\w+)\}\}/g, (whole, name: string) => (whole === LINK ? whole : (values[name] ?? whole)))
    .replaceAll(/\n{3,}/g, '\n\n')
    .trim();
}

function assertVariables({ kind, text: template }: { kind: Rule['kind']; text: string }): void {
  const known = variablesOf(kind);
  const unknown = [...template.matchAll(/\{\{(\w*)\}\}/g)].find((found) => !known.includes(found[1] ?? ''));
  if (!unknown) return;
  const names = known.map((name) => `{{${name}}}`).join(', ');
  throw refuse('invalid', 'variable_unknown', `${unknown[0]} means nothing here. There is: ${names}.`);
}
