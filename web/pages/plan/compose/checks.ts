import { highlight } from '#src/outside/platforms/x/count.ts';
import { misfits } from '#src/plan/posts/fits.ts';
import { count, counted } from '#web/format.ts';
import { ALL, calledByItself, type Draft, type DraftPart, LINK, type Post, storable, wordsOf } from './draft.ts';
import { fitting, mostOf, type PlatformInfo } from './measure.ts';
import type { Account } from './targets.tsx';

export interface ComposeCheck {
  id: string;
  tone: 'neg' | 'warn' | 'pos';
  text: string;
  /** The whole sentence, where the short one leaves something out. */
  detail?: string;
  /** The part it is about, and the tab under which it is found. */
  at?: { part: string; tab: string };
}

type Problem = Post['problems'][number];

const hookWords: Record<string, string> = {
  question: 'First line asks a question',
  number: 'First line opens with a number',
  quote: 'First line opens with a quote',
  story: 'First line is a story',
  list: 'First line announces a list',
};

/** What only the server can know; the rest is seen here, at once. */
const fromServer = new Set<string>([
  'unsupported',
  'retired_fact',
  'similar',
  'theme',
  'voice',
  'fatigue',
  'no_platform',
]);

/**
 * What is worth knowing before it goes out, the worst first: for each platform it goes to, by the same rules as the
 * server; and what the server found in the version it has (`post`).
 */
export function checksOf(
  draft: Draft,
  platforms: readonly PlatformInfo[],
  accounts: readonly Account[],
  sample: string,
  post: Post | undefined,
): ComposeCheck[] {
  const bodies = [draft.base, ...Object.values(draft.own)];
  if (bodies.every((body) => body.parts.every((part) => part.text.trim() === '' && part.media.length === 0))) return [];
  const found = platforms.flatMap((info) => liveOf(draft, info, platforms.length > 1, sample));
  const checks = [...merged(found), ...ofServer(draft, post), ...ofAccounts(accounts)];
  const shown = wordsOf(draft, platforms[0]?.id ?? ALL);
  checks.push(linkCheck(shown.parts));
  if (post?.hook && hookWords[post.hook]) checks.push({ id: 'hook', tone: 'pos', text: hookWords[post.hook]! });
  const order = { neg: 0, warn: 1, pos: 2 };
  return checks.sort((a, b) => order[a.tone] - order[b.tone]);
}

/** What does not fit on one platform, with how it is said when it is said for several parts at once. */
function liveOf(draft: Draft, info: PlatformInfo, several: boolean, sample: string): ComposeCheck[] {
  const body = wordsOf(draft, info.id);
  const tab = draft.own[info.id] ? info.id : ALL;
  const on = several ? ` on ${info.name}` : '';
  const at = (position: number | null) => {
    const part = position === null ? undefined : body.parts[position]?.key;
    return part ? { at: { part, tab } } : {};
  };
  const words = {
    ...body,
    platform: info.id,
    title: body.title || draft.title || calledByItself(draft.base.parts[0]?.text ?? ''),
    firstReply: body.firstReply.trim() || null,
    community: body.community.trim() || null,
    parts: body.parts.map((part, position) => ({ ...part, poll: storable(part.poll), position })),
  };
  const problems = misfits(fitting(info), words, {
    final: (text) => text.replaceAll(LINK, sample),
    longPosts: body.longPost,
  });
  const grouped = (kind: Problem['kind']) => problems.filter((problem) => problem.kind === kind);
  const checks: ComposeCheck[] = [];
  const long = grouped('too_long');
  if (long.length > 0)
    checks.push({
      id: `too_long ${info.id}`,
      tone: 'neg',
      text: `${counted(long.length, 'post')} over ${count(mostOf(info.limits, body.longPost))}${on}`,
      detail: long.map(({ message }) => message).join(' '),
      ...at(long[0]!.part),
    });
  const empty = grouped('empty');
  if (empty.length > 0)
    checks.push({
      id: 'empty',
      tone: 'neg',
      text: `${counted(empty.length, 'post')} without text`,
      ...at(empty[0]!.part),
    });
  const bare = grouped('no_alt_text');
  if (bare.length > 0) {
    const images = body.parts.flatMap((part) => part.media).filter((media) => !media.altText).length;
    checks.push({
      id: 'no_alt_text',
      tone: 'warn',
      text: `${counted(images, 'image')} without alt text`,
      ...at(bare[0]!.part),
    });
  }
  for (const { kind, severity, message, part } of problems)
    if (kind !== 'too_long' && kind !== 'empty' && kind !== 'no_alt_text')
      checks.push({ id: message, tone: severity === 'stops' ? 'neg' : 'warn', text: message, ...at(part) });
  body.parts.forEach((part, position) => {
    const tokens = highlight(part.text);
    const open = tokens.find(
      ({ kind, text }) => (kind === 'variable' && text !== LINK) || (kind === 'text' && text.includes('{{')),
    );
    if (open)
      checks.push({
        id: `open ${part.key}`,
        tone: 'neg',
        text: `${open.kind === 'variable' ? open.text : '{{'} is not filled in`,
        detail: 'Put the words in its place: it would go out as it stands.',
        ...at(position),
      });
    if (part.poll && !storable(part.poll))
      checks.push({ id: `poll ${part.key}`, tone: 'neg', text: 'The poll needs two answers', ...at(position) });
    const cashtags = tokens.filter(({ kind }) => kind === 'cashtag').length;
    if (info.id === 'x' && cashtags > 1)
      checks.push({
        id: `cashtags ${part.key}`,
        tone: 'neg',
        text: `${cashtags} cashtags in one post`,
        detail: 'X takes one cashtag in a post from its API. Write the others without the dollar sign.',
        ...at(position),
      });
  });
  return checks;
}

/** What is said of several platforms alike is said once. */
function merged(checks: readonly ComposeCheck[]): ComposeCheck[] {
  return [...new Map(checks.map((check) => [check.id, check])).values()];
}

function ofServer(draft: Draft, post: Post | undefined): ComposeCheck[] {
  const checks: ComposeCheck[] = [];
  const at = ({ part, platform }: Problem) => {
    const tab = platform && draft.own[platform] ? platform : ALL;
    const key = part === null ? undefined : wordsOf(draft, tab).parts[part]?.key;
    return key ? { at: { part: key, tab } } : {};
  };
  const problems = post?.problems.filter(({ kind }) => fromServer.has(kind)) ?? [];
  const unsupported = problems.filter(({ kind }) => kind === 'unsupported');
  if (unsupported.length > 0)
    checks.push({
      id: 'unsupported',
      tone: 'warn',
      text: `${counted(unsupported.length, 'claim')} without evidence`,
      detail: unsupported.map(({ message }) => message).join(' '),
      ...at(unsupported[0]!),
    });
  const similar = problems.find(({ kind }) => kind === 'similar');
  if (similar)
    checks.push({ id: 'similar', tone: 'warn', text: 'Reads like an earlier post', detail: similar.message });
  for (const problem of problems)
    if (problem.kind !== 'unsupported' && problem.kind !== 'similar')
      checks.push({
        id: problem.message,
        tone: problem.severity === 'stops' ? 'neg' : 'warn',
        text: problem.message,
        ...at(problem),
      });
  return checks;
}

function ofAccounts(accounts: readonly Account[]): ComposeCheck[] {
  return accounts
    .filter(({ status }) => status === 'reconnect' || status === 'paused')
    .map(({ id, handle, status, statusReason }) => ({
      id: `account ${id}`,
      tone: 'warn',
      text: status === 'paused' ? `@${handle} is held` : `@${handle} wants to be connected again`,
      detail: `${statusReason ?? ''} What is scheduled on it waits until then.`.trim(),
    }));
}

function linkCheck(parts: DraftPart[]): ComposeCheck {
  const at = parts.findLastIndex((part) => highlight(part.text).some(isLink));
  if (at < 0)
    return {
      id: 'link',
      tone: 'warn',
      text: 'No link',
      detail: 'Without {{link}} nobody can follow, and visits cannot be counted.',
    };
  const where =
    parts.length === 1
      ? 'Has a link'
      : at === parts.length - 1
        ? 'Link is in the last post'
        : `Link is in post ${at + 1}`;
  return { id: 'link', tone: 'pos', text: where, at: { part: parts[at]!.key, tab: ALL } };
}

function isLink(token: { kind: string; text: string }): boolean {
  return token.kind === 'url' || token.text === LINK;
}
