/** Who the app is for. */
import type { FoundAudience, FoundFact } from '#src/understand/findings.ts';
import { fold } from '#src/understand/findings.ts';
import { asSentence } from '#src/understand/phrasing.ts';
import type { ReadPage } from '#src/understand/reading.ts';
import type { Said } from './blocks.ts';
import type { Finding } from './gather.ts';

type Group = { name: string; said: Said; confidence: number };

/**
 * Audiences are groups of people named after "for", "built for", "whether you are a", "helps" and the like. A group counts only
 * when its last word means people. Those named again or in the hero come first.
 */
export function findAudiences(said: readonly Said[], facts: readonly FoundFact[]): FoundAudience[] {
  const groups = new Map<string, Group[]>();
  for (const sentence of said) {
    if (sentence.block.section === 'testimonials' || sentence.block.role === 'blog') continue;
    for (const group of groupsIn(sentence)) {
      const key = singular(group.name.toLowerCase());
      groups.set(key, [...(groups.get(key) ?? []), group]);
    }
  }
  const ranked = [...groups.values()]
    .map((all) => all.sort((a, b) => b.confidence - a.confidence))
    .map((all) => ({
      best: all[0] as Group,
      confidence: Math.min(0.95, (all[0]?.confidence ?? 0) + 0.07 * (all.length - 1)),
    }))
    .sort((a, b) => b.confidence - a.confidence || b.best.name.length - a.best.name.length);

  const kept: typeof ranked = [];
  for (const group of ranked) {
    // "founders" adds nothing to "bootstrapped SaaS founders".
    const known = kept.find(({ best }) => endsAlike(best.name, group.best.name));
    if (known) {
      if (group.best.name.length > known.best.name.length) Object.assign(known, { best: group.best });
      known.confidence = Math.min(0.95, known.confidence + 0.05);
    } else if (kept.length < 5 && (group.confidence >= 0.55 || kept.length === 0)) kept.push(group);
  }
  const pains = facts
    .filter((fact) => fact.kind === 'pain_point')
    .slice(0, 3)
    .map((fact) => fact.statement);
  const goals = facts
    .filter((fact) => fact.kind === 'benefit')
    .slice(0, 3)
    .map((fact) => fact.statement);
  return kept.map(({ best, confidence }) => ({
    name: best.name.charAt(0).toUpperCase() + best.name.slice(1),
    description: asSentence(best.said.text),
    pains,
    goals,
    platforms: placesOf(best.name),
    quote: best.said.text,
    url: best.said.block.page.url,
    confidence: Math.round(confidence * 100) / 100,
  }));
}

export function audienceFacts(audiences: readonly FoundAudience[], pages: readonly ReadPage[]): Finding[] {
  return audiences.flatMap((audience) => {
    const page = pages.find((candidate) => candidate.url === audience.url);
    if (!page) return [];
    const statement = `It is made for ${keepNames(audience.name)}`;
    return [
      { kind: 'target_audience' as const, statement, quote: audience.quote, page, confidence: audience.confidence },
    ];
  });
}

const people =
  'developer|engineer|founder|freelancer|designer|maker|hacker|creator|team|startup|business|company|agency|marketer|writer|blogger|student|teacher|parent|family|coach|consultant|manager|owner|seller|merchant|shop|store|researcher|analyst|artist|musician|photographer|podcaster|streamer|gamer|player|runner|athlete|beginner|people|lover|enthusiast|professional|accountant|lawyer|doctor|nurse|therapist|clinic|school|university|nonprofit|organisation|organization|studio|restaurant|landlord|tenant|traveller|traveler|nomad|reader|speaker|learner|author|publisher|recruiter|employer|sysadmin|administrator|indie|solopreneur|entrepreneur|craftsman|tradesperson|plumber|electrician|volunteer|couple|household|kid|child|children|adult|user|maintainer|contributor|programmer|coder|builder|operator|investor|trader|subscriber|gardener|cook|baker|cyclist|driver|pilot|farmer|salesperson|rep|expert|newcomer|instructor|trainer|freelance';
const groupEnd = new RegExp(
  `^(?:${people})s?$|^(businesses|companies|agencies|families|universities|people|children|craftsmen|salespeople)$`,
  'i',
);

function groupsIn(said: Said): Group[] {
  const found: Group[] = [];
  const patterns: [RegExp, number][] = [
    [
      /\b(?:built|made|designed|created|crafted|perfect|ideal|great|best) (?:especially |specifically )?for ((?:[^.;:?!](?!\bso that\b))+)/giu,
      0.85,
    ],
    [/\bwhether you(?:’|')?(?: a)?re (.+?)(?:,|\.|$)/giu, 0.75],
    [/\b(?:helps?|lets?|gives?) ((?:\p{L}[\p{L}-]*\s?){1,4})/giu, 0.6],
    [/\b(?:loved|used|trusted) by (?:more than )?(?:[\d.,]+\+?k? )?((?:\p{L}[\p{L}-]*\s?){1,4})/giu, 0.6],
    [
      /(?<!\b(?:built|made|designed|created|crafted|perfect|ideal|great|best|pay|paid|pays|wait|waiting|look|looking|ask|asking|except|search|and)\s)\bfor ((?:[^.;:?!,])+)/giu,
      said.block.kind === 'heading' || said.block.section === 'hero' ? 0.65 : 0.5,
    ],
    [/^(\p{L}+(?: \p{L}+)? (?:that|who) (?:\p{L}+ ){1,8})/giu, 0.5],
  ];
  for (const [pattern, confidence] of patterns)
    for (const match of said.text.matchAll(pattern))
      for (const name of splitGroups(match[1] ?? ''))
        found.push({ name, said, confidence: said.block.section === 'hero' ? confidence + 0.1 : confidence });
  return found;
}

/** "freelancers and small agencies who bill by the hour" gives "freelancers" and "small agencies". */
function splitGroups(phrase: string): string[] {
  return phrase
    .split(/,|\band\b|\bor\b|\bto\b|&/)
    .map((piece) => fold(piece).replace(/^(a|an|the|your|our|for|all|any|every|most|more than)\s+/i, ''))
    .flatMap((piece) => {
      const parts = piece.split(' ').slice(0, 5);
      for (let length = Math.min(parts.length, 4); length > 0; length--) {
        const candidate = parts.slice(0, length);
        if (!groupEnd.test(candidate.at(-1) ?? '')) continue;
        const tail = parts[length]?.toLowerCase();
        const name = candidate.join(' ').replace(/[^\p{L}\p{N}\s-]/gu, '');
        if (
          candidate.some((part) =>
            /^(you|your|our|we|its|their|this|that|these|those|who|of|in|on|with|from|by|at|is|are|it)$/i.test(part),
          )
        )
          return [];
        if (/^(people|users?|team|company|business|person|adults?)$/i.test(name)) {
          if (!/^(who|that)$/.test(tail ?? '') || !/^(people|teams|companies|businesses)$/i.test(name)) return [];
          return [parts.slice(0, 5).join(' ')].filter((n) => n.split(' ').length >= 3);
        }
        return [plural(name)];
      }
      return [];
    });
}

function plural(name: string): string {
  if (/\b(people|children|craftsmen|salespeople)$|s$/i.test(name)) return name;
  if (/[^aeiou]y$/i.test(name)) return `${name.slice(0, -1)}ies`;
  if (/(s|x|ch|sh)$/i.test(name)) return `${name}es`;
  return `${name}s`;
}

function singular(name: string): string {
  return name.replace(/ies$/, 'y').replace(/s$/, '');
}

function endsAlike(known: string, other: string): boolean {
  const a = singular(known.toLowerCase());
  const b = singular(other.toLowerCase());
  const [short, long] = [a.split(' '), b.split(' ')].sort((x, y) => x.length - y.length) as [string[], string[]];
  return short.at(-1) === long.at(-1) && short.every((word) => long.includes(word));
}

/** Acronyms and brand spellings keep their capitals inside a sentence. */
function keepNames(name: string): string {
  return /^\p{Lu}[\p{Ll}-]+\b/u.test(name) ? name.charAt(0).toLowerCase() + name.slice(1) : name;
}

const places: [RegExp, string[]][] = [
  [/develop|engineer|program|coder|sysadmin|maintainer|hacker/i, ['x', 'hackernews', 'reddit', 'github']],
  [/founder|maker|indie|startup|solopreneur|entrepreneur/i, ['x', 'indiehackers', 'linkedin', 'producthunt']],
  [/design|artist|photograph|studio/i, ['x', 'instagram', 'dribbble']],
  [/market|agenc|consult|recruit|sales|business|compan|manager|accountant|lawyer/i, ['linkedin', 'x']],
  [
    /lover|parent|famil|cook|garden|travel|couple|household|beginner|runner|teacher|student/i,
    ['instagram', 'tiktok', 'reddit', 'facebook'],
  ],
  [/writer|blog|creator|podcast|author|publish|stream/i, ['x', 'youtube', 'threads']],
];

function placesOf(name: string): string[] {
  return places.find(([pattern]) => pattern.test(name))?.[1] ?? ['x'];
}
