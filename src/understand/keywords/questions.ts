/** Questions in what people write, and how they would type them into a search. Pure. */
import { addressesMachine } from '#src/understand/findings.ts';
import { isFunctionWord } from '#src/understand/keyphrases/common.ts';
import { stem } from '#src/understand/keyphrases/stem.ts';

/** A question word for word, without the name it is addressed to. */
export type Question = { text: string };

/**
 * The questions of a text: sentences that end in a question mark or begin as one, of three words at least, that ask for something. Left
 * out are greetings ("how are you?"), tags ("right?"), offers to ask, and orders to a machine.
 */
export function questionsIn(text: string): Question[] {
  const plain = text
    .replace(/https?:\/\/\S+/g, ' ')
    .replace(/(?:^|\s)(?:@[\w.-]+\s*)+/g, ' ')
    .replace(/[\u2018\u2019]/g, "'");
  return plain
    .split(/(?<=[.!?…])\s+|\n+/)
    .map((sentence) =>
      sentence
        .replace(/\s+/g, ' ')
        .replace(/^[\s"“(•*-]+|["”)]+$/g, '')
        .replace(
          /^(?:(?:hi|hey|hello|love it|nice|great|cool|wow|congrats|quick question|question|so|and|but|also|ok|okay|btw|just wondering|curious)\b[^\p{L}]{1,3})+/iu,
          '',
        )
        .trim(),
    )
    .filter((sentence) => asks(sentence) && !addressesMachine(sentence))
    .map((sentence) => ({ text: sentence.slice(0, 200) }));
}

/**
 * A question as people search for it: small letters, no mark, no pleasantries, the product's name for "it" and "you". Null when
 * nothing special is left of it.
 */
export function asSearch(question: string, name: string): string | null {
  const own = name.toLowerCase();
  const subject = '(?:it|you(?: guys)?|this|that|the (?:app|tool|product|service)|your (?:app|tool|product|service))';
  const phrase = question
    .toLowerCase()
    .replace(/[?!.…]+$/g, '')
    .replace(/[,;:()"“”]/g, ' ')
    .replace(
      /\b(?:please|pls|maybe|by any chance|actually|really|just|currently|already|also|btw|out of interest)\b/g,
      ' ',
    )
    .replace(/\s+/g, ' ')
    .trim()
    .replace(
      /^(?:(?:can|could) (?:you|somebody|someone|anyone) (?:tell|explain|say)(?: to)?(?: me| us)? |(?:do|does) (?:you|anyone) know |i (?:wonder|was wondering) |any idea )/,
      '',
    )
    .replace(
      new RegExp(`^(do|does|is|are|can|could|will|would|did|has|have) ${subject} `),
      (_, verb: string) =>
        `${({ do: 'does', are: 'is', have: 'has' } as Record<string, string>)[verb] ?? verb} ${own} `,
    )
    .replace(
      new RegExp(
        `^((?:how|why|when|where|what)(?: (?:much|many|long|often))?) (do|does|is|are|can|will|did) ${subject} `,
      ),
      (_, asked: string, verb: string) =>
        `${asked} ${({ do: 'does', are: 'is' } as Record<string, string>)[verb] ?? verb} ${own} `,
    )
    .trim();
  const special = contentOf(phrase).filter((word) => word !== stem(own));
  return special.length === 0 || phrase.length < 8 || phrase.length > 110 ? null : phrase;
}

/** The stems of what a question is about, in order, each once. */
export function contentOf(phrase: string): string[] {
  const words = phrase.toLowerCase().match(/[\p{L}\p{N}][\p{L}\p{N}'-]*/gu) ?? [];
  return [...new Set(words.filter((word) => !isFunctionWord(word.replace(/'.*$/, '')) && !filler.has(word)).map(stem))];
}

/** True when two questions ask for the same: two thirds of what both are about. */
export function sameQuestion(a: readonly string[], b: readonly string[]): boolean {
  const shared = a.filter((word) => b.includes(word)).length;
  return shared > 0 && shared / new Set([...a, ...b]).size >= 0.66;
}

const filler = new Set(
  'work works working way thing things lot bit possible there able day days happen happens mean'.split(' '),
);

const opening =
  /^(?:how|what|why|when|where|which|who|is|are|does|do|did|can|could|will|would|should|has|have|any (?:plans?|chance|way)|is there|what's|how's|where's)\b/i;

function asks(sentence: string): boolean {
  const words = sentence.split(' ').length;
  if (words < 3 || words > 32 || !opening.test(sentence)) return false;
  // What a person did or likes is no search.
  if (
    /\b(?:take you|took you|did you|made you|have you (?:ever|tried)|your (?:favou?rite|day|experience|secret))\b/i.test(
      sentence,
    )
  )
    return false;
  if (
    /^(?:how (?:are|is) (?:you|it going|things)|what'?s up|can i ask|may i ask|could i ask|who knows|why not|what do you think|are you (?:ok|kidding|serious)|isn't|don't you|how (?:cool|great|nice|good|awesome))\b/i.test(
      sentence,
    )
  )
    return false;
  return (
    sentence.endsWith('?') ||
    (/^(?:how (?:do|does|can|to|much|long)|does (?:it|this)|is there|can (?:it|i|you)|do you|any (?:plans?|chance|way))\b/i.test(
      sentence,
    ) &&
      words >= 4 &&
      words <= 20)
  );
}
