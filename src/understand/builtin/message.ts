/** What the pages promise: value proposition, pains, benefits, what sets the app apart, and the pitch made of it. */
import type { FoundProfile } from '#src/understand/findings.ts';
import { addressesMachine } from '#src/understand/findings.ts';
import { asSentence, completed, lowerFirst, startsWithVerb } from '#src/understand/phrasing.ts';
import type { Block, Said } from './blocks.ts';
import { hasVerb, sentences } from './english.ts';
import type { Finding } from './gather.ts';

/**
 * Confidence says how directly the words mean what the fact says: 0.9 the page states it in the place made for it (the
 * hero), 0.7 to 0.8 a turn of phrase that hardly means anything else, 0.5 to 0.6 one that often does.
 */
export function findMessages(blocks: readonly Block[], said: readonly Said[], profile: FoundProfile): Finding[] {
  const plain = said.filter(
    ({ block }) => block.section !== 'testimonials' && block.role !== 'blog' && block.role !== 'docs',
  );
  const name = profile.name.value;
  const found = [
    ...valuePropositions(blocks, profile),
    ...plain.flatMap(pains),
    ...plain.flatMap(benefits),
    ...plain.flatMap((sentence) => advantages(sentence, name)),
    ...plain.flatMap((sentence) => sellingPoints(sentence, name)),
    ...plain.flatMap(triggers),
    ...plain.flatMap(marketSize),
  ];
  return [...found, ...pitch(found, profile)];
}

function valuePropositions(blocks: readonly Block[], profile: FoundProfile): Finding[] {
  const name = profile.name.value.toLowerCase();
  const home = blocks[0]?.page;
  const found: Finding[] = [];
  const heading = blocks.find((block) => block.level === 1) ?? blocks.find((block) => block.kind === 'heading');
  const hero = blocks.filter((block) => block.kind === 'paragraph' && block.section === 'hero' && block.page === home);
  for (const block of hero.slice(0, 2)) {
    if (home?.callsToAction.some((words) => block.text.includes(words))) continue;
    const first = sentences(block.text).find(
      (text) => text.split(' ').length >= 6 && hasVerb(text) && !notAValue.test(text),
    );
    if (!first) continue;
    const confidence = first.toLowerCase().includes(name) ? 0.92 : block === hero[0] ? 0.82 : 0.6;
    found.push({
      kind: 'value_proposition',
      statement: completed(first, profile.name.value),
      quote: first,
      page: block.page,
      confidence,
    });
  }
  if (heading && heading.text.split(' ').length >= 3 && heading.text.toLowerCase() !== name)
    found.push({
      kind: 'value_proposition',
      statement: hasVerb(heading.text) ? heading.text : `${profile.name.value}: ${lowerFirst(heading.text)}`,
      quote: heading.text,
      page: heading.page,
      confidence: 0.8,
    });
  for (const text of home?.description ? sentences(home.description).slice(0, 1) : [])
    if (home && text.split(' ').length >= 5 && hasVerb(text) && !addressesMachine(text))
      found.push({
        kind: 'value_proposition',
        statement: completed(text, profile.name.value),
        quote: text,
        page: home,
        confidence: 0.7,
      });
  return found;
}

const notAValue = /\?$|^(trusted|loved|used|chosen|join|download|get it|available|no |free |try )\b/i;

/** "Tired of X", "stop X-ing", "no more X", "without X", "never X again": each names what people have to put up with. */
function pains({ text, block }: Said): Finding[] {
  if (block.section === 'questions' || block.section === 'pricing') return [];
  const of = (statement: string, confidence: number): Finding[] => [
    { kind: 'pain_point', statement, quote: text, page: block.page, confidence },
  ];
  const tired = text.match(/\b(?:tired|sick|weary) of ([^.?!,;]{6,90})|\bfed up with ([^.?!,;]{6,90})/i);
  if (tired) return of(`People are tired of ${clean(tired[1] ?? tired[2] ?? '')}`, 0.85);
  const stop = text.match(/^stop (\p{L}+ing\b[^.?!;]{4,90})/iu);
  if (stop) return of(`People end up ${clean(stop[1] ?? '')}`, 0.8);
  const never = text.match(/^never ([^.?!,;]{4,80}) again\b/i);
  if (never) return of(`People are afraid they will ${clean(never[1] ?? '')} again`, 0.74);
  if (
    /\b(struggl(e|es|ing)|painful|frustrat\w+|annoying|tedious|a mess|headache|nightmare|hard to|too (slow|expensive|complicated|much|late)|waste[sd]?|wasting|lose[s]?|losing|forget(s|ting)?|kept forgetting|drown\w*|buried|by hand|manually|only notice|guess(ing|work)?)\b/i.test(
      text,
    )
  ) {
    const words = text.split(' ').length;
    // A sentence that says what the app does about it is not the pain itself.
    if (
      words >= 6 &&
      words <= 32 &&
      !text.endsWith('?') &&
      !/\b(no longer|never|instead of you|don['’]t (have to|need))\b/i.test(text)
    )
      return of(text, /\b(most|people|teams|founders|you|every)\b/i.test(text) && !/^we\b/i.test(text) ? 0.76 : 0.6);
  }
  const without = text.match(/^([^.?!,;:]{6,60}?) without (\p{L}+ing\b[^.?!,;:]{0,60})/iu);
  if (without && startsWithVerb(text))
    return of(`It usually takes ${clean(without[2] ?? '')} to ${lowerFirst(without[1] ?? '')}`, 0.62);
  const noMore = text.match(/^no more ([^.?!,;:]{4,60})/i);
  if (noMore) return of(`People put up with ${clean(noMore[1] ?? '')}`, 0.65);
  return [];
}

function benefits({ text, block }: Said): Finding[] {
  if (block.section === 'questions' || block.section === 'pricing') return [];
  const of = (statement: string, confidence: number): Finding[] => [
    { kind: 'benefit', statement, quote: text, page: block.page, confidence },
  ];
  const can = text.match(/\bso (?:that )?(you|your \p{L}+|they|teams) (can )([^.?!;]{6,110})/iu);
  if (can) return of(`${can[1]} can ${clean(can[3] ?? '')}`, 0.8);
  const words = text.split(' ').length;
  if (words < 4 || words > 30 || text.endsWith('?') || !hasVerb(text)) return [];
  if (/\b(saves?|saving)\b.{0,40}\b(hours?|time|money|minutes?|days?)\b|\b(hours?|time) (back|saved)\b/i.test(text))
    return of(text, 0.8);
  if (
    /\b(takes?|in|under|within|less than) (under |less than |about |just |only )?(\d+|one|two|three|five|ten|a few|a couple of) (seconds?|minutes?|clicks?|hours?)\b|\b(with|in) (one|a single) (click|key|command|tap)\b/i.test(
      text,
    )
  )
    return of(text, 0.7);
  if (/\b(fewer|faster|easier|quicker|simpler|half the)\b/i.test(text)) return of(text, 0.6);
  return [];
}

function advantages({ text, block }: Said, name: string): Finding[] {
  const words = text.split(' ').length;
  if (words < 5 || words > 40 || text.endsWith('?')) return [];
  const strong =
    /\bunlike (?:most |other )?\p{L}|\balternative (to|you)\b|\b\p{Lu}[\p{L}\d]* alternative\b|\bcompared (to|with)\b|\binstead of (paying|using)\b|\bthe only\b|\bswitch(ing)? from\b|\bno one else\b/iu;
  if (strong.test(text) || /\s(vs\.?|versus)\s/i.test(text))
    return [
      {
        kind: 'competitive_advantage',
        statement: completed(text, name),
        quote: text,
        page: block.page,
        confidence: 0.78,
      },
    ];
  return [];
}

const sellingSigns: [RegExp, string, number][] = [
  [
    /\b(trusted|used|loved|chosen) by\b.{0,30}\d|\b\d[\d,.]*\+?k?\s+(\p{L}+ ){0,3}(customers|users|developers|teams|founders|makers|companies|businesses|people)\b/iu,
    'social proof',
    0.85,
  ],
  [/\bno (credit card|account|sign-?up|subscription|ads|tracking|lock-in|contract)\b/i, 'no strings', 0.8],
  [/\bopen[- ]source\b|\b(MIT|AGPL|GPL|Apache)\b.{0,12}(licen[sc]ed?)?$|\blicen[sc]ed under\b/i, 'open source', 0.8],
  [/\bself-?host(ed|ing)?\b|\bhost it yourself\b|\byour own (server|hardware|machines?)\b/i, 'self-hosting', 0.75],
  [
    /\b(cancel (at )?any ?time|money[- ]back|free (trial|plan|forever)|free for)\b|\bon the free plan\b/i,
    'low risk',
    0.75,
  ],
  [
    /\b(encrypted|GDPR|stored in the EU|privacy|never (see|share|sell)|stays on your|nothing is uploaded|own your data|offline)\b/i,
    'privacy',
    0.75,
  ],
  [/\b(pay once|one[- ]time (payment|purchase)|lifetime)\b|, once\b/i, 'pay once', 0.8],
];

function sellingPoints({ text, block }: Said, name: string): Finding[] {
  const words = text.split(' ').length;
  if (words < 3 || words > 34 || text.endsWith('?')) return [];
  const sign = sellingSigns.find(([pattern]) => pattern.test(text));
  if (!sign || (block.kind === 'heading' && block.level > 1 && !hasVerb(text))) return [];
  return [
    {
      kind: 'selling_point',
      statement: completed(text, name),
      quote: text,
      page: block.page,
      confidence: sign[2],
      detail: { about: sign[1] },
    },
  ];
}

const feelings: [RegExp, string][] = [
  [/\b(peace of mind|sleep|relax|calm|breathe|stress|worr(y|ies|ied|ying)|quiet)\b/i, 'relief'],
  [/\b(guilt|sham(e|ing)|nag(ging)?|streaks?)\b/i, 'freedom from guilt'],
  [/\b(in control|your own terms|own your|ownership|freedom|independen\w+)\b/i, 'control'],
  [/\b(los(e|es|ing)|miss(ing|ed)? out|left behind|too late|expired|killed?)\b/i, 'fear of loss'],
  [/\b(love|joy|delight\w*|happy|enjoy|fun|proud)\b/i, 'joy'],
  [/\b(confiden(t|ce|tly)|certain|trust(ed)?|reliable|surprises?)\b/i, 'trust'],
];

function triggers({ text, block }: Said): Finding[] {
  if (block.section === 'pricing' || block.section === 'questions' || text.split(' ').length < 4 || text.endsWith('?'))
    return [];
  const feeling = feelings.find(([pattern]) => pattern.test(text));
  if (!feeling) return [];
  const word = text.match(feeling[0])?.[0] ?? '';
  return [
    {
      kind: 'emotional_trigger',
      statement: `The pages appeal to ${feeling[1]}, with the ${word.includes(' ') ? 'words' : 'word'} “${word.toLowerCase()}”`,
      quote: text,
      page: block.page,
      confidence: block.section === 'hero' ? 0.65 : 0.5,
      detail: { trigger: feeling[1] },
    },
  ];
}

function marketSize({ text, block }: Said): Finding[] {
  const sized =
    /[$€£]\s?[\d.,]+\s*(bn|b|billion|m|million|trillion)\b.{0,60}\b(market|industry|spend|a year|every year)\b|\b[\d.,]+\s*(million|billion)\s+(\p{L}+\s){0,2}(people|businesses|companies|developers|freelancers|households|users worldwide)\b|\bup to \d+% of\b|\b\d+% of (all )?(people|businesses|companies|customers|revenue)\b/iu;
  if (!sized.test(text) || text.endsWith('?')) return [];
  return [{ kind: 'market_size', statement: text, quote: text, page: block.page, confidence: 0.55 }];
}

/** The pitch in one line and in thirty seconds (about 75 words), put together from what was found, and quoting the first. */
function pitch(found: readonly Finding[], profile: FoundProfile): Finding[] {
  const best = (kind: Finding['kind']) =>
    found.filter((f) => f.kind === kind).sort((a, b) => b.confidence - a.confidence);
  const value = best('value_proposition')[0];
  if (!value) return [];
  const made: Finding[] = [];
  const name = profile.name.value;
  const line = asSentence(value.statement, name);
  made.push({
    ...value,
    kind: 'pitch_line',
    statement: line.includes(name) ? line : `${name}: ${lowerFirst(line)}`,
    confidence: 0.75,
  });
  if (new RegExp(`^${RegExp.escape(name)} (is|helps|lets|gives|makes|turns|\\p{L}+s)\\b`, 'u').test(line))
    made.push({ ...value, kind: 'value_statement', statement: line, confidence: 0.8 });

  const spoken = [
    best('pain_point')[0],
    value,
    best('benefit')[0],
    best('competitive_advantage')[0] ?? best('selling_point')[0],
  ]
    .filter((finding) => finding !== undefined)
    .map((finding) => asSentence(finding.statement, name));
  const parts = [...new Set(spoken)];
  while (parts.join(' ').split(' ').length > 80) parts.pop();
  if (parts.length >= 2) made.push({ ...value, kind: 'pitch_30s', statement: parts.join(' '), confidence: 0.6 });

  for (const message of [value, best('benefit')[0], best('selling_point')[0]])
    if (message) made.push({ ...message, kind: 'key_message', confidence: Math.min(0.7, message.confidence) });
  return made;
}

function clean(phrase: string): string {
  return phrase.replace(/[\s,;:.?!]+$/, '').trim();
}
