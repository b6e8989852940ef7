/** Ways to set out the same words. Half of them are kept for the check (`heldOut`). */
import { heldOut } from './held-out.ts';
import type { Made, MadePlan } from './model.ts';
import { around, type Visit, written } from './noise.ts';

export type Template = {
  name: string;
  /** What of the words it shows: a change of anything else would not be seen. */
  shows: readonly Shown[];
  draw(made: Made, seen: Visit): string;
};
export type Shown =
  | 'plans'
  | 'plan features'
  | 'year'
  | 'actions'
  | 'cards'
  | 'rows'
  | 'log'
  | 'headline'
  | 'trial'
  | 'claims'
  | 'sentence'
  | 'seat';

export const price = (made: Made, plan: MadePlan, seen: Visit, per = '/mo') =>
  plan.month === null
    ? 'Custom'
    : plan.month === 0
      ? 'Free'
      : `${written(plan.month, made.currency, seen.money)}${plan.perSeat ? ' per user' : ''}${per}`;

const hero = (made: Made) =>
  `<section class="hero"><h1>${made.headline}</h1><p>${made.tagline}</p><a class="btn" href="/signup">${made.action}</a></section>`;
const claims = (made: Made) =>
  `<section><h2>Why ${made.name}</h2>${made.claims.map((one) => `<p>${one}</p>`).join('')}${made.paragraphs.map((one) => `<p>${one}</p>`).join('')}</section>`;

const cards: Template = {
  name: 'cards',
  shows: ['plans', 'plan features', 'actions', 'headline', 'trial', 'claims', 'seat'],
  draw: (made, seen) =>
    around(
      made,
      seen,
      `<main>${hero(made)}<section class="pricing"><h2>Simple pricing</h2><p>Every plan has a ${made.trialDays}-day free trial.</p><div class="grid">${made.plans
        .map(
          (plan) =>
            `<div class="card css-${seen.hash}" id="p${seen.id}"><h3>${plan.name}</h3><div class="price">${price(made, plan, seen, plan.perSeat ? ' / month' : '/mo')}</div><ul>${plan.features.map((one) => `<li>✓ ${one}</li>`).join('')}</ul><a class="btn btn-primary" href="/buy?s=${seen.session}">${plan.action}</a></div>`,
        )
        .join('')}</div></section>${claims(made)}</main>`,
    ),
};

const table: Template = {
  name: 'table',
  shows: ['plans', 'rows', 'headline', 'seat'],
  draw: (made, seen) =>
    around(
      made,
      seen,
      `<main><h1>${made.headline}</h1><p>${made.tagline}</p><table class="compare"><thead><tr><th>Plan</th>${made.plans.map((plan) => `<th>${plan.name}</th>`).join('')}</tr></thead><tbody><tr><td>Price</td>${made.plans.map((plan) => `<td>${price(made, plan, seen, ' per month')}</td>`).join('')}</tr>${made.rows
        .map(
          (row) =>
            `<tr><td>${row.name}</td>${row.values.map((value) => `<td>${value === 'yes' ? '✓' : value === 'no' ? '–' : value}</td>`).join('')}</tr>`,
        )
        .join('')}</tbody></table></main>`,
    ),
};

const soup: Template = {
  name: 'soup',
  shows: ['plans', 'plan features', 'headline', 'actions'],
  draw: (made, seen) =>
    around(
      made,
      seen,
      `<div id="root"><div class="css-${seen.hash}"><div><h1>${made.headline}</h1><div>${made.tagline}</div></div><div>${made.plans
        .map((plan) => {
          const amount =
            plan.month === null || plan.month === 0
              ? `<div>${price(made, plan, seen)}</div>`
              : `<div><span>${written(plan.month, made.currency, seen.money)}</span><span>${plan.perSeat ? '/user' : ''}/month</span></div>`;
          return `<div class="css-${seen.id}"><div><div class="tier-name">${plan.name}</div>${amount}</div><div><div>${plan.features.map((one) => `<div><svg></svg><span>${one}</span></div>`).join('')}</div><button type="button">${plan.action}</button></div></div>`;
        })
        .join('')}</div></div></div>`,
    ),
};

const landing: Template = {
  name: 'landing',
  shows: ['cards', 'headline', 'actions', 'claims', 'sentence', 'trial'],
  draw: (made, seen) =>
    around(
      made,
      seen,
      `<header>${hero(made)}</header><main><section id="features"><h2>Features</h2><div class="features">${made.features.map((one) => `<div class="feature"><h3>${one.name}</h3><p>${one.text}</p></div>`).join('')}</div></section>${claims(made)}<section><h2>One price for everything</h2><p>Plans start at ${written(made.plans[1]?.month ?? 9, made.currency, seen.money)} per month. Try it free for ${made.trialDays} days.</p></section></main>`,
    ),
};

const changelog: Template = {
  name: 'changelog',
  shows: ['log'],
  draw: (made, seen) =>
    around(
      { ...made, title: `Changelog – ${made.name}` },
      seen,
      `<main><h1>Changelog</h1>${made.log.map((entry) => `<article><h2>v${entry.version} – ${entry.title}</h2><time>${seen.date}</time><ul>${entry.items.map((one) => `<li>${one}</li>`).join('')}</ul></article>`).join('')}</main>`,
    ),
};

const toggle: Template = {
  name: 'toggle',
  shows: ['plans', 'year', 'plan features', 'headline', 'seat'],
  draw: (made, seen) =>
    around(
      made,
      seen,
      `<main>${hero(made)}<div class="switch" role="tablist"><button class="${seen.turned ? 'active' : ''}">Monthly</button><button class="${seen.turned ? '' : 'active'}">Yearly</button></div><div class="plans">${made.plans
        .map((plan) => {
          const amounts = plan.month
            ? `<div class="amount monthly"${seen.turned ? '' : ' style="display:none"'}>${price(made, plan, seen, ' / month')}</div><div class="amount yearly"${seen.turned ? ' style="display:none"' : ''}>${written(plan.year ?? 0, made.currency, seen.money)}${plan.perSeat ? ' per user' : ''} / month<small>billed annually</small></div>`
            : `<div class="amount">${price(made, plan, seen)}</div>`;
          return `<article class="plan"><h2>${plan.name}</h2>${amounts}<ul>${plan.features.map((one) => `<li>${one}</li>`).join('')}</ul></article>`;
        })
        .join('')}</div></main>`,
    ),
};

const docs: Template = {
  name: 'docs',
  shows: ['headline', 'cards'],
  draw: (made, seen) =>
    around(
      made,
      seen,
      `<div class="layout"><aside class="sidebar"><ul><li><a href="/docs">Docs</a></li></ul></aside><main><article><h1>${made.headline}</h1><p>${made.tagline}</p><p>Updated ${seen.ago} by the team</p>${made.paragraphs.map((one) => `<p>${one}</p>`).join('')}<h2>What it can do</h2><ul>${made.features.map((one) => `<li><strong>${one.name}</strong>: ${one.text}</li>`).join('')}</ul><pre><code>curl -H "X-Request: ${seen.token}"</code></pre></article></main></div>`,
    ),
};

const german: Template = {
  name: 'german',
  shows: ['plans', 'plan features', 'headline'],
  draw: (made, seen) =>
    around(
      { ...made, currency: 'EUR' },
      { ...seen },
      `<main><h1>${made.headline}</h1><p>${made.tagline}</p><h2>Preise</h2><div class="tarife">${made.plans
        .map(
          (plan) =>
            `<div class="tarif"><h3>${plan.name}</h3><p class="preis">${plan.month === null ? 'Auf Anfrage' : plan.month === 0 ? 'Kostenlos' : `${written(plan.month, 'EUR', seen.money, true)} pro Monat${plan.perSeat ? ' und Nutzer' : ''}`}</p><p>zzgl. MwSt.</p><ul>${plan.features.map((one) => `<li>${one}</li>`).join('')}</ul></div>`,
        )
        .join(
          '',
        )}</div><p>Zuletzt aktualisiert: ${seen.date}</p><p>Bereits ${seen.users} Unternehmen vertrauen uns</p></main>`,
    ).replace('lang="en"', 'lang="de"'),
};

export const developed: readonly Template[] = [cards, table, soup, landing, changelog, toggle, docs, german];
export const templates: readonly Template[] = [...developed, ...heldOut];
