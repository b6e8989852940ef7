import type { Item } from './queries.ts';

export const kindWords: Record<Item['kind'], string> = {
  reply: 'Reply to',
  mention: 'Mentions',
  quote: 'Quotes',
  message: 'Message to',
};

export function nameOf(contact: Item['contact']): string {
  return contact ? contact.name || contact.handle : 'Somebody';
}

/** How an answer stands, in a word; null when there is none. */
export function answerWords(
  answer: Item['answer'],
): { word: string; tone: 'pos' | 'accent' | 'neg' | undefined } | null {
  if (!answer) return null;
  if (answer.state === 'out') return { word: 'Answered', tone: 'pos' };
  if (answer.state === 'waiting') return { word: 'Answer on its way', tone: 'accent' };
  if (answer.state === 'failed') return { word: 'Answer failed', tone: 'neg' };
  return { word: 'Answered there', tone: undefined };
}
