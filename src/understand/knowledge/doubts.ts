/** What speaks against facts in use: each other, and time. Pure. */

export type Doubted = {
  id: string;
  kind: string;
  statement: string;
  state: string;
  source: string;
  detail: Record<string, string | number | null>;
  lastSeenAt: Date | null;
  missingSince: Date | null;
  decidedAt: Date | null;
};

export type Conflict = { factIds: [string, string]; reason: string };

const DAY = 86_400_000;
/** A page that was not read for so long may say something else by now. */
const UNSEEN = 90;
/** Words of one's own that no page carries are asked about after half a year. */
const UNASKED = 180;

/** Why a fact should be looked at again; null when it stands. */
export function staleness(fact: Doubted, now: Date): string | null {
  if (fact.state === 'retired') return null;
  const days = (since: Date) => Math.floor((now.getTime() - since.getTime()) / DAY);
  if (fact.missingSince) return 'Your pages no longer say it.';
  if (fact.source === 'person') {
    const since = fact.decidedAt ?? fact.lastSeenAt;
    return since && days(since) >= UNASKED ? `You said it ${days(since)} days ago.` : null;
  }
  if (fact.lastSeenAt && days(fact.lastSeenAt) >= UNSEEN) return `Last seen ${days(fact.lastSeenAt)} days ago.`;
  return null;
}

/**
 * Pairs of facts in use that cannot both be true: two prices of one plan billed alike, words to say that are words not to
 * say, two habits of one kind; what is to be said comes first. Retired ones contradict nothing.
 */
export function conflictsIn(facts: readonly Doubted[]): Conflict[] {
  const used = facts.filter(({ state }) => state !== 'retired');
  return used.flatMap((one, index) =>
    used.slice(index + 1).flatMap((other): Conflict[] => {
      // In the order in which the sentence names them.
      const reason = contradiction(one, other);
      if (reason) return [{ factIds: [one.id, other.id], reason }];
      const turned = contradiction(other, one);
      return turned ? [{ factIds: [other.id, one.id], reason: turned }] : [];
    }),
  );
}

function contradiction(one: Doubted, other: Doubted): string | null {
  if (one.kind === 'pricing' && other.kind === 'pricing') return twoPrices(one, other);
  if (one.kind === 'do_say' && other.kind === 'dont_say') {
    const wanted = quoted(one.statement.split(/,?\s+(?:not|instead of|rather than)\s+/i)[0] ?? '');
    const both = quoted(other.statement).find((words) => wanted.includes(words));
    return both === undefined ? null : `“${both}” is to be said and not to be said.`;
  }
  const { rule, value } = one.detail;
  if (rule && rule === other.detail.rule && value !== other.detail.value && one.kind === other.kind)
    return 'Two habits of one kind.';
  return null;
}

function twoPrices(one: Doubted, other: Doubted): string | null {
  const plan = (fact: Doubted) => String(fact.detail.plan ?? '').toLowerCase();
  const same =
    plan(one) !== '' &&
    plan(one) === plan(other) &&
    (one.detail.interval ?? null) === (other.detail.interval ?? null) &&
    (one.detail.currency ?? null) === (other.detail.currency ?? null);
  const [amount, another] = [one.detail.amount, other.detail.amount];
  if (!same || amount === undefined || another === undefined || Number(amount) === Number(another)) return null;
  return `Two prices of ${one.detail.plan}: ${amount} and ${another}.`;
}

function quoted(statement: string): string[] {
  return [...statement.matchAll(/[“"„]([^”"“]{2,60})[”"“]/g)].map((match) => (match[1] ?? '').trim().toLowerCase());
}
