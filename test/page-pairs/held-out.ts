/** Ways to set out the words that were not looked at while the comparison was written. */
import type { Made } from './model.ts';
import { around, written } from './noise.ts';
import type { Template } from './templates.ts';

const amount = (made: Made, month: number | null, way: number) =>
  month === null ? "Let's talk" : month === 0 ? '$0' : written(month, made.currency, way);

/** The price above the name, features before the button, in list items. */
const upsideDown: Template = {
  name: 'upside down',
  shows: ['plans', 'plan features', 'headline', 'seat'],
  draw: (made, seen) =>
    around(
      made,
      seen,
      `<div class="page"><div class="intro"><h1 class="t1">${made.headline}</h1><h2 class="t2">${made.tagline}</h2></div><ul class="tiers">${made.plans.map((plan) => `<li><p><strong>${amount(made, plan.month, seen.money)}</strong>${plan.month ? `<span>${plan.perSeat ? '/seat' : ''}/mo</span>` : ''}</p><h4>${plan.name}</h4><ul>${plan.features.map((one) => `<li><i class="icon icon-check"></i>${one}</li>`).join('')}</ul></li>`).join('')}</ul></div>`,
    ),
};

/** Plans in the rows of a table, monthly and yearly in columns. */
const planRows: Template = {
  name: 'plan rows',
  shows: ['plans', 'year', 'headline'],
  draw: (made, seen) =>
    around(
      made,
      seen,
      `<main><h1>${made.headline}</h1><p>${made.tagline}</p><table><tr><th>Plan</th><th>Monthly</th><th>Yearly</th></tr>${made.plans.map((plan) => `<tr><td>${plan.name}</td><td>${plan.month === null ? 'Contact us' : amount(made, plan.month, seen.money)}</td><td>${plan.month === null ? 'Contact us' : amount(made, plan.year === null ? null : plan.year * 12, seen.money)}</td></tr>`).join('')}</table></main>`,
    ),
};

/** “Pro: $9/mo” in a list, features in a list of their own. */
const lines: Template = {
  name: 'lines',
  shows: ['plans', 'cards', 'headline'],
  draw: (made, seen) =>
    around(
      made,
      seen,
      `<div class="container"><h1>${made.headline}</h1><p class="lead">${made.tagline}</p><h2>Pricing</h2><ul>${made.plans.map((plan) => `<li><b>${plan.name}</b>: ${plan.month === 0 ? 'Free' : plan.month === null ? 'Custom' : `${written(plan.month, made.currency, seen.money)}/month`}</li>`).join('')}</ul><h2>What you get</h2><ul>${made.features.map((one) => `<li>${one.name}</li>`).join('')}</ul></div>`,
    ),
};

/** Headings and paragraphs one after the other, no boxes. */
const flat: Template = {
  name: 'flat',
  shows: ['plans', 'plan features', 'headline', 'trial', 'claims'],
  draw: (made, seen) =>
    around(
      made,
      seen,
      `<h1>${made.headline}</h1><p>${made.tagline}</p>${made.claims.map((one) => `<p>${one}</p>`).join('')}<h2>Plans</h2><p>Start with ${made.trialDays} days free trial.</p>${made.plans.map((plan) => `<h3>${plan.name}</h3><p>${plan.month === 0 ? 'Free' : plan.month === null ? 'Contact us' : `${written(plan.month, made.currency, seen.money)} a month`}</p><ul>${plan.features.map((one) => `<li>${one}</li>`).join('')}</ul>`).join('')}`,
    ),
};

/** Sign, whole and cents in boxes of their own; old prices crossed out. */
const pieces: Template = {
  name: 'pieces',
  shows: ['plans', 'plan features', 'headline', 'actions'],
  draw: (made, seen) =>
    around(
      { ...made },
      seen,
      `<main class="mx-auto"><section class="text-center"><h1>${made.headline}</h1><p class="mt-4 text-lg">${made.tagline}</p></section><section class="grid md:grid-cols-3">${made.plans
        .map((plan) => {
          const [whole, cents] = (plan.month ?? 0).toFixed(2).split('.');
          const shown =
            plan.month === null
              ? '<p>Custom</p>'
              : `<p class="flex"><s>$${Number(whole) + 10}</s> <span class="text-sm">$</span><span class="text-5xl">${whole}</span>${cents === '00' ? '' : `<sup>${cents}</sup>`}<span class="text-gray-500">/month</span></p>`;
          return `<div class="rounded-2xl p-8"><h3 class="text-lg">${plan.name}</h3>${shown}<ul role="list">${plan.features.map((one) => `<li class="flex gap-2"><svg aria-hidden="true"></svg><span>${one}</span></li>`).join('')}</ul><a class="rounded-md bg-indigo-600 px-3" href="#${seen.id}">${plan.action}</a></div>`;
        })
        .join('')}</section></main>`,
    ),
};

/** Rows made of boxes, prices in the heads. */
const boxes: Template = {
  name: 'boxes',
  shows: ['plans', 'rows', 'headline'],
  draw: (made, seen) =>
    around(
      made,
      seen,
      `<main><h1>${made.headline}</h1><p>${made.tagline}</p><div class="matrix" role="table"><div class="row" role="row"><div>Compare</div>${made.plans.map((plan) => `<div>${plan.name} ${plan.month === null ? 'Custom' : plan.month === 0 ? 'Free' : `${written(plan.month, made.currency, seen.money)}/mo`}</div>`).join('')}</div>${made.rows.map((row) => `<div class="row" role="row"><div>${row.name}</div>${row.values.map((value) => `<div>${value === 'yes' ? '<svg aria-label="Yes" class="icon-check"></svg>' : value === 'no' ? '<svg aria-label="No" class="icon-x"></svg>' : value}</div>`).join('')}</div>`).join('')}</div></main>`,
    ),
};

/** Prices for machines only. */
const jsonLd: Template = {
  name: 'json-ld',
  shows: ['plans', 'headline', 'cards'],
  draw: (made, seen) => {
    const offers = made.plans
      .filter(({ month }) => month !== null)
      .map((plan) => ({
        '@type': 'Offer',
        name: plan.name,
        price: (plan.month ?? 0).toFixed(2),
        priceCurrency: made.currency,
      }));
    const head = `<script type="application/ld+json">${JSON.stringify({ '@context': 'https://schema.org', '@type': 'SoftwareApplication', name: made.name, offers })}</script>`;
    return around(
      made,
      seen,
      `<main><h1>${made.headline}</h1><p>${made.tagline}</p><div class="list">${made.features.map((one) => `<div class="item"><h2>${one.name}</h2><p>${one.text}</p></div>`).join('')}</div></main>`,
      head,
    );
  },
};

/** A table of contents of a release page: headings for months, paragraphs for what is new. */
const releases: Template = {
  name: 'releases',
  shows: ['log', 'headline'],
  draw: (made, seen) =>
    around(
      { ...made, title: `What's new in ${made.name}` },
      seen,
      `<main><h1>${made.headline}</h1><p>${made.tagline}</p><div class="whats-new"><h2>What's new</h2>${made.log.map((entry) => `<div class="entry"><span class="date">${seen.date}</span><h3>${entry.title}</h3><p>${entry.items[0]}</p></div>`).join('')}</div></main>`,
    ),
};

export const heldOut: readonly Template[] = [upsideDown, planRows, lines, flat, pieces, boxes, jsonLd, releases];
