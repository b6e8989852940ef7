/** Where a path, in a place where secrets stand, is kept as the kind of thing it was. */
const EMAIL = '[email]';
const TOKEN = '[token]';

/** Somebody's address, also where `@` is written as %40. Begun only where its run begins, or long runs take minutes. */
const email = /(?<![^\s/?&=#@])[^\s/?&=#@]+@[^\s/?&=#@]+\.[^\s/?&=#@.]{2,}/g;

/** After one of these a path goes on with something only the addressee of a letter should have. */
const secretPlaces = new Set(
  `activate activation auth callback claim confirm confirmation invitation invite join login magic magic-link otp
   password-reset recover recovery reset reset-password session sign-in signin sso token unlock unsubscribe verification
   verify`.split(/\s+/),
);

/**
 * The path of a page without what must not be kept: e-mail addresses, tokens, and ids in places where links from letters
 * lead (`/reset/6f1c…`). Words, numbers and ordinary ids stay.
 */
export function scrubPath(path: string): string {
  if (path.length < 12) return path;
  const segments = path.split('/');
  return segments.map((segment, index) => scrubSegment(segment, segments[index - 1] ?? '')).join('/');
}

/** Free text, such as a campaign's name, without e-mail addresses. */
export function scrubText<T extends string | null>(text: T): T {
  return (text?.includes('@') ? text.replace(email, EMAIL) : text) as T;
}

function scrubSegment(segment: string, before: string): string {
  if (segment.includes('@') || /%40/i.test(segment)) {
    const written = segment.replace(/%40/gi, '@');
    const scrubbed = written.replace(email, EMAIL);
    if (scrubbed !== written) return scrubbed;
  }
  if (segment.length < 8) return segment;
  if (secretPlaces.has(before.toLowerCase()) && /\d/.test(segment)) return TOKEN;
  return isToken(segment) ? TOKEN : segment;
}

/**
 * A random string: a JSON web token, 32 hexadecimal digits or more, or a piece of 20 letters and digits mixed as no word
 * is. A UUID is an ordinary id.
 */
function isToken(segment: string): boolean {
  if (segment.length < 20) return false;
  if (/^eyJ[\w-]+\.[\w-]+/.test(segment) || /^[0-9a-f]{32,}$/i.test(segment)) return true;
  return segment.split(/[-.~:]/).some((piece) => piece.length >= 20 && turns(piece) >= 4);
}

/** How often letters, capital letters and digits follow on each other. */
function turns(text: string): number {
  const kindOf = (letter: string) => (/\d/.test(letter) ? 'digit' : /[A-Z]/.test(letter) ? 'capital' : 'letter');
  let count = 0;
  for (let index = 1; index < text.length; index++)
    if (kindOf(text.charAt(index)) !== kindOf(text.charAt(index - 1))) count++;
  return count;
}
