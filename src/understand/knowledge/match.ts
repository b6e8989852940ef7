import type { Inside } from '#src/context.ts';
import { type FoundFact, fold } from '#src/understand/findings.ts';

/** A fact as it is known, with every wording it ever had and the words it rests on. */
export type Known = {
  id: string;
  kind: string;
  statement: string;
  state: 'proposed' | 'confirmed' | 'corrected' | 'retired';
  source: 'built_in' | 'model' | 'person';
  decidedAt: Date | null;
  detail: Record<string, string | number | null>;
  wordings: string[];
  evidence: { url: string; quote: string }[];
  /** The last reading that saw its pages did not find it. */
  missing: boolean;
};

export async function knownFactsOf({ tx }: Inside, appId: string): Promise<Known[]> {
  const facts = await tx
    .selectFrom('facts')
    .select(['id', 'kind', 'statement', 'state', 'source', 'decidedAt', 'detail'])
    .where('appId', '=', appId)
    .orderBy('createdAt')
    .orderBy('id')
    .execute();
  const evidence = await tx
    .selectFrom('evidence as e')
    .innerJoin('facts as f', 'f.id', 'e.factId')
    .select(['e.factId', 'e.url', 'e.quote'])
    .where('f.appId', '=', appId)
    .execute();
  const changes = await tx
    .selectFrom('factChanges as c')
    .innerJoin('facts as f', 'f.id', 'c.factId')
    .select(['c.factId', 'c.change', 'c.before', 'c.after'])
    .where('f.appId', '=', appId)
    .orderBy('c.changedAt')
    .execute();
  const evidenceOf = Map.groupBy(evidence, (one) => one.factId);
  const changesOf = Map.groupBy(changes, (one) => one.factId);
  return facts.map((fact) => {
    const history = changesOf.get(fact.id) ?? [];
    const seen = history.filter(({ change }) => ['found', 'seen_again', 'no_longer_found'].includes(change));
    return {
      ...fact,
      detail: fact.detail as Known['detail'],
      wordings: [fact.statement, ...history.flatMap(({ before, after }) => [before, after])].filter(
        (one) => one !== null,
      ),
      evidence: evidenceOf.get(fact.id) ?? [],
      missing: seen.at(-1)?.change === 'no_longer_found',
    };
  });
}

/**
 * Pairs what was found with what is known; each known fact is given out once, and what is found twice counts once. The
 * same kind and wording (also one it had before a person corrected it) is the same fact; so is, after that, the same
 * quote with much the same words, because a model words things anew each time.
 */
export function pair(
  known: readonly Known[],
  found: readonly FoundFact[],
): { fact: FoundFact; same: Known | undefined }[] {
  const byWording = new Map<string, Known>();
  for (const fact of known)
    for (const wording of fact.wordings) {
      const key = keyOf(fact.kind, wording);
      const first = byWording.get(key);
      if (!first || (first.state === 'retired' && fact.state !== 'retired')) byWording.set(key, fact);
    }
  const distinct = [...Map.groupBy(found, (fact) => keyOf(fact.kind, fact.statement))].flatMap(([key, [fact]]) =>
    fact ? [{ key, fact }] : [],
  );
  const taken = new Set<string>();
  const exact = new Map<FoundFact, Known>();
  for (const { key, fact } of distinct) {
    const same = byWording.get(key);
    if (!same || taken.has(same.id)) continue;
    taken.add(same.id);
    exact.set(fact, same);
  }
  return distinct.map(({ fact }) => {
    const same = exact.get(fact) ?? known.find((one) => !taken.has(one.id) && saysMuchTheSame(one, fact));
    if (same) taken.add(same.id);
    return { fact, same };
  });
}

function saysMuchTheSame(known: Known, fact: FoundFact): boolean {
  const quote = fold(fact.quote);
  return (
    known.kind === fact.kind &&
    known.evidence.some((one) => one.url === fact.url && fold(one.quote) === quote) &&
    known.wordings.some((wording) => likeness(wording, fact.statement) >= 0.5)
  );
}

function keyOf(kind: string, statement: string): string {
  return `${kind} ${wordsOf(statement).join(' ')}`;
}

/** Share of common words among all words of both, 0 to 1 (Jaccard). */
function likeness(one: string, other: string): number {
  const [a, b] = [new Set(wordsOf(one)), new Set(wordsOf(other))];
  const common = [...a].filter((word) => b.has(word)).length;
  return common / (a.size + b.size - common || 1);
}

/** Words and amounts; case and punctuation do not make a new statement. */
function wordsOf(statement: string): string[] {
  return (
    statement
      .normalize('NFC')
      .toLowerCase()
      .match(/[\p{L}\p{N}]+(?:[.,]\p{N}+)*|[$€£¥%]/gu) ?? [statement]
  );
}
