/** What a page asks its visitor to do. */
import { attribute, type Element, labelOf } from './tree.ts';

const MOST = 12;

/** The words on buttons and on links that look or read like one, in page order, each once. */
export function readCallsToAction(elements: Element[]): string[] {
  const found = new Map<string, string>();
  for (const element of elements) {
    if (found.size >= MOST) break;
    const { name } = element;
    const submits = name === 'input' && attribute(element, 'type') === 'submit';
    if (name !== 'a' && name !== 'button' && !submits) continue;
    const text = labelOf(element).replace(/[\s→›»↗>]+$/, '');
    if (text.length < 2 || text.length > 45 || text.split(' ').length > 7 || CHORE.test(text)) continue;
    const looks = name !== 'a' || isButton(element);
    if ((looks && (name !== 'button' || /\s|\p{L}{4,}/u.test(text))) || INVITING.test(text)) {
      if (!found.has(text.toLowerCase())) found.set(text.toLowerCase(), text);
    }
  }
  return [...found.values()];
}

function isButton(link: Element): boolean {
  const classes = (link.attribs.class ?? '').slice(0, 1_000);
  if (attribute(link, 'role') === 'button' || /(?:^|[\s_-])(?:btn|button|cta)(?:$|[\s_-])/i.test(classes)) return true;
  // Tailwind names no button; a coloured, rounded link is one.
  return /\bbg-(?:[a-z]+-\d{2,3}|primary|brand|accent|black)\b/.test(classes) && /\brounded/.test(classes);
}

const INVITING =
  /^(?:get (?:started|it|the|early|access|your|a demo)|start (?:for free|free|now|your|building|a|writing)|try |sign up|join |download|install |book a|request |buy |subscribe|create (?:your|an|a) |launch |deploy |add to |watch |contact sales|schedule a|claim |reserve |pre-?order)/i;
const CHORE =
  /^(?:menu|close|open|toggle|accept|reject|decline|allow|dismiss|got it|ok|next|prev|previous|back|search|submit|send|copy|copied|log ?in|sign ?in|skip|more|show|hide|expand|collapse|play|pause|cookie|manage|settings|preferences|monthly|yearly|annual|dark|light|theme|english|read more|learn more$)\b/i;
