/** What the app offers: features, plans and prices, calls to action, what customers say, what it is built with. */
import type { FoundProfile } from '#src/understand/findings.ts';
import { addressesMachine, fold } from '#src/understand/findings.ts';
import { asSentence, lowerFirst } from '#src/understand/phrasing.ts';
import type { PagePrice, ReadPage } from '#src/understand/reading.ts';
import type { Block } from './blocks.ts';
import { hasVerb, sentences, words } from './english.ts';
import type { Finding } from './gather.ts';

export function findOffer(blocks: readonly Block[], pages: readonly ReadPage[], profile: FoundProfile): Finding[] {
  return [
    ...featureSections(blocks, profile),
    ...featureLists(blocks, profile.name.value),
    ...planContents(blocks),
    ...prices(blocks, pages, profile.name.value),
    ...revenueModel(blocks, pages),
    ...pages.flatMap(testimonials),
    ...pages.flatMap(callsToAction),
    ...pages.flatMap(technology),
  ];
}

/** A heading with running text under it is a feature unless it is about people, money, or the page itself. */
function featureSections(blocks: readonly Block[], profile: FoundProfile): Finding[] {
  const found: Finding[] = [];
  blocks.forEach((block, index) => {
    if (block.kind !== 'heading' || block.level < 2 || !mayHoldFeatures(block) || notAFeature.test(block.text)) return;
    if (block.text.split(' ').length > 10 || block.text.endsWith('?')) return;
    const after: Block[] = [];
    for (const next of blocks.slice(index + 1, index + 4)) {
      if (next.kind !== 'paragraph' || next.page !== block.page) break;
      after.push(next);
    }
    const told = tellingSentence(
      after.flatMap((paragraph) => sentences(paragraph.text)).slice(0, 4),
      profile.name.value,
    );
    if (!told) return;
    const title = block.text.replace(/[.:]$/, '');
    found.push({
      kind: 'feature',
      statement: `${title}: ${told}`,
      quote: told,
      page: block.page,
      confidence: (block.section === 'features' ? 0.85 : 0.65) + (block.role === 'features' ? 0.05 : 0),
      detail: { title, text: asSentence(told) },
    });
  });
  return found;
}

/** The sentence that says what the app does: it names the app or the reader, and neither asks nor complains. */
function tellingSentence(all: string[], name: string): string | undefined {
  const usable = all.filter(
    (text) => text.split(' ').length >= 4 && hasVerb(text) && !text.endsWith('?') && !addressesMachine(text),
  );
  const score = (text: string) =>
    (text.toLowerCase().includes(name.toLowerCase()) ? 2 : 0) +
    (/\b(you|your|lets?|keeps?|shows?|works?|runs?|sends?|see|write)\b/i.test(text) ? 1 : 0) -
    (/\b(painful|frustrat\w+|tedious|struggle|waste|hard to|kept forgetting|started)\b/i.test(text) ? 3 : 0) -
    (text.split(' ').length > 30 ? 2 : 0);
  return usable.reduce<string | undefined>(
    (best, text) => (best === undefined || score(text) > score(best) ? text : best),
    undefined,
  );
}

function featureLists(blocks: readonly Block[], name: string): Finding[] {
  const found: Finding[] = [];
  for (const block of blocks) {
    if (block.kind !== 'item' || !mayHoldFeatures(block)) continue;
    const words = block.text.split(' ').length;
    if (words < 3 || words > 40 || (!hasVerb(block.text) && !/[:,]\s/.test(block.text))) continue;
    if (
      block.heading &&
      /\b(install|requirements|roadmap|contribut|changelog|contents|team|links)\w*\b/i.test(block.heading)
    )
      continue;
    const title = block.text.match(/^(.{3,48}?)(?::| [—–-]) /)?.[1] ?? null;
    const listed =
      block.section === 'features' || /\b(features?|why|what|included?|highlights)\b/i.test(block.heading ?? '');
    found.push({
      kind: 'feature',
      statement: isDone(block.text)
        ? `${name} ${lowerFirst(block.text)}`
        : block.text.replace(/^(.{3,48}?) [—–-] /, '$1: '),
      quote: block.text,
      page: block.page,
      confidence: listed ? 0.82 : 0.55,
      detail: {
        title,
        text: asSentence(title ? block.text.slice(title.length).replace(/^[\s:—–-]+/, '') : block.text),
      },
    });
  }
  return found;
}

/** "Ignores key order": what the app does, without saying who. */
function isDone(text: string): boolean {
  const first = words(lowerFirst(text))[0];
  return first !== undefined && first.pos === 'VERB' && /[^s]s$/.test(first.lower);
}

function mayHoldFeatures(block: Block): boolean {
  return (
    (block.section === 'features' || block.section === 'body' || block.section === 'hero') &&
    (block.role === 'home' || block.role === 'features' || block.role === 'other')
  );
}

const notAFeature =
  /^(why|how|what|features?|overview|benefits|usage|highlights|examples?)( it works| .{1,20})?\??$|^(tired|sick|fed up|built for|made for|designed for|perfect for|for |who |about|our (story|team|mission)|the story|meet |get started|start |try |ready |sign up|join |contact|questions|faq|install(ation)?$|usage$|licen[sc]e$|contribut|what .{2,30} say|loved by|pricing|plans|latest|from the blog|subscribe|(an? )?\S+ alternative|still )/i;

/** The lines of a plan: "Unlimited emails" under "Starter". */
function planContents(blocks: readonly Block[]): Finding[] {
  return blocks
    .filter((block) => block.kind === 'item' && block.section === 'pricing' && block.heading !== null)
    .filter(
      (block) =>
        block.heading !== null && block.heading.split(' ').length <= 3 && !/pric|plan|faq/i.test(block.heading),
    )
    .filter((block) => block.text.split(' ').length <= 9 && !/^(everything in|all of|no )/i.test(block.text))
    .map((block) => ({
      kind: 'pricing' as const,
      statement: `The ${block.heading} plan ${/^up to|^unlimited|\d/i.test(block.text) ? 'covers' : 'includes'} ${lowerFirst(block.text)}`,
      quote: block.text,
      page: block.page,
      confidence: 0.55,
      detail: { plan: block.heading },
    }));
}

function prices(blocks: readonly Block[], pages: readonly ReadPage[], name: string): Finding[] {
  return ownPrices(blocks, pages).map(({ price, page }) => ({
    kind: 'pricing',
    statement: priceSentence(price, name),
    quote: price.quote,
    page,
    confidence: price.plan ? 0.9 : 0.7,
    detail: { plan: price.plan, amount: price.amount, currency: price.currency, interval: price.interval },
  }));
}

/** "A 5 euro server" is a price, but not of this app: without an interval a price has to stand where prices are told. */
function ownPrices(blocks: readonly Block[], pages: readonly ReadPage[]) {
  const told = (page: ReadPage, quote: string) =>
    blocks.some(
      (block) =>
        block.page === page &&
        (block.section === 'pricing' || block.role === 'pricing') &&
        (block.text.includes(quote) || quote.includes(block.text)),
    );
  return pages.flatMap((page) =>
    page.prices
      // "Up to $20,000 monthly revenue" is the size of a plan.
      .filter((price) => !/\b(up to|revenue|volume|turnover|saved?|raised|worth)\b/i.test(price.quote))
      .filter((price) => (price.interval !== null && price.interval !== 'once') || told(page, fold(price.quote)))
      .map((price) => ({ price, page })),
  );
}

const signs: Record<string, string> = { USD: '$', EUR: '€', GBP: '£', JPY: '¥', INR: '₹' };

function priceSentence(price: PagePrice, name: string): string {
  // What stands before a price in running text ("Unlimited plants cost £12") is no name of a plan.
  const named =
    price.plan !== null &&
    price.plan.split(' ').length <= 3 &&
    !/\b(costs?|is|are|for|from|only|just)\b/i.test(price.plan);
  const plan = named ? `The ${price.plan?.replace(/\s+plan$/i, '')} plan` : name;
  if (Number(price.amount) === 0)
    return price.plan && /^free$/i.test(price.plan) ? `${name} has a free plan` : `${plan} is free`;
  const bare = price.amount.replace(/\.00$/, '');
  const figure = bare.includes('.') ? bare : bare.replace(/\B(?=(\d{3})+$)/g, ',');
  const amount = signs[price.currency] ? `${signs[price.currency]}${figure}` : `${figure} ${price.currency}`.trim();
  const per = price.interval === 'once' ? ', paid once' : price.interval ? ` a ${price.interval}` : '';
  return `${plan} costs ${amount}${per}`;
}

function revenueModel(blocks: readonly Block[], pages: readonly ReadPage[]): Finding[] {
  const all = ownPrices(blocks, pages);
  const recurring = all.filter(({ price }) => Number(price.amount) > 0 && /month|year|week/.test(price.interval ?? ''));
  const once = all.find(({ price }) => Number(price.amount) > 0 && price.interval === 'once');
  const free =
    all.some(({ price }) => Number(price.amount) === 0) ||
    blocks.some((block) => /\bfree (for|plan|tier|forever)\b/i.test(block.text));
  const gratis = all.find(({ price }) => Number(price.amount) === 0);
  const trial = pages
    .map((page) => ({ page, words: fold(page.text).match(/\b[\w-]+ free trial\b[^.!?]{0,40}/i)?.[0] }))
    .find((t) => t.words);
  const found: Finding[] = [];
  const first = recurring[0];
  if (first) {
    const intervals = [...new Set(recurring.map(({ price }) => `${price.interval}ly`))].join(' or ');
    const start = free
      ? 'Freemium: a free plan, and subscriptions paid'
      : trial
        ? 'Subscriptions after a free trial, paid'
        : 'Subscriptions paid';
    found.push({
      kind: 'revenue_model',
      statement: `${start} ${intervals}`,
      quote: first.price.quote,
      page: first.page,
      confidence: 0.85,
    });
  } else if (once) {
    const statement = free
      ? 'Freemium: a free plan, and a single payment for the rest'
      : 'A single payment, with no subscription';
    found.push({ kind: 'revenue_model', statement, quote: once.price.quote, page: once.page, confidence: 0.8 });
  } else if (gratis)
    found.push({
      kind: 'revenue_model',
      statement: 'Free of charge',
      quote: gratis.price.quote,
      page: gratis.page,
      confidence: 0.5,
    });
  return found;
}

function testimonials(page: ReadPage): Finding[] {
  return page.testimonials
    .filter((testimonial) => testimonial.quote.split(' ').length >= 4 && !addressesMachine(testimonial.quote))
    .map((testimonial) => ({
      kind: 'testimonial',
      statement: testimonial.author
        ? `${testimonial.author.split(/[,(|]/)[0]?.trim()} says: ${testimonial.quote}`
        : `A customer says: ${testimonial.quote}`,
      quote: testimonial.quote.replace(/^["“„‘']+|["”’']+$/g, ''),
      page,
      confidence: testimonial.author ? 0.9 : 0.7,
      detail: { author: testimonial.author },
    }));
}

function callsToAction(page: ReadPage): Finding[] {
  return page.callsToAction
    .filter(
      (words) =>
        words.length <= 60 &&
        !/\b(log ?in|sign in|cookie|accept|menu|close|search|submit|learn more|read more)\b/i.test(words),
    )
    .filter((words) => !addressesMachine(words))
    .map((words, index) => ({
      kind: 'call_to_action',
      statement: words,
      quote: words,
      page,
      confidence: Math.max(0.5, 0.85 - index * 0.1),
    }));
}

/** Only what the page also says in words: a quote must stand on the page, and markup is not words. */
function technology(page: ReadPage): Finding[] {
  return page.technology
    .filter((name) => fold(page.text).includes(name))
    .map((name) => ({ kind: 'technology', statement: `The site uses ${name}`, quote: name, page, confidence: 0.5 }));
}
