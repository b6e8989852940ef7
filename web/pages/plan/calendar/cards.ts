import type { api } from '#web/api.ts';
import { addDays, mondayOf } from '#web/zone.ts';

type Range = Awaited<ReturnType<typeof api.calendar.range>>;
export type Item = Range['items'][number];
export type Warning = Range['warnings'][number];

export const weekdayNames = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'];

/** A post at one moment: on the accounts it goes to, or as the draft it still is. */
export interface CalendarCard {
  key: string;
  postId: string;
  at: Date;
  day: string;
  time: string;
  title: string;
  threadLength: number;
  platforms: string[];
  accountIds: string[];
  campaign: Item['campaign'];
  status: Item['status'];
  reason: string | null;
  visits: number;
  /** It stands for a day on which it comes again. */
  recurs: boolean;
  evergreen: boolean;
  /** What would tire its readers. */
  warnings: string[];
  /** What can still be moved: publications that wait, or the draft itself. */
  publicationIds: string[];
  movable: boolean;
}

/** What needs a person comes before what does not: the state of a card is the most pressing of its accounts. */
const pressing: Item['status'][] = [
  'failed',
  'asking',
  'publishing',
  'scheduled',
  'in_review',
  'approved',
  'draft',
  'published',
  'skipped',
  'withdrawn',
];
const waiting = new Set<Item['status']>(['scheduled', 'draft', 'in_review', 'approved']);

/** One card per post and moment; a post on several accounts at once is one card. */
export function cardsOf(items: readonly Item[], warnings: readonly Warning[] = []): CalendarCard[] {
  const cards = new Map<string, CalendarCard>();
  for (const item of items) {
    const key = `${item.postId} ${item.at.toISOString().slice(0, 16)}`;
    const card = cards.get(key);
    const tiring = warnings.filter((one) => item.publicationId && one.publicationIds.includes(item.publicationId));
    const own = item.publicationId && waiting.has(item.status) ? [item.publicationId] : [];
    if (!card) {
      cards.set(key, {
        key,
        postId: item.postId,
        at: item.at,
        day: item.day,
        time: item.time,
        title: item.title,
        threadLength: item.threadLength,
        platforms: [...item.platforms],
        accountIds: item.account ? [item.account.id] : [],
        campaign: item.campaign,
        status: item.status,
        reason: item.reason,
        visits: item.visits,
        recurs: item.recurrenceId !== null,
        evergreen: item.evergreen,
        warnings: tiring.map((one) => one.message),
        publicationIds: own,
        movable: waiting.has(item.status),
      });
      continue;
    }
    card.platforms = [...new Set([...card.platforms, ...item.platforms])];
    if (item.account) card.accountIds.push(item.account.id);
    card.publicationIds.push(...own);
    card.recurs ||= item.recurrenceId !== null;
    card.evergreen ||= item.evergreen;
    card.warnings = [...new Set([...card.warnings, ...tiring.map((one) => one.message)])];
    card.movable ||= waiting.has(item.status);
    if (pressing.indexOf(item.status) < pressing.indexOf(card.status)) {
      card.status = item.status;
      card.reason = item.reason;
    }
  }
  return [...cards.values()];
}

export interface CalendarFilter {
  accounts: string[];
  campaigns: string[];
  /** Only what waits for review. */
  review: boolean;
}

/** Nothing chosen shows everything; drafts belong to no account yet and stay. */
export function matches(card: CalendarCard, filter: CalendarFilter): boolean {
  const account =
    filter.accounts.length === 0 ||
    card.accountIds.length === 0 ||
    card.accountIds.some((id) => filter.accounts.includes(id));
  return (
    account &&
    (!filter.review || card.status === 'in_review') &&
    (filter.campaigns.length === 0 || (card.campaign !== null && filter.campaigns.includes(card.campaign.id)))
  );
}

export type View = 'week' | 'month' | 'list';

/** The whole weeks a view shows around a day, as its first day and the day after its last. */
export function daysShown(view: View, day: string): { first: string; end: string } {
  if (view === 'week') return { first: mondayOf(day), end: addDays(mondayOf(day), 7) };
  const monthStart = `${day.slice(0, 7)}-01`;
  const nextMonth = `${addDays(monthStart, 31).slice(0, 7)}-01`;
  if (view === 'list') return { first: monthStart, end: nextMonth };
  return { first: mondayOf(monthStart), end: addDays(mondayOf(addDays(nextMonth, -1)), 7) };
}

/** The anchor day one step before or after. */
export function stepped(view: View, day: string, step: -1 | 1): string {
  if (view === 'week') return addDays(day, step * 7);
  const monthStart = `${day.slice(0, 7)}-01`;
  return step === 1 ? `${addDays(monthStart, 31).slice(0, 7)}-01` : `${addDays(monthStart, -1).slice(0, 7)}-01`;
}

export function eachDay(first: string, end: string): string[] {
  const days: string[] = [];
  for (let day = first; day < end; day = addDays(day, 1)) days.push(day);
  return days;
}
