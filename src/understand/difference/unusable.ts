/** Pages that answer and yet are not the page that was asked for. */
import type { Element } from '#src/understand/reading/tree.ts';
import { attribute, fold, textIn } from '#src/understand/reading/tree.ts';
import type { Line } from './lines.ts';

export type Unusable = {
  code: 'not_found' | 'blocked' | 'login' | 'parked' | 'maintenance' | 'empty';
  /** For people: what stands there instead. */
  message: string;
};

const MESSAGES: { [code in Unusable['code']]: string } = {
  not_found: 'The page says that it does not exist.',
  blocked: 'The site asks for a proof of being human.',
  login: 'The site asks for a login.',
  parked: 'The domain is parked or for sale.',
  maintenance: 'The site is down for maintenance or shows an error.',
  empty: 'The page shows no text until its scripts run.',
};

/** Why a page has nothing to compare; null for an ordinary one. `plans`: how many it sells, a sure sign of one. */
export function unusable(
  html: string,
  elements: readonly Element[],
  lines: readonly Line[],
  plans: number,
): Unusable | null {
  const words = lines.reduce((sum, { text }) => sum + text.split(' ').length, 0);
  const title = elements.find((one) => one.name === 'title');
  const heads = [
    title
      ? fold(
          textIn({ ...title, name: 'span' } as Element, 300) ||
            title.children.map((one) => ('data' in one ? one.data : '')).join(''),
        )
      : '',
    ...lines
      .filter(({ kind, level }) => kind === 'heading' && level <= 2)
      .slice(0, 2)
      .map(({ text }) => text),
  ];
  const headed = (pattern: RegExp) => heads.some((text) => pattern.test(text));
  const said = (pattern: RegExp) => lines.slice(0, 40).some(({ text }) => text.length <= 250 && pattern.test(text));
  const of = (code: Unusable['code']): Unusable => ({ code, message: MESSAGES[code] });
  if (words === 0) return /<script/i.test(html) || html.trim() === '' ? of('empty') : null;
  if (plans > 1 || words > 400) return null;
  if (
    headed(BLOCKED) ||
    said(BLOCKED) ||
    (/cf-challenge|cf-turnstile|g-recaptcha|h-captcha|challenge-platform/i.test(html.slice(0, 200_000)) &&
      words < 120 &&
      headed(/moment|attention|verif|security|access|robot|blocked/i))
  )
    return of('blocked');
  if (headed(PARKED) || said(PARKED)) return of('parked');
  if (headed(NOT_FOUND)) return of('not_found');
  if (words < 250 && (headed(DOWN) || (words < 80 && said(DOWN)))) return of('maintenance');
  if (
    words < 150 &&
    headed(LOGIN) &&
    elements.some((one) => one.name === 'input' && /^(?:password|email)$/.test(attribute(one, 'type') ?? ''))
  )
    return of('login');
  return null;
}

const BLOCKED =
  /just a moment|attention required|checking your browser|verify(?:ing)? (?:that )?you are (?:a )?human|are you (?:a )?(?:human|robot)|not a robot|access (?:to this page has been )?denied|you have been blocked|403 forbidden|^forbidden$|unusual traffic|complete the captcha|enable javascript and cookies to continue|security check/i;
const NOT_FOUND =
  /^(?:error ?)?404\b|\b404\b.{0,20}(?:not found|error|page)|page (?:(?:can(?:no|')t|could not|was not|cannot) be |you .{0,40} )?not found|^not found|page (?:doesn'?t|does not|no longer) exists?|seite (?:wurde )?nicht gefunden|page introuvable|página no encontrada|nothing (?:here|to see)|we can'?t find (?:that|this|the) page|^410\b|^gone$/i;
const PARKED =
  /domain (?:name )?(?:is |may be )?(?:for sale|parked|available|has expired)|buy this domain|this domain (?:was|has been) (?:registered|parked)|parked (?:free|domain)|domain steht zum verkauf|diese domain (?:ist|kaufen)|future home of|website is (?:coming soon|parked)|sedoparking|interested in this domain/i;
const DOWN =
  /(?:down|closed) for maintenance|under maintenance|scheduled maintenance|we(?:'|’)?ll be (?:right )?back|be back soon|service unavailable|temporarily unavailable|bad gateway|gateway time-?out|internal server error|^(?:error ?)?50[0234](?![\d,.])|wartungsarbeiten|en maintenance|something went wrong|application error|account (?:has been )?suspended|default web page|welcome to nginx|it works!/i;
const LOGIN =
  /^(?:log ?in|sign ?in|login|anmelden|einloggen|connexion|iniciar sesión)\b|(?:log|sign) in to (?:continue|your|view)|please (?:log|sign) in/i;
