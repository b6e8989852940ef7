/** What differs between two readings of a page although nothing changed, and how it is put out of sight. */
import { attribute, type Element, fold } from '#src/understand/reading/tree.ts';

export type NoiseKind =
  | 'banner'
  | 'chat'
  | 'advertisement'
  | 'rotating'
  | 'experiment'
  | 'placeholder'
  | 'live'
  | 'date'
  | 'counter'
  | 'token'
  | 'chrome';

/** Classes and ids, word by word, of what is not the page's own statement. Anchored to words: `adsbygoogle`, not `added`. */
const NAMED: [NoiseKind, RegExp][] = [
  [
    'banner',
    /(?:^|[\s_-])(?:cookies?|cookie[a-z]*|gdpr|ccpa|onetrust|ot-sdk|cookiebot|cybot\w*|cc-(?:window|banner|revoke)|consent|usercentrics|didomi|osano|iubenda|termly|toast|snackbar|popup|pop-up|modal|overlay|lightbox|skip-(?:link|to-content))(?=$|[\s_-])|cookie-?(?:banner|bar|notice|consent)|consent-?(?:banner|manager)/i,
  ],
  [
    'chat',
    /(?:^|[\s_-])(?:intercom|crisp|drift|tawk|zendesk|zopim|hubspot-messages|helpscout|beacon|freshchat|livechat|live-chat|olark|tidio|chatwoot|chat-?(?:widget|bubble|launcher|box|button|popup|window)|messenger-?(?:widget|launcher|frame))(?=$|[\s_-])|(?:intercom|crisp|drift|tawk|tidio|chatwoot)-[a-z]/i,
  ],
  [
    'advertisement',
    /(?:^|[\s_-])(?:ads?|advert|adverts|advertisement|advertising|adsbygoogle|adslot|ad-?(?:slot|unit|banner|container|wrapper|box|placement)|sponsors?|sponsored|carbonads|carbon-ads|dfp|gpt-ad|taboola|outbrain|ethical-?ads?)(?=$|[\s_-])/i,
  ],
  [
    'rotating',
    /(?:^|[\s_-])(?:related|recommended|recommendations|(?:latest|recent|popular|trending|blog|news|related|featured)-?(?:posts?|articles?|news|stories|teasers?|entries|reads?|feed|list)|blog-?(?:teasers?|cards?|preview|roll|grid)|post-?(?:teasers?|cards?|list|preview)|posts|news-?(?:ticker|feed)|tweets?|twitter-feed|social-feed|testimonials?|reviews?|wall-of-love|quotes?-?(?:slider|carousel)|logos?-?(?:cloud|wall|strip|row|grid|list|carousel|marquee|bar)?|customer-?logos?|clients?|marquee|typed|typewriter|typing|rotator|rotating|text-rotate|word-?(?:rotate|slider|cycle))(?=$|[\s_-])/i,
  ],
  [
    'experiment',
    /(?:^|[\s_-])(?:ab-?test|a-b-test|split-?test|experiment|optimizely|vwo|variant-[a-z0-9]+)(?=$|[\s_-])/i,
  ],
  [
    'placeholder',
    /(?:^|[\s_-])(?:skeleton|shimmer|placeholder|loading|loader|spinner|lazy-?(?:placeholder|load(?:ing)?)|blur-?up)(?=$|[\s_-])/i,
  ],
  [
    'live',
    /(?:^|[\s_-])(?:ticker|stocks?|stock-?(?:price|quote|ticker)|market-?data|exchange-?rates?|live-?(?:counter|count|visitors?|viewers?|users?|status|stats?|feed|activity)|visitors?-?(?:count|counter|now|online)|viewers?|view-?count(?:er)?|countdown|timer|clock|social-?proof(?:-?(?:popup|toast|notification))?|fomo|proof-?factor|recent-?(?:sales|activity|signups?|purchases?)|timestamp|datetime|time-?ago|last-?(?:updated|modified)|weather|share-?counts?|shares|star-?count|stargazers|build-?(?:id|info|hash)|request-?id|trace-?id|server-?(?:time|id|info)|debug)(?=$|[\s_-])/i,
  ],
  [
    'chrome',
    /(?:^|[\s_-])(?:breadcrumbs?|pagination|pager|sidebar-?nav|toc|table-of-contents|site-?(?:footer|nav)|navbar|nav-?(?:bar|menu|links?)|main-?nav|mega-?menu|(?:lang|language|locale|country|region|currency|theme)-?(?:switch(?:er)?|select(?:or)?|picker|menu|toggle|list)|share-?(?:buttons?|bar|links?)?|social-?(?:share|links?|icons?|buttons?)|footer|copyright|legal|user-?(?:menu|greeting)|greeting|debug-?bar)(?=$|[\s_-])/i,
  ],
];

const CHROME = new Set(['nav', 'footer', 'menu', 'dialog', 'aside', 'time', 'datalist', 'progress', 'meter', 'output']);
const ROLES: { [role: string]: NoiseKind } = {
  navigation: 'chrome',
  contentinfo: 'chrome',
  dialog: 'banner',
  alertdialog: 'banner',
  alert: 'banner',
  status: 'live',
  timer: 'live',
  marquee: 'live',
  log: 'live',
  search: 'chrome',
  menu: 'chrome',
  menubar: 'chrome',
  tablist: 'chrome',
  tooltip: 'chrome',
};

/** Why an element and all in it is no statement of the page; null when it is one. */
export function noiseOf(element: Element): NoiseKind | null {
  const { name, attribs } = element;
  if (name === 'html' || name === 'body' || name === 'main') return null;
  if (name === 'time') return 'date';
  if (CHROME.has(name) && !(name === 'aside' && isPriced(element)) && !(name === 'footer' && insideCard(element)))
    return 'chrome';
  const role = ROLES[(attribs.role ?? '').toLowerCase()];
  if (role) return role;
  for (const key of Object.keys(attribs).slice(0, 40)) {
    if (/^data-(?:ab|abtest|ab-test|experiment|variant|variation|split|optimizely)(?:-|$)/.test(key))
      return 'experiment';
    if (/^data-(?:ad|ads|ad-slot|ad-client|google-query-id|live|countdown|timestamp|visitors|viewers)(?:-|$)/.test(key))
      return key.startsWith('data-ad') || key.startsWith('data-google') ? 'advertisement' : 'live';
  }
  if ((attribs['aria-live'] ?? 'off') !== 'off' || attribs['aria-busy'] === 'true') return 'live';
  const named = `${attribs.class ?? ''} ${attribs.id ?? ''}`.slice(0, 600);
  const labelled = attribute(element, 'aria-label') ?? '';
  for (const [kind, pattern] of NAMED) {
    if (pattern.test(named)) {
      // A plan or a list of features is one, whatever stands beside it in its class.
      if (
        (kind === 'chrome' || kind === 'rotating') &&
        /(?:^|[\s_-])(?:pricing|plans?|tiers?|features?|hero)(?=$|[\s_-])/i.test(named)
      )
        continue;
      return kind;
    }
    if (kind === 'banner' && /\bcookies?\b|consent/i.test(labelled)) return kind;
  }
  return null;
}

function isPriced(element: Element): boolean {
  return /pric|plan|tier/i.test(`${element.attribs.class ?? ''} ${element.attribs.id ?? ''}`);
}

/** A card may end in a footer of its own; only that of the page is left out. */
function insideCard(element: Element): boolean {
  let parent = element.parent;
  for (let steps = 0; parent && steps < 3; steps++, parent = parent.parent) {
    if (!('name' in parent)) continue;
    if (['article', 'li', 'section', 'table'].includes(parent.name)) return true;
    if (isPriced(parent)) return true;
    if (parent.name === 'body' || parent.name === 'main') return false;
  }
  return false;
}

/** Lines that tell of the moment or of the machine: nobody's statement, wherever they stand. */
const CHATTER: [NoiseKind, RegExp][] = [
  [
    'live',
    /\b(?:people|visitors?|others?|users?|customers?|shoppers?|personen|besucher|nutzer|personnes)\b.{0,30}\b(?:viewing|watching|looking at|browsing|online|sehen|schauen|gerade|en ligne)\b/i,
  ],
  [
    'live',
    /\b(?:someone|somebody|jemand|[A-Z][a-z]+ (?:from|in|aus) [A-Z]\w+)\b.{0,40}\bjust\b|\bjust (?:signed up|bought|purchased|subscribed|joined|upgraded|ordered|started)\b/i,
  ],
  [
    'live',
    /\b(?:only|noch|just|nur)? ?\d+ ?(?:seats?|spots?|places?|licen[cs]es?|copies|items?|plätze|in stock)? ?(?:left|remaining|übrig|frei)\b/i,
  ],
  [
    'live',
    /\b(?:bought|sold|purchased|ordered|signed up|viewed|visited|joined)\b.{0,30}\b(?:in the (?:last|past)|today|this (?:week|month|hour)|times)\b/i,
  ],
  ['live', /\b(?:ends?|expires?|closes|starts?|endet|läuft ab|begins) in:? ?\d/i],
  [
    'live',
    /^(?:good (?:morning|afternoon|evening)|welcome back|guten (?:morgen|tag|abend)|hello,? (?:visitor|guest|again))/i,
  ],
  [
    'live',
    /^[A-Z]{2,6}(?:[:/.-][A-Z]{1,6})?:? ?[$€£]?\d[\d.,]* ?[$€£]? ?\(?(?:[▲▼↑↓]|[+−–-] ?\d).*$|[▲▼]|[$€£]\d[\d.,]* ?\(?[+−–-]\d+(?:[.,]\d+)? ?%/,
  ],
  [
    'live',
    /\b(?:you(?:'re| are)|your (?:place|position|spot))\b.{0,20}\d.{0,20}\b(?:line|queue|wait(?:ing)? ?list)\b/i,
  ],
  [
    'live',
    /^(?:someone|somebody|\p{Lu}\p{Ll}+)\b.{0,40}\b(?:signed up|upgraded|subscribed|bought|joined|ordered|started)\b.{0,40}\bago\b/iu,
  ],
  // What a clock or a gauge shows; a price that holds for now is none.
  [
    'live',
    /^(?!.*[$€£¥₹])(?:(?=.*\d).*\b(?:right now|at the moment|in real time|currently online)\b|current (?:\p{L}+ ){0,2}(?:wait|response|queue|delay|load)\b.{0,20}\d)/iu,
  ],
  [
    'live',
    /\b(?:next|upcoming|nächste[rs]?)\b.{0,40}\b(?:in (?:\d+|an?|one|two|three|a few) (?:minutes?|hours?|days?|weeks?)|(?:mon|tues|wednes|thurs|fri|satur|sun)day|today|tomorrow|tonight)\b/i,
  ],
  ['live', /\b(?:at|based on) (?:today's|the (?:current|latest|daily)|current|daily) (?:exchange )?rates?\b/i],
  ['rotating', /\b\d+ (?:open|vacant) (?:positions?|roles?|jobs?)\b|\b(?:we're|we are) hiring\b/i],
  ['live', /^(?:weather|wetter)\b|\d ?° ?[CF]\b|^exchange rates?\b|^wechselkurs/i],
  ['live', /\b(?:all systems (?:operational|normal)|systems? status|status:|current status)\b/i],
  [
    'live',
    /\buptime\b.{0,30}\b(?:last|past|current|letzte)\b|\b(?:last|past|letzten?) \d+ (?:days|hours|tage)\b.{0,30}\b(?:uptime|verfügbarkeit)\b/i,
  ],
  [
    'token',
    /^(?:(?:page|this page(?: was)?) )?(?:rendered|generated|served|loaded|compiled|cached|built)\b(?: (?:in|at|on|from|by|with))? ?(?:\d|node|server|edge|[a-z]{3}\d).{0,60}$/i,
  ],
  [
    'token',
    /^(?:request|session|trace|ray|build|commit|revision|visitor|correlation|cache|csrf|nonce|server|node|instance|token|ref(?:erence)?)\b ?(?:id|key|hash|number|nr\.?|no\.?|token)? ?[:#=].{0,200}$/i,
  ],
  [
    'token',
    /^(?:latest|current|newest|stable) (?:stable )?(?:version|release|build)\b.{0,40}$|^(?:version|release|v) ?\d+(?:\.\d+)+ (?:was |is )?(?:released|published|out|from)\b.{0,40}$/i,
  ],
  ['token', /^(?:your )?ip(?: address)?:? ?[\d.a-f:]+$/i],
  [
    'date',
    /^(?:this page was |page )?(?:last )?(?:updated?|published|posted|modified|edited|reviewed|changed|checked|as of|zuletzt (?:aktualisiert|geändert|bearbeitet)|aktualisiert|stand|mis à jour|dernière mise à jour|última actualización|veröffentlicht|today is|heute ist)\b[:,]? .{0,60}$/i,
  ],
  [
    'banner',
    /\b(?:we|this (?:site|website)|our (?:site|website|partners)|wir|diese (?:web)?s(?:eite|ite)|nous|ce site)\b.{0,60}\b(?:cookies?|verwenden? cookies|utilis\w+ des cookies)\b|\b(?:accept|reject|allow|manage|akzeptieren|ablehnen)\b.{0,15}\bcookies?\b|^cookie (?:settings|preferences|policy|notice|einstellungen)|^(?:we value your privacy|your (?:privacy|cookie)(?: \p{L}+)?|privacy (?:choices|preferences|settings|cent(?:er|re)))[.:]?$|\bstore (?:and\/or )?(?:and )?access information on a device\b|\bdo not (?:sell|share) my\b/iu,
  ],
  [
    'chat',
    /^(?:chat with us|need help\?.*chat|hi(?: there)?[!,.]? ?(?:👋)?.{0,60}(?:help|question|chat).{0,40}|(?:we )?(?:typically|usually) repl(?:y|ies).*|ask us anything|start a chat|live chat|message us|powered by \w+( chat)?)$/i,
  ],
  ['placeholder', /^(?:loading|please wait|wird geladen|lädt|chargement|cargando)\b.{0,40}$|^[….]+$|^lorem ipsum/i],
  [
    'chrome',
    /^(?:©|\(c\)|copyright)|all rights reserved|alle rechte vorbehalten|tous droits réservés|^back to top$|^skip to (?:main )?content$|^(?:made|built|crafted) with (?:❤|♥|love)/i,
  ],
  [
    'chrome',
    /^(?:all )?(?:prices?|preise|tarifs)\b.{0,25}\b(?:shown|displayed|listed|quoted|are|in|angezeigt|sind|incl\w*|excl\w*|zzgl\.?|inkl\.?)\b.{0,60}$|^(?:excl|incl|zzgl|inkl|plus|ex|inc)\w*\.? (?:of )?(?:vat|tax|taxes|mwst|ust|gst)\b.{0,40}$|^(?:currency|währung|region|country|location|language)\b ?:.{0,40}$/i,
  ],
  ['chrome', /^(?:tip of the day|quote of the day|did you know)/i],
  // Who reads, and from where: a flag, a site of one's own country, a browser that does not suit.
  [
    'chrome',
    /^\p{RI}{2} ?.{2,40}$|\bit looks like you(?:'re| are)\b|\byou (?:seem|appear) to be (?:in|visiting|browsing)\b|\byour browser (?:is|does)\b|\bad ?blocker\b/iu,
  ],
];

/** Whether a whole line is noise, by its words. */
export function chatterOf(text: string): NoiseKind | null {
  if (text.length > 300) return null;
  const words = plain(text);
  for (const [kind, pattern] of CHATTER) if (pattern.test(words)) return kind;
  return null;
}

/** Headings of sections whose contents come and go. */
export function headsRotating(heading: string): boolean {
  return ROTATING.test(heading);
}

const ROTATING =
  /\b(?:blog|articles?|latest posts?|recent(?:ly)? (?:posts?|published|articles?)|news(?!letter)|in the (?:press|media|news)|press|related|recommended|(?:tip|quote|fact|word|question) of the (?:day|week|month)|did you know|you (?:might|may) (?:also )?like|trending|most read|popular (?:posts?|articles?|reads)|upcoming (?:events|webinars)|events|webinars|from the community|community (?:posts|discussions)|further reading|keep reading|read (?:more|next)|more stories|customer stories|success stories|case studies|testimonials?|reviews|(?:people|customers|users|teams|they|others) (?:are saying|say|love|think)|loved by|wall of love|trusted by|our (?:customers|clients|partners)|as seen (?:in|on)|featured (?:in|on)|job openings|open positions|tweets|sponsors?|neueste|neues aus|aktuelles|aus (?:dem|unserem) blog|beiträge|artikel|kundenstimmen|unsere kunden|das sagen|kunden sagen|vertrauen uns|presse|derniers articles|témoignages|actualités|últimas noticias|testimonios)\b/i;

/** Folded text with one kind of quote, dash and space. */
export function plain(text: string): string {
  return fold(
    text
      .normalize('NFKC')
      .replace(/[‘’‚‛′´`]/g, "'")
      .replace(/[“”„‟«»″]/g, '"')
      .replace(/[‐‑‒–—―−]/g, '-')
      .replace(/\u2026/g, '...'),
  );
}
