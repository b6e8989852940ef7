/** What differs between two visits although nobody changed anything. One `Visit` is one set of it. */
import type { Made, Money, Rng } from './model.ts';

export const KINDS = [
  'dates',
  'relative times',
  'years',
  'counters',
  'tokens',
  'hashes',
  'cookie banner',
  'chat',
  'ads',
  'logo order',
  'testimonial order',
  'sessions',
  'scripts',
  'whitespace',
  'quotes',
  'latest posts',
  'stocks',
  'money format',
  'views',
  'viewers',
  'ids',
  'lazy loading',
  'attributes',
  'placeholders',
  'countdown',
  'proof popup',
  'comments',
] as const;
export type Kind = (typeof KINDS)[number];

export type Visit = {
  date: string;
  ago: string;
  year: number;
  users: string;
  stars: string;
  downloads: string;
  token: string;
  hash: string;
  banner: boolean;
  chat: string;
  ad: string;
  logos: string[];
  quotes: { text: string; who: string }[];
  session: string;
  script: string;
  wide: boolean;
  curly: boolean;
  posts: string[];
  stock: string;
  money: number;
  views: string;
  viewers: number;
  id: string;
  lazy: boolean;
  turned: boolean;
  loading: boolean;
  countdown: string;
  popup: string;
  comment: string;
};

const MONTHS = ['January', 'March', 'May', 'August', 'October', 'November'];
const LOGOS = ['Acme', 'Globex', 'Initech', 'Umbrella', 'Hooli', 'Stark'];
const QUOTES = [
  { text: 'We moved over in an afternoon and have not looked back since.', who: 'Ada Byron, Billow' },
  { text: 'Support answered in five minutes on a Sunday evening, twice.', who: 'Grace Lee, Tidepool' },
  { text: 'It replaced three scripts that nobody dared to touch any more.', who: 'Alan Park, Nordlys' },
  { text: 'My accountant asked me what happened to all my late invoices.', who: 'Linus Berg, Fjordwerk' },
];
const POSTS = [
  'How we rewrote our queue in a week',
  'Ten lessons from our first thousand days',
  'Why we went back to PostgreSQL',
  'A field guide to retries',
  'What we learned at the autumn meetup',
  'Choosing boring technology, again',
  'Five signs you need better alerts',
  'Our new office dog',
];
const ADS = [
  'Try SpamShield today, 50% off for developers',
  'Cheap servers from HostBarn: from $3/mo',
  'Learn to code with CodePond',
];

/** One visit; everything in it is drawn anew. */
export function visit(rng: Rng): Visit {
  const count = (from: number, to: number) => rng.whole(from, to).toLocaleString('en-US');
  const day = rng.whole(1, 28);
  const month = rng.pick(MONTHS);
  return {
    date: rng.pick([
      `${month} ${day}, 2026`,
      `${day} ${month} 2025`,
      `2026-0${rng.whole(1, 9)}-${10 + (day % 18)}`,
      `${10 + (day % 18)}.0${rng.whole(1, 9)}.2026`,
    ]),
    ago: rng.pick([
      `${rng.whole(2, 23)} hours ago`,
      `${rng.whole(2, 6)} days ago`,
      'yesterday',
      `${rng.whole(2, 50)} minutes ago`,
    ]),
    year: rng.whole(2024, 2027),
    users: count(1_200, 98_000),
    stars: rng.pick([`${rng.whole(2, 90)}.${rng.whole(1, 9)}k`, count(1_000, 60_000)]),
    downloads: count(10_000, 900_000),
    token: rng.hex(32),
    hash: rng.hex(8),
    banner: rng.next() < 0.5,
    chat: rng.pick(['Hi there 👋 How can we help?', 'Chat with us', 'We typically reply in 4 minutes', '']),
    ad: rng.pick(ADS),
    logos: rng.shuffle(LOGOS),
    quotes: rng.some(QUOTES, rng.whole(1, 3)),
    session: rng.hex(16),
    script: rng.hex(20),
    wide: rng.next() < 0.5,
    curly: rng.next() < 0.5,
    posts: rng.some(POSTS, 3),
    stock: `${rng.whole(40, 900)}.${rng.whole(10, 99)}`,
    money: rng.whole(0, 2),
    views: count(100, 90_000),
    viewers: rng.whole(3, 80),
    id: rng.hex(6),
    lazy: rng.next() < 0.5,
    turned: rng.next() < 0.5,
    loading: rng.next() < 0.5,
    countdown: `0${rng.whole(1, 9)}:${rng.whole(10, 59)}:${rng.whole(10, 59)}`,
    popup: `${rng.pick(['Someone in Berlin', 'Maria from Porto', 'Somebody in Austin'])} just signed up`,
    comment: rng.hex(10),
  };
}

const FIELDS: { [kind in Kind]: (keyof Visit)[] } = {
  dates: ['date'],
  'relative times': ['ago'],
  years: ['year'],
  counters: ['users', 'stars', 'downloads'],
  tokens: ['token'],
  hashes: ['hash'],
  'cookie banner': ['banner'],
  chat: ['chat'],
  ads: ['ad'],
  'logo order': ['logos'],
  'testimonial order': ['quotes'],
  sessions: ['session'],
  scripts: ['script'],
  whitespace: ['wide'],
  quotes: ['curly'],
  'latest posts': ['posts'],
  stocks: ['stock'],
  'money format': ['money'],
  views: ['views'],
  viewers: ['viewers'],
  ids: ['id'],
  'lazy loading': ['lazy'],
  attributes: ['turned'],
  placeholders: ['loading'],
  countdown: ['countdown'],
  'proof popup': ['popup'],
  comments: ['comment'],
};

/** The visit after a first one, with these kinds of noise and no other. */
export function again(first: Visit, rng: Rng, kinds: readonly Kind[]): Visit {
  const other = visit(rng);
  const flip = {
    banner: !first.banner,
    wide: !first.wide,
    curly: !first.curly,
    lazy: !first.lazy,
    turned: !first.turned,
    loading: !first.loading,
    money: (first.money + 1) % 3,
  };
  const drawn = { ...other, ...flip };
  const changed = Object.fromEntries(kinds.flatMap((kind) => FIELDS[kind]).map((field) => [field, drawn[field]]));
  return { ...first, ...changed };
}

/** An amount as one of the notations of its currency. */
export function written(amount: number, currency: Money['currency'], way: number, german = false): string {
  const cents = amount % 1 === 0 ? '' : amount.toFixed(2).slice(-2);
  const whole = Math.trunc(amount).toString();
  const grouped = (by: string) => whole.replace(/(\d)(?=(\d{3})+$)/g, `$1${by}`);
  const dot = grouped(',') + (cents && `.${cents}`);
  const comma = grouped('.') + (cents ? `,${cents}` : way === 2 ? ',00' : '');
  if (german) return [`${comma} €`, `${comma}€`, `€ ${comma}`][way] ?? comma;
  const sign = { USD: '$', EUR: '€', GBP: '£', INR: '₹' }[currency];
  const usual = `${sign}${dot}`;
  if (currency === 'EUR') return [usual, `${comma} €`, `EUR ${dot}`][way] ?? usual;
  return [usual, currency === 'USD' ? `US$${dot}` : `${currency} ${dot}`, `${dot} ${currency}`][way] ?? usual;
}

/** What stands around the words of a page: banner, chat, advertisement, counters, posts, footer. */
export function around(made: Made, seen: Visit, body: string, head = ''): string {
  const attributes = (pairs: [string, string][]) =>
    (seen.turned ? [...pairs].reverse() : pairs).map(([key, value]) => `${key}="${value}"`).join(' ');
  const page = `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>${made.title}</title>
<meta ${attributes([
    ['name', 'description'],
    ['content', made.description],
  ])}>
<meta name="csrf-token" content="${seen.token}"><link ${attributes([
    ['rel', 'stylesheet'],
    ['href', `/assets/app-${seen.hash}.css?v=${seen.hash}`],
  ])}>
<script nonce="${seen.token}">window.__state={"session":"${seen.session}","r":"${seen.script}"}</script>
<style>.css-${seen.hash}{color:red}</style>${head}</head><body class="css-${seen.hash}" data-reactid="${seen.id}">
<!-- ${seen.comment} -->
<nav><a href="/">${made.name}</a> <a href="/pricing?sid=${seen.session}">Pricing</a> <a href="/blog">Blog</a></nav>
${body}
<section class="section"><h2>From the blog</h2>${seen.posts.map((post) => `<article><a href="/blog/${seen.hash}"><h3>${post}</h3></a><p>${seen.ago}</p></article>`).join('')}</section>
<section class="social"><h2>Loved by teams everywhere</h2>${seen.quotes.map(({ text, who }) => `<blockquote><p>${text}</p><footer>${who}</footer></blockquote>`).join('')}
<div class="logos">${seen.logos.map((logo) => `<span>${logo}</span>`).join('')}</div></section>
<div><p>Trusted by ${seen.users} teams</p><p>★ ${seen.stars} stars on GitHub</p><p>${seen.downloads} downloads and counting</p></div>
<p>${seen.viewers} people are viewing this page</p><p>Last updated: ${seen.date}</p><p>${seen.views} views</p>
<div class="ticker">${made.name.slice(0, 4).toUpperCase()} $${seen.stock} +1.2%</div>
<div class="ad-banner"><p>${seen.ad}</p></div>
<p>Offer ends in ${seen.countdown}</p><p>${seen.popup}</p>
${seen.loading ? '<div class="skeleton">Loading…</div>' : ''}
<img ${seen.lazy ? 'src="data:image/gif;base64,R0lGOD" data-src="/a.png" loading="lazy"' : 'src="/a.png"'} alt="Screenshot">
${seen.banner ? '<div class="cookie-consent"><p>We use cookies to improve your experience.</p><button>Accept all</button></div>' : ''}
<div id="chat-widget">${seen.chat}</div>
<input type="hidden" name="authenticity_token" value="${seen.token}">
<footer><p>© ${seen.year} ${made.name} Inc. Build ${seen.hash}</p></footer>
<script src="/assets/app-${seen.hash}.js"></script></body></html>`;
  const spaced = seen.wide ? page.replace(/></g, '>\n   <') : page;
  return seen.curly ? spaced.replace(/(\w)'(\w)/g, '$1’$2').replace(/ – /g, ' - ') : spaced;
}
