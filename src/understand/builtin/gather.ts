/** Collects facts: checks every quote against its page, makes a sentence of every statement, and refuses repetitions. */
import type { FactKind, FoundFact } from '#src/understand/findings.ts';
import { fold, isQuoted } from '#src/understand/findings.ts';
import { asSentence } from '#src/understand/phrasing.ts';
import type { ReadPage } from '#src/understand/reading.ts';

export type Finding = {
  kind: FactKind;
  statement: string;
  quote: string;
  page: ReadPage;
  confidence: number;
  detail?: FoundFact['detail'];
};

/** `name` is the app's. Keeps the best `most` findings of each kind, strongest first, in page order among equals. */
export function gather(
  findings: readonly Finding[],
  most: Partial<Record<FactKind, number>>,
  name: string,
): FoundFact[] {
  const kept: FoundFact[] = [];
  const perKind = Map.groupBy(findings, (finding) => finding.kind);
  for (const [kind, all] of perKind) {
    const chosen: FoundFact[] = [];
    for (const finding of [...all].sort((a, b) => b.confidence - a.confidence)) {
      if (chosen.length >= (most[kind] ?? 6)) break;
      const statement = asSentence(finding.statement, name);
      const quote = fold(finding.quote);
      if (!isQuoted(quote, finding.page)) continue;
      if (
        chosen.some(
          (other) => sameWords(other.statement, statement) || (other.quote === quote && onePerQuote.has(kind)),
        )
      )
        continue;
      chosen.push({
        kind,
        statement,
        quote,
        url: finding.page.url,
        confidence: round(finding.confidence),
        detail: finding.detail,
      });
    }
    kept.push(...chosen);
  }
  return kept;
}

/** Kinds where a second fact from the same words would only say the same again. */
const onePerQuote = new Set<FactKind>([
  'value_proposition',
  'pain_point',
  'benefit',
  'selling_point',
  'competitive_advantage',
  'emotional_trigger',
  'content_theme',
]);

/** True when one text says hardly more than the other: two thirds of the words of the shorter stand in the longer. */
export function sameWords(a: string, b: string): boolean {
  const [small, large] = [contentWords(a), contentWords(b)].sort((x, y) => x.size - y.size) as [
    Set<string>,
    Set<string>,
  ];
  if (small.size === 0) return a === b;
  return [...small].filter((word) => large.has(word)).length / small.size > 0.74;
}

function contentWords(text: string): Set<string> {
  return new Set(
    text
      .toLowerCase()
      .split(/[^\p{L}\p{N}$€£%]+/u)
      .filter(
        (word) =>
          word.length > 2 && !/^(the|and|for|you|your|with|that|from|are|its|this|can|not|has|have)$/.test(word),
      ),
  );
}

function round(confidence: number): number {
  return Math.round(Math.min(1, Math.max(0, confidence)) * 100) / 100;
}
