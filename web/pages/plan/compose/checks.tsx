import { Check, CircleAlert, TriangleAlert } from 'lucide-react';
import type { ReactNode } from 'react';
import { highlight } from '#src/outside/platforms/x/count.ts';
import { counted } from '#web/format.ts';
import type { DraftPart, Post } from './draft.ts';
import { counted as countedText } from './runs.ts';

export interface ComposeCheck {
  id: string;
  tone: 'neg' | 'warn' | 'pos';
  text: string;
  /** The whole sentence, where the short one leaves something out. */
  detail?: string;
  /** The part it is about. */
  part?: string;
}

const hookWords: Record<string, string> = {
  question: 'First line asks a question',
  number: 'First line opens with a number',
  quote: 'First line opens with a quote',
  story: 'First line is a story',
  list: 'First line announces a list',
};

/** What is worth knowing before it goes out, the worst first. What the browser can see counts at once, the rest after a save. */
export function checksOf(parts: DraftPart[], limit: number, sample: string, post: Post | undefined): ComposeCheck[] {
  const written = parts.filter((part) => part.text.trim() !== '');
  if (written.length === 0) return [];
  const checks: ComposeCheck[] = [];
  const over = parts.filter((part) => countedText(part.text, sample).length > limit);
  if (over.length > 0) {
    checks.push({ id: 'over', tone: 'neg', text: `${counted(over.length, 'post')} over ${limit}`, part: over[0]!.key });
  }
  const empty = parts.filter((part) => part.text.trim() === '');
  if (empty.length > 0) {
    checks.push({
      id: 'empty',
      tone: 'neg',
      text: `${counted(empty.length, 'post')} without text`,
      part: empty[0]!.key,
    });
  }
  const seen = new Set(['too_long', 'empty', 'unsupported', 'similar']);
  for (const problem of post?.problems.filter(({ kind }) => !seen.has(kind)) ?? []) {
    const part = problem.part === null ? undefined : parts[problem.part]?.key;
    const tone = problem.severity === 'stops' ? 'neg' : 'warn';
    checks.push({ id: problem.message, tone, text: problem.message, ...(part ? { part } : {}) });
  }
  const unsupported = post?.problems.filter(({ kind }) => kind === 'unsupported') ?? [];
  if (unsupported.length > 0) {
    const part = unsupported[0]!.part === null ? undefined : parts[unsupported[0]!.part]?.key;
    checks.push({
      id: 'unsupported',
      tone: 'warn',
      text: `${counted(unsupported.length, 'claim')} without evidence`,
      detail: unsupported.map(({ message }) => message).join(' '),
      ...(part ? { part } : {}),
    });
  }
  const similar = post?.problems.find(({ kind }) => kind === 'similar');
  if (similar)
    checks.push({ id: 'similar', tone: 'warn', text: 'Reads like an earlier post', detail: similar.message });
  checks.push(linkCheck(parts));
  if (post?.hook && hookWords[post.hook]) checks.push({ id: 'hook', tone: 'pos', text: hookWords[post.hook]! });
  return checks;
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
  return { id: 'link', tone: 'pos', text: where, part: parts[at]!.key };
}

function isLink(token: { kind: string; text: string }): boolean {
  return token.kind === 'url' || token.text === '{{link}}';
}

/** The checks in one line at the foot; choosing one leads to its post. */
export function ChecksBar({
  checks,
  onGo,
  children,
}: {
  checks: ComposeCheck[];
  onGo: (key: string) => void;
  children?: ReactNode;
}) {
  return (
    <section className="checks" aria-label="Checks">
      <ul>
        {checks.map(({ id, tone, text, detail, part }) => {
          const Icon = tone === 'pos' ? Check : tone === 'neg' ? CircleAlert : TriangleAlert;
          const content = (
            <>
              <Icon size={14} aria-hidden="true" />
              {text}
              {detail && <span className="hidden-text">: {detail}</span>}
            </>
          );
          return (
            <li key={id} data-tone={tone} title={detail}>
              {part ? (
                <button type="button" onClick={() => onGo(part)}>
                  {content}
                </button>
              ) : (
                <span>{content}</span>
              )}
            </li>
          );
        })}
      </ul>
      {children}
    </section>
  );
}
