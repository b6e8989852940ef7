/** Pairs of pages with what a comparison has to say of them. */
import { chance, copyOf, FEATURES, type Made, make, type Rng } from './model.ts';
import { again, KINDS, type Kind, visit } from './noise.ts';
import { type Shown, type Template, templates } from './templates.ts';

export type Expected = { kind: 'price' | 'feature' | 'message'; before: string | null; after: string | null };
export type PagePair = { name: string; template: string; before: string; after: string; expected: Expected[] };

type Seeded = { name: string; needs: Shown; change(made: Made, rng: Rng): Expected | null };

const amountOf = (value: number | null) => (value === null ? '' : value % 1 === 0 ? `${value}` : value.toFixed(2));
const paid = (made: Made) => made.plans.filter(({ month }) => month !== null && month > 0);
const fresh = (made: Made, rng: Rng) =>
  rng.pick(
    FEATURES.filter(
      (one) => !made.plans.some((plan) => plan.features.includes(one)) && !made.rows.some((row) => row.name === one),
    ),
  );

const changes: readonly Seeded[] = [
  {
    name: 'price raised',
    needs: 'plans',
    change(made, rng) {
      const plan = rng.pick(paid(made));
      const before = amountOf(plan.month);
      plan.month = Math.round((plan.month ?? 0) * rng.pick([1.2, 1.5, 2])) + 1;
      return { kind: 'price', before, after: amountOf(plan.month) };
    },
  },
  {
    name: 'price cut',
    needs: 'plans',
    change(made, rng) {
      const plan = rng.pick(paid(made));
      const before = amountOf(plan.month);
      plan.month = Math.max(1, Math.floor((plan.month ?? 0) * 0.7)) + (rng.next() < 0.3 ? 0.99 : 0);
      return amountOf(plan.month) === before ? null : { kind: 'price', before, after: amountOf(plan.month) };
    },
  },
  {
    name: 'yearly price',
    needs: 'year',
    change(made, rng) {
      const plan = rng.pick(paid(made));
      plan.year = (plan.year ?? 0) + 2;
      return { kind: 'price', before: null, after: null };
    },
  },
  {
    name: 'per seat',
    needs: 'seat',
    change(made) {
      const [plan] = paid(made);
      if (!plan || plan.perSeat) return null;
      plan.perSeat = true;
      return { kind: 'price', before: amountOf(plan.month), after: 'user' };
    },
  },
  {
    name: 'plan removed',
    needs: 'plans',
    change(made) {
      const [plan] = made.plans.splice(1, 1);
      for (const row of made.rows) row.values.splice(1, 1);
      return { kind: 'price', before: plan?.name ?? '', after: null };
    },
  },
  {
    name: 'plan added',
    needs: 'plans',
    change(made, rng) {
      const last = Math.max(...made.plans.map(({ month }) => month ?? 0));
      made.plans.push({
        name: 'Ultimate',
        month: last * 2 + 10,
        year: last * 2,
        perSeat: false,
        features: [fresh(made, rng)],
        action: 'Choose Ultimate',
      });
      for (const row of made.rows) row.values.push('yes');
      return { kind: 'price', before: null, after: 'Ultimate' };
    },
  },
  {
    name: 'plan renamed',
    needs: 'plans',
    change(made) {
      const plan = made.plans[1];
      if (!plan) return null;
      const before = plan.name;
      plan.name = 'Momentum';
      plan.action = plan.action.replace(before, 'Momentum');
      return { kind: 'price', before, after: 'Momentum' };
    },
  },
  {
    name: 'free trial',
    needs: 'trial',
    change(made) {
      const before = `${made.trialDays}`;
      made.trialDays = made.trialDays === 14 ? 21 : 14;
      return { kind: 'price', before, after: `${made.trialDays}` };
    },
  },
  {
    name: 'price in a sentence',
    needs: 'sentence',
    change(made) {
      const plan = made.plans[1];
      if (!plan?.month) return null;
      const before = amountOf(plan.month);
      plan.month += 5;
      return { kind: 'price', before, after: amountOf(plan.month) };
    },
  },
  {
    name: 'plan feature added',
    needs: 'plan features',
    change(made, rng) {
      const after = fresh(made, rng);
      rng.pick(made.plans).features.push(after);
      return { kind: 'feature', before: null, after };
    },
  },
  {
    name: 'plan feature removed',
    needs: 'plan features',
    change(made, rng) {
      const plan = rng.pick(made.plans.filter(({ features }) => features.length > 2));
      const [before = ''] = plan.features.splice(1, 1);
      return { kind: 'feature', before, after: null };
    },
  },
  {
    name: 'plan limit',
    needs: 'plan features',
    change(made, rng) {
      const plan = rng.pick(made.plans);
      plan.features[0] = '10,000 records';
      return { kind: 'feature', before: '10,000 records', after: '2,500 records' };
    },
  },
  {
    name: 'card added',
    needs: 'cards',
    change(made) {
      made.features.splice(2, 0, { name: 'Webhook signatures', text: 'Know that a call is really ours.' });
      return { kind: 'feature', before: null, after: 'Webhook signatures' };
    },
  },
  {
    name: 'card removed',
    needs: 'cards',
    change(made) {
      const [before] = made.features.splice(1, 1);
      return { kind: 'feature', before: before?.name ?? '', after: null };
    },
  },
  {
    name: 'row changed',
    needs: 'rows',
    change(made, rng) {
      const row = rng.pick(made.rows.filter(({ values }) => values[0] === 'no' || values[0] === 'yes'));
      if (!row) return null;
      const before = row.values[0] ?? '';
      row.values[0] = before === 'yes' ? 'no' : 'yes';
      return { kind: 'feature', before, after: row.values[0] };
    },
  },
  {
    name: 'row added',
    needs: 'rows',
    change(made) {
      made.rows.splice(1, 0, { name: 'Webhook signatures', values: made.plans.map(() => 'yes') });
      return { kind: 'feature', before: null, after: 'Webhook signatures' };
    },
  },
  {
    name: 'limit in a row',
    needs: 'rows',
    change(made) {
      const row = made.rows.at(-1);
      if (!row) return null;
      const before = row.values[0] ?? '';
      row.values[0] = '25,000';
      return { kind: 'feature', before, after: '25,000' };
    },
  },
  {
    name: 'release',
    needs: 'log',
    change(made) {
      made.log.unshift({
        version: '3.0.0',
        title: 'Webhook signatures',
        items: ['Check that a call is really ours before you trust it.'],
      });
      made.log.pop();
      return { kind: 'feature', before: null, after: 'Webhook signatures' };
    },
  },
  {
    name: 'headline',
    needs: 'headline',
    change(made) {
      const before = made.headline;
      made.headline = 'Ship on Fridays without fear';
      return { kind: 'message', before, after: made.headline };
    },
  },
  {
    name: 'tagline',
    needs: 'headline',
    change(made) {
      const before = made.tagline;
      made.tagline = 'The quiet assistant of teams that would rather sleep.';
      return { kind: 'message', before, after: made.tagline };
    },
  },
  {
    name: 'title and description',
    needs: 'headline',
    change(made) {
      const before = made.description;
      made.description = `${made.name} is the all-in-one platform for growing agencies.`;
      return { kind: 'message', before, after: made.description };
    },
  },
  {
    name: 'call to action',
    needs: 'claims',
    change(made) {
      const before = made.action;
      made.action = 'Book a demo with our team';
      return { kind: 'message', before, after: made.action };
    },
  },
  {
    name: 'claim',
    needs: 'claims',
    change(made) {
      const before = made.claims[0] ?? '';
      made.claims[0] = before.replace(/\d+(?:\.\d+)?/, (number) => `${Number(number) * 2}`);
      return { kind: 'message', before, after: made.claims[0] };
    },
  },
];

/** A pair of which nothing may be told: one kind of noise, or several. */
export function quietPair(seed: number, template: Template): PagePair {
  const rng = chance(seed);
  const made = make(rng);
  const kinds: readonly Kind[] =
    seed % 4 === 0 ? rng.some(KINDS, rng.whole(3, 10)) : seed % 9 === 0 ? KINDS : [KINDS[seed % KINDS.length] as Kind];
  const first = visit(rng);
  return {
    name: `${seed} ${template.name}: ${kinds.join(', ')}`,
    template: template.name,
    before: template.draw(made, first),
    after: template.draw(made, again(first, rng, kinds)),
    expected: [],
  };
}

/** A pair with one to three changes in the midst of noise. */
export function changedPair(seed: number, template: Template): PagePair {
  const rng = chance(seed);
  const before = make(rng);
  const after = copyOf(before);
  const possible = changes.filter(({ needs }) => template.shows.includes(needs));
  const wanted = [possible[seed % possible.length] as Seeded, ...rng.some(possible, rng.whole(0, 2))];
  const told: string[] = [];
  const expected: Expected[] = [];
  for (const one of new Set(wanted)) {
    // Two changes of plans at once would each expect the other's old words.
    if (
      told.some((name) => name.startsWith('plan') || name.includes('price') || name === 'per seat') &&
      (one.name.startsWith('plan') || one.name.includes('price') || one.name === 'per seat')
    )
      continue;
    if (one.name === 'call to action' && template.name === 'flat') continue;
    const said = one.name === 'plan limit' ? limit(before, after, rng) : one.change(after, rng);
    if (!said) continue;
    told.push(one.name);
    expected.push(said);
  }
  const first = visit(rng);
  const second = again(first, rng, rng.some(KINDS, rng.whole(0, 8)));
  return {
    name: `${seed} ${template.name}: ${told.join(', ')}`,
    template: template.name,
    before: template.draw(before, first),
    after: template.draw(after, second),
    expected,
  };
}

function limit(before: Made, after: Made, rng: Rng): Expected {
  const at = rng.whole(0, before.plans.length - 1);
  const [one, other] = [before.plans[at], after.plans[at]];
  if (one) one.features[0] = '10,000 records';
  if (other) other.features[0] = '2,500 records';
  return { kind: 'feature', before: '10,000 records', after: '2,500 records' };
}

/** The pairs of the tests: half quiet, half changed, every template in turn. */
export function pairs(count: number, from = 1, of: readonly Template[] = templates): PagePair[] {
  return Array.from({ length: count }, (_, index) => {
    const template = of[Math.floor(index / 2) % of.length] as Template;
    return index % 2 === 0 ? quietPair(from + index, template) : changedPair(from + index, template);
  });
}
