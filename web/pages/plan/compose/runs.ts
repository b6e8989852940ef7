import { highlight } from '#src/outside/platforms/x/count.ts';
import type { Claim } from './draft.ts';

export interface Run {
  text: string;
  kind: 'text' | 'url' | 'mention' | 'hashtag' | 'cashtag' | 'variable';
  /** Beyond what fits. */
  over: boolean;
  claim?: 'supported' | 'unsupported';
}

/**
 * A text in pieces of one look each, for the mirror behind the field: what X makes clickable, what goes over the limit,
 * and what asserts something. It goes over at the index `cut`. The pieces joined are the text.
 */
export function runsOf(text: string, claims: readonly Claim[], cut: number): Run[] {
  const spans: { start: number; end: number; kind: Run['kind'] }[] = [];
  let at = 0;
  for (const token of highlight(text)) {
    spans.push({ start: at, end: at + token.text.length, kind: token.kind });
    at += token.text.length;
  }
  const placed = claims.flatMap((claim) => placeOf(text, claim));
  const edges = new Set([cut, ...placed.flatMap(({ start, end }) => [start, end])]);
  return spans.flatMap((span) => {
    const inside = [...edges].filter((edge) => edge > span.start && edge < span.end).sort((a, b) => a - b);
    const points = [span.start, ...inside, span.end];
    return points.slice(1).map((end, index) => {
      const start = points[index]!;
      const claim = placed.find((one) => one.start <= start && end <= one.end);
      const run: Run = { text: text.slice(start, end), kind: span.kind, over: start >= cut };
      return claim ? { ...run, claim: claim.unsupported ? 'unsupported' : 'supported' } : run;
    });
  });
}

/** Where a claim stands now: typing before it moves it, typing within it ends it until the next save. */
export function placeOf(text: string, claim: Claim): { start: number; end: number; unsupported: boolean }[] {
  const unsupported = claim.unsupportedReason !== null;
  if (text.slice(claim.start, claim.end) === claim.text) return [{ start: claim.start, end: claim.end, unsupported }];
  const start = text.indexOf(claim.text);
  return start < 0 ? [] : [{ start, end: start + claim.text.length, unsupported }];
}
