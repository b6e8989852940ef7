/** Makes whole, calm sentences of the fragments marketing pages are written in. */

/**
 * Makes a statement of a piece of a page: first letter large (unless it begins with a name that is written small), an end
 * mark, no shouting, no long dashes.
 */
export function asSentence(text: string, name = ''): string {
  const calm = text
    .replace(/\s*[—–]\s+|\s+[—–]\s*/g, ', ')
    .replace(/—/g, ', ')
    .replace(/!+/g, '.')
    .replace(/\s+/g, ' ')
    .replace(/[\s,;:·|•]+$/, '')
    .trim();
  const ended = /[.?…]["”’)]?$/.test(calm) ? calm : `${calm}.`;
  if (name !== '' && ended.startsWith(name)) return ended;
  return ended.replace(
    /^(["“‘(]?)(\p{Ll})(?=\p{Ll}*\b)/u,
    (_, mark: string, letter: string) => mark + letter.toUpperCase(),
  );
}

/** Makes sentences of the fragments marketing pages are written in: "Trusted by 900 teams", "An ngrok alternative". */
export function completed(text: string, name: string): string {
  if (/^(trusted|used|loved|chosen|built|made|designed|licensed) (by|for|in|with|under)\b/i.test(text))
    return `${name} is ${lowerFirst(text)}`;
  if (/^an? \p{L}/iu.test(text) && !/^an? .{0,40}\b(is|are|was|costs?|takes?|keeps?|makes?)\b/i.test(text))
    return `${name} is ${lowerFirst(text)}`;
  if (/^(free and|free,|open source|available (on|for|in))\b/i.test(text)) return `${name} is ${lowerFirst(text)}`;
  if (/^\d+[- ]day (free )?(trial|money)/i.test(text)) return `There is a ${text}`;
  return text;
}

export function lowerFirst(text: string): string {
  // "I" and acronyms keep their capitals.
  return /^(I\b|I['’]|\p{Lu}{2}|\p{Lu}\p{Ll}*\p{Lu})/u.test(text) ? text : text.charAt(0).toLowerCase() + text.slice(1);
}

/** True for an imperative: "Take a photo", "Debug webhooks without redeploying". */
export function startsWithVerb(text: string): boolean {
  return commonVerbs.has(text.match(/^\p{L}+/u)?.[0]?.toLowerCase() ?? '');
}

const commonVerbs = new Set(
  'add ask automate build catch collect compare connect control create customise customize debug design discover edit embed export find fix get give grow hear import invite keep know launch learn let make manage measure monitor move organise organize own pay plan publish read record recover replay run save schedule see sell send share ship stop store spend start stay sync take tell test track turn update use walk watch work write'.split(
    ' ',
  ),
);
