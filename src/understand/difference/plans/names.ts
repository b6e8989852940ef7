/** Which words are the name of a plan. */
import { isTerms, offersIn } from '#src/understand/difference/amounts.ts';
import { trialsIn } from '#src/understand/difference/mask.ts';
import { plain } from '#src/understand/difference/noise.ts';
import type { PricedLine } from './merge.ts';

const GENERIC =
  /pric|^plans?\b|tarif|preis|precio|prezz|how much|choose|pick (?:a|your)|simple|billing|what'?s included|everything (?:in|you)|includes?\b|included|features?\b|benefits|most popular|popular|recommended|best value|beliebt|empfohlen|save \d|per month|per year|monthly|yearly|annual|^faq|questions|compare|money.back|guarantee|questions|need more|^all plans|^alle tarife|^new$|^beta$|^neu$|^limited|^special/i;
const NAME_CLASS =
  /(?:^|[\s_-])(?:(?:plan|tier|package|card|product|offer|pricing)?-?(?:name|title|heading|label)|plan|tier)(?=$|[\s_-])/i;

export function isName({ line, text, offers }: PricedLine): boolean {
  if (line.kind === 'item' || line.kind === 'cell' || text.length > 40 || GENERIC.test(text)) return false;
  if (offers.length > 0 && !/^free$|^gratis$|^kostenlos$|^custom$/i.test(text)) return false;
  if (line.kind === 'heading') return true;
  return NAME_CLASS.test(line.element.attribs.class ?? '') || 'data-plan' in line.element.attribs;
}

/** A line that could be a name where no heading is one. */
export function couldBeName({ line, text, offers }: PricedLine): boolean {
  return (
    (offers.length === 0 || /^free$/i.test(text)) &&
    line.kind !== 'cell' &&
    text.length <= 28 &&
    /^[\p{Lu}\d][\p{L}\p{N} +&'-]*$/u.test(text) &&
    text.split(' ').length <= 4 &&
    !GENERIC.test(text) &&
    !isTerms(text)
  );
}

/** “Pro: $9/mo”, “Team plan – $29”. */
export function planInside({ text, offers }: PricedLine): string | null {
  const first = offersIn(text)[0];
  if (offers.length !== 1 || !first || text.length > 140) return null;
  const before = text.slice(0, first.start).trim();
  const [, name] =
    /^(?:the )?([\p{Lu}\d][\p{L}\p{N}+&' -]{0,28}?)(?: plan| tier)?\s*(?:[:=|(]|-|\bis\b|\bcosts\b|\bfor\b|\bat\b)?(?: (?:just|only|from))?\s*(?:\(?from)?$/u.exec(
      before,
    ) ?? [];
  if (
    !name ||
    GENERIC.test(name) ||
    /^(?:only|just|from|starting|starts?|pay|get|for|at|then|ab|nur|dès|desde|now|add|extra|additional|each|every|or|it|we|you|our|yes|no|all|save|try)\b/i.test(
      name,
    )
  )
    return null;
  // “Fly to Rome for $99” names no plan; “Pro for $9 a month” does.
  if (/\b(?:for|at)$/.test(before) && offers[0]?.interval === null) return null;
  return name.split(' ').length <= 4 ? name.trim() : null;
}

export function bareName(text: string): string {
  const cut = trialsIn(text).rest.replace(
    /\b(?:most popular|popular|recommended|best value|beliebt(?:este)?|empfohlen|new)\b!?/gi,
    '',
  );
  const name = plain(cut)
    .replace(/^[^\p{L}\p{N}]+|[^\p{L}\p{N})+]+$/gu, '')
    .trim();
  return name === '' ? plain(text) : name;
}
