import { Archive, FileText, type LucideIcon, MessageSquareReply, Repeat2, Rss, Trash2 } from 'lucide-react';
import { count, counted, money } from '#web/format.ts';
import { platformName } from '#web/parts/platform-icon.tsx';
import type { Kind, Rule } from './queries.ts';

/** What each kind is called, and what it is good for. */
export const kinds: Record<Kind, { label: string; about: string; icon: LucideIcon }> = {
  auto_plug: {
    label: 'Reply under a post that does well',
    about: 'Many people look at it right now: tell them where to find more.',
    icon: MessageSquareReply,
  },
  auto_repost: {
    label: 'Repost what does well',
    about: 'Shows it once more to those who were asleep.',
    icon: Repeat2,
  },
  auto_archive: {
    label: 'Set weak posts aside',
    about: 'They stay out, and are not taken up again.',
    icon: Archive,
  },
  auto_delete: {
    label: 'Delete weak posts',
    about: 'Takes them off the platform for good. Receipts and numbers stay here.',
    icon: Trash2,
  },
  rss_to_draft: {
    label: 'Drafts from a feed',
    about: 'Each new article of your blog becomes a draft.',
    icon: Rss,
  },
  release_to_draft: {
    label: 'Drafts from releases',
    about: 'Each release of your repository becomes a thread, and an article where that fits.',
    icon: FileText,
  },
};

export const metricWords: Record<Extract<Rule, { metric: unknown }>['metric'], string> = {
  impressions: 'impressions',
  likes: 'likes',
  replies: 'replies',
  reposts: 'reposts',
  bookmarks: 'bookmarks',
  link_clicks: 'link clicks',
};

/** A rule in a sentence. */
export function sentenceOf(rule: Rule): string {
  const most = `at most ${rule.perDay} a day`;
  switch (rule.kind) {
    case 'auto_plug':
      return `At ${count(rule.atLeast)} ${metricWords[rule.metric]} within ${counted(rule.withinDays, 'day')}, put a reply under it, ${most}.`;
    case 'auto_repost':
      return rule.atLeast === null
        ? `After ${counted(rule.afterHours, 'hour')} with more than ${rule.timesMedian} times the account’s median of ${metricWords[rule.metric]}, repost it once, ${most}.`
        : `At ${count(rule.atLeast)} ${metricWords[rule.metric]} within ${counted(rule.withinDays, 'day')}, and after ${counted(rule.afterHours, 'hour')}, repost it once, ${most}.`;
    case 'auto_archive':
    case 'auto_delete':
      return `Below ${count(rule.below)} ${metricWords[rule.metric]} after ${counted(rule.afterDays, 'day')}, ${
        rule.kind === 'auto_delete' ? 'delete it' : 'set it aside'
      }, ${most}.`;
    case 'rss_to_draft':
      return `New in ${new URL(rule.feedUrl).host}: a draft for ${rule.platforms.map(platformName).join(', ')}, ${most}.`;
    case 'release_to_draft':
      return `New release of ${rule.repository.replace(/^https?:\/\//, '')}: a draft for ${rule.platforms.map(platformName).join(', ')}, ${most}.`;
  }
}

/** Millionths of a dollar, said as what one time costs. */
export function costOf(micros: number): string {
  return micros === 0 ? 'free' : `${money(String(micros / 10_000), 'USD')} each`;
}
