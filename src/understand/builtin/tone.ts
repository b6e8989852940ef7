/** How the pages sound, measured, so that other texts can be held against it (`understand/voice.ts`). */
import type { FoundProfile } from '#src/understand/findings.ts';
import type { ReadPage } from '#src/understand/reading.ts';
import type { Said } from './blocks.ts';
import type { Finding } from './gather.ts';

/**
 * Measures sentence length, person, contractions, exclamation marks and emoji over the running text. Confidence grows with the
 * number of sentences: 0.4 with five, 0.9 from forty on. Fewer than five say nothing.
 */
export function findTone(said: readonly Said[], profile: FoundProfile): Finding[] {
  const running = said.filter(
    ({ text, block }) => block.kind !== 'heading' && block.section !== 'testimonials' && text.split(' ').length > 2,
  );
  // The measures below know English only.
  if (running.length < 5 || !isEnglish(running[0]?.block.page)) return [];
  const confidence = Math.min(0.9, 0.4 + (running.length - 5) * 0.0143);
  const lengths = running.map(({ text }) => text.split(' ').length);
  const mean = Math.round(lengths.reduce((a, b) => a + b, 0) / lengths.length);
  const share = (pattern: RegExp) => running.filter(({ text }) => pattern.test(text)).length / running.length;
  const example = (test: (text: string) => boolean) => running.find(({ text }) => test(text)) ?? (running[0] as Said);
  const fact = (kind: Finding['kind'], statement: string, from: Said, detail: Finding['detail']): Finding => ({
    kind,
    statement,
    quote: from.text,
    page: from.block.page,
    confidence,
    detail,
  });

  const you = share(/\byou(r|rs)?\b/i);
  const we = share(/\b(we|our|us)\b/i);
  const i = share(/\b(I|my|me)\b/);
  const contracted = share(/\b\p{L}+['’](s|t|re|ve|ll|d|m)\b/iu);
  const exclaimed = share(/!/);
  const emoji = share(/\p{Extended_Pictographic}/u);
  const pace = mean <= 12 ? 'short, plain sentences' : mean <= 18 ? 'sentences of middle length' : 'long sentences';
  const person =
    you >= 0.25
      ? 'speaks to the reader as “you”'
      : i > we && i > 0.1
        ? 'speaks as “I”'
        : we > 0.15
          ? 'speaks as “we”'
          : 'speaks about the product';

  const typical = example(
    (text) => Math.abs(text.split(' ').length - mean) <= 2 && (you < 0.25 || /\byou/i.test(text)),
  );
  const found = [
    fact('tone', `It uses ${pace}, ${mean} words on average, and ${person}`, typical, {
      measure: 'sentence_words',
      value: mean,
    }),
    contracted >= 0.12
      ? fact(
          'style_note',
          'Contractions are welcome: the pages use them',
          example((t) => /['’](s|t|re|ve|ll)\b/.test(t)),
          { rule: 'contractions', value: 1 },
        )
      : fact('style_note', 'Words are written out: “do not”, hardly ever “don’t”', typical, {
          rule: 'contractions',
          value: 0,
        }),
  ];
  if (exclaimed < 0.02)
    found.push(
      fact('dont_say', 'Do not use exclamation marks: the pages get by without them', typical, {
        rule: 'exclamations',
        value: 0,
      }),
    );
  if (emoji < 0.02)
    found.push(fact('dont_say', 'Do not use emoji in the running text', typical, { rule: 'emoji', value: 0 }));
  const hype = running.find(({ text }) => hypeWords.test(text));
  if (!hype)
    found.push(
      fact('dont_say', 'Do not use hype such as “revolutionary” or “game-changing”', typical, {
        rule: 'hype',
        value: 0,
      }),
    );
  if (we > 0.12 && we > i)
    found.push(
      fact(
        'style_note',
        'The makers say “we”',
        example((t) => /\b(we|our)\b/i.test(t)),
        { rule: 'person', value: 'we' },
      ),
    );
  else if (i > 0.08)
    found.push(
      fact(
        'style_note',
        'The maker says “I”',
        example((t) => /\b(I|my)\b/.test(t)),
        { rule: 'person', value: 'I' },
      ),
    );

  const spelling = running.find(({ text }) => text.includes(profile.name.value));
  if (spelling)
    found.push(
      fact('do_say', `Write the name as “${profile.name.value}”`, spelling, {
        rule: 'spelling',
        value: profile.name.value,
      }),
    );
  return found;
}

/** A page that does not name its language is taken for English. */
export function isEnglish(page: ReadPage | undefined): boolean {
  return page?.lang == null || /^en\b/i.test(page.lang);
}

/** Words that promise more than anyone can hold. */
export const hypeWords =
  /\b(revolutionary|revolutioni[sz]e[sd]?|game[- ]chang(?:er|ing)|cutting[- ]edge|world[- ]class|next[- ]gen(?:eration)?|best[- ]in[- ]class|unleash|supercharge[sd]?|skyrocket|10x|mind[- ]blowing|insane(?:ly)?|disrupt(?:ive|ing)?|seamless(?:ly)?|effortless(?:ly)?|unlock(?:s|ed)? the power|groundbreaking|state[- ]of[- ]the[- ]art)\b/i;
