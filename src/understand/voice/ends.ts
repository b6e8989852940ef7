import { hashtag, readable } from './text.ts';

type End = { kind: string; line: string };

/** How a text begins and how it ends: its first and its last line with words, by what a reader sees first. */
export function endsOf(text: string): { opening: End; closing: End } | null {
  const lines = text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
  const [first, last] = [lines.find((line) => /\p{L}/u.test(readable(line))), lines.at(-1)];
  if (!first || !last) return null;
  return { opening: { kind: openingOf(first), line: first }, closing: { kind: closingOf(last), line: last } };
}

function openingOf(line: string): string {
  const words = readable(line).trim();
  if (/^[^.!]*\?/.test(words)) return 'A question';
  if (/^["“‘']/.test(words)) return 'A quote';
  if (/^[$€£]?\d/.test(words)) return 'A number';
  if (/^(?:how|why|what|when|where)\b/i.test(words)) return 'How, why, what';
  if (/^(?:I|I['’]\w+|my)\b/.test(words)) return '“I”';
  if (/^(?:we|we['’]\w+|our)\b/i.test(words)) return '“We”';
  if (/^(?:you|you['’]\w+|your|if you)\b/i.test(words)) return '“You”';
  return words.length <= 40 ? 'A short statement' : 'A statement';
}

function closingOf(line: string): string {
  if (/(?:https?:\/\/\S+|\{\{link\}\})\s*$/i.test(line)) return 'A link';
  if (new RegExp(`${hashtag.source}\\s*$`, 'u').test(line)) return 'A hashtag';
  if (/\?["”’)]*\s*$/.test(line)) return 'A question';
  if (/!["”’)]*\s*$/.test(line)) return 'An exclamation';
  if (/^(?:try|read|see|get|join|sign up|reply|tell|let me|check|follow|download|book|start|ask)\b/i.test(line))
    return 'A call to act';
  return /\.["”’)]*\s*$/.test(line) ? 'A statement' : 'No full stop';
}
