/** Two readings of a page: what changed that a competitor's rival wants to know. */
import { pair } from './alike.ts';
import { type Change, changeOf, rank } from './change.ts';
import { keyOf, mask } from './mask.ts';
import { comparePlans, isElsewhere, renamesIn } from './offers.ts';
import { type Feature, type Saying, type Shape, withoutOffers } from './shape.ts';

export type Comparison = {
  /** Heaviest first. */
  changes: Change[];
  /** Why the pages cannot be compared, for people; null when they can. */
  unusable: string | null;
  /** Lines that differ and say nothing: dates, counters, tokens, banners, markup. */
  noise: number;
};

/** What changed from one reading to the next. A page that is no longer the page (an error, a login) changed nothing. */
export function compareShapes(before: Shape, after: Shape): Comparison {
  const broken = after.unusable ?? before.unusable;
  if (broken) return { changes: [], unusable: broken.message, noise: 0 };
  const translated = baseOf(before.lang) !== baseOf(after.lang) && before.lang !== null && after.lang !== null;
  const elsewhere = isElsewhere(before, after);
  const renames = renamesIn(before, after);
  const changes = [...comparePlans(before, after, renames, elsewhere), ...comparePriced(before, after, elsewhere)];
  if (!translated) {
    changes.push(...compareTrials(before, after));
    changes.push(...compareFeatures(before, after, renames));
    changes.push(...compareCells(before, after, renames));
    changes.push(...compareWords(before, after));
  }
  const told = distinct(changes.filter((change) => !follows(change, changes, renames)));
  const noise = noiseBetween(before, after, told);
  return { changes: told.sort((a, b) => rank(a) - rank(b)), unusable: null, noise };
}

function baseOf(lang: string | null): string {
  return (lang ?? '').split(/[-_]/)[0] ?? '';
}

/** Prices in sentences: the same words around another amount. */
function comparePriced(before: Shape, after: Shape, elsewhere: boolean): Change[] {
  const localised = elsewhere || before.lang !== after.lang;
  const changes: Change[] = [];
  for (const one of before.priced) {
    if (after.priced.some((other) => other.key === one.key && sameAmounts(one, other))) continue;
    const same = after.priced.find(
      (other) =>
        other.key === one.key && !before.priced.some((known) => known.key === other.key && sameAmounts(known, other)),
    );
    const other =
      same ??
      pair(
        [one],
        after.priced.filter(({ key }) => !before.priced.some((known) => known.key === key)),
        0.6,
      ).pairs[0]?.[1];
    if (!other || sameAmounts(one, other)) continue;
    const index = one.offers.findIndex(
      (offer, at) =>
        offer.amount !== other.offers[at]?.amount ||
        offer.currency !== other.offers[at]?.currency ||
        offer.interval !== other.offers[at]?.interval,
    );
    const [from, to] = [one.offers[index], other.offers[index]];
    if (!from || !to || (localised && from.currency !== to.currency)) continue;
    changes.push(changeOf('price', { where: one.where, before: one.text, after: other.text, offers: [from, to] }));
  }
  return changes;
}

function sameAmounts(one: Shape['priced'][number], other: Shape['priced'][number]): boolean {
  const amounts = ({ offers }: typeof one) =>
    offers
      .map(({ amount, currency, interval, perSeat }) => [amount, currency, interval, perSeat].join(' '))
      .sort()
      .join('|');
  return amounts(one) === amounts(other);
}

function compareTrials(before: Shape, after: Shape): Change[] {
  const [gone] = before.trials.filter(({ days }) => !after.trials.some((one) => one.days === days));
  const [come] = after.trials.filter(({ days }) => !before.trials.some((one) => one.days === days));
  if (!gone && !come) return [];
  return [changeOf('trial', { where: 'free trial', before: gone?.quote ?? null, after: come?.quote ?? null })];
}

function compareFeatures(before: Shape, after: Shape, renames: ReadonlyMap<string, string>): Change[] {
  const changes: Change[] = [];
  for (const plan of before.plans) {
    const twin = after.plans.find(({ key }) => key === (renames.get(plan.key) ?? plan.key));
    if (!twin) continue;
    changes.push(
      ...featuresOf(
        plan.features,
        twin.features,
        `${twin.name} plan`,
        saidIn(before, plan),
        saidIn(after, twin),
        twin.name,
      ),
    );
    const notes = between(plan.notes, twin.notes);
    for (const [one, other] of pair(notes.gone, notes.come, 0.5).pairs)
      changes.push(
        changeOf(hasClaim(one, other) ? 'claim' : 'copy', {
          where: `${twin.name} plan`,
          before: one.text,
          after: other.text,
        }),
      );
  }
  const [old, young] = [before.features, after.features];
  const gone = old.filter((one) => !one.log);
  const known = new Set([
    ...old.map(({ key }) => key),
    ...before.said,
    ...before.plans.flatMap((plan) => plan.features.map(({ key }) => key)),
  ]);
  const now = new Set([
    ...young.map(({ key }) => key),
    ...after.said,
    ...after.plans.flatMap((plan) => plan.features.map(({ key }) => key)),
  ]);
  const log = young.filter((one) => one.log && !known.has(one.key));
  // An entry that was touched up is no new one.
  const fresh = log.filter(
    (one) =>
      pair(
        [one],
        old.filter((entry) => entry.log && !now.has(entry.key)),
        0.6,
      ).pairs.length === 0,
  );
  changes.push(...fresh.map((one) => changeOf('feature_added', { where: one.where, before: null, after: one.text })));
  changes.push(
    ...featuresOf(
      gone,
      young.filter((one) => !one.log),
      null,
      known,
      now,
    ),
  );
  return changes;
}

function saidIn(shape: Shape, plan: Shape['plans'][number]): Set<string> {
  // Words of one plan may stand in another; only the plan itself counts, and what its lists and tables hide.
  return new Set([
    ...plan.features.map(({ key }) => key),
    ...shape.cells.filter(({ column }) => keyOf(column) === plan.key).map(({ row }) => keyOf(row)),
  ]);
}

function featuresOf(
  before: readonly Feature[],
  after: readonly Feature[],
  where: string | null,
  known: ReadonlySet<string>,
  now: ReadonlySet<string>,
  plan: string | null = null,
): Change[] {
  const changes: Change[] = [];
  const add = (what: Change['what'], one: Saying, from: string | null, to: string | null) =>
    changes.push(changeOf(what, { where: where ?? one.where, before: from, after: to, plan }));
  for (const one of before) {
    const same = after.find(({ key }) => key === one.key);
    if (same && isOff(one) !== isOff(same)) add('feature_changed', one, shown(one), shown(same));
  }
  const gone = before.filter(({ key }) => !now.has(key) && !after.some((one) => one.key === key));
  const come = after.filter(({ key }) => !known.has(key) && !before.some((one) => one.key === key));
  const paired = pair(gone, come, 0.6);
  for (const [one, other] of paired.pairs)
    add(
      /\d|unlimited|unbegrenzt/i.test(one.text + other.text) ? 'feature_changed' : 'feature_renamed',
      other,
      one.text,
      other.text,
    );
  const rest = swapped(paired.gone, paired.come, before, after);
  for (const [one, other] of rest.pairs) add('feature_renamed', other, one.text, other.text);
  for (const one of rest.gone) add('feature_removed', one, one.text, null);
  for (const one of rest.come) add('feature_added', one, null, one.text);
  return changes;
}

/** Half alike, in the same place between the same neighbours: the same thing by another name. */
function swapped(gone: Feature[], come: Feature[], before: readonly Feature[], after: readonly Feature[]) {
  const { pairs } = pair(gone, come, 0.49);
  const kept = pairs.filter(([one, other]) => {
    const [at, to] = [before.indexOf(one), after.indexOf(other)];
    return before.length === after.length && at === to;
  });
  const used = new Set(kept.flat());
  return { pairs: kept, gone: gone.filter((one) => !used.has(one)), come: come.filter((one) => !used.has(one)) };
}

function isOff({ mark }: Feature): boolean {
  return mark === 'no';
}

function shown(one: Feature): string {
  return isOff(one) ? `${one.text}: not included` : `${one.text}: included`;
}

function compareCells(before: Shape, after: Shape, renames: ReadonlyMap<string, string>): Change[] {
  const changes: Change[] = [];
  const id = (row: string, column: string) => `${keyOf(mask(row, false).text)}|${column}`;
  const now = new Map(after.cells.map((cell) => [id(cell.row, keyOf(cell.column)), cell]));
  for (const cell of before.cells) {
    const column = keyOf(cell.column);
    const other = now.get(id(cell.row, renames.get(column) ?? column));
    if (!other || other.key === cell.key || cell.text === '' || other.text === '') continue;
    changes.push(
      changeOf('feature_changed', {
        where: `${other.row}, ${other.column}`,
        before: cell.text,
        after: other.text,
        plan: other.column,
        subject: other.row,
      }),
    );
  }
  return changes;
}

function compareWords(before: Shape, after: Shape): Change[] {
  const changes: Change[] = [];
  for (const slot of ['headline', 'tagline', 'title', 'description'] as const) {
    const [one, other] = [before[slot], after[slot]];
    if (one?.key === other?.key || (one === null && slot === 'tagline') || (other === null && slot === 'tagline'))
      continue;
    // A headline that only moved down is still said.
    if (slot === 'tagline' && one && other && after.said.includes(one.key) && before.said.includes(other.key)) continue;
    changes.push(changeOf(slot, { where: slot, before: one?.text ?? null, after: other?.text ?? null }));
  }
  const actions = between(before.actions, after.actions);
  actions.gone.slice(0, actions.come.length).forEach((one, index) => {
    changes.push(
      changeOf('call_to_action', {
        where: 'call to action',
        before: one.text,
        after: actions.come[index]?.text ?? null,
      }),
    );
  });
  const [was, is] = [new Set(before.said), new Set(after.said)];
  const sections = between(before.sections, after.sections, was, is);
  const heads = pair(sections.gone, sections.come, 0.4);
  for (const [one, other] of heads.pairs)
    changes.push(
      changeOf(hasClaim(one, other) ? 'claim' : 'copy', { where: 'heading', before: one.text, after: other.text }),
    );
  heads.gone.slice(0, heads.come.length).forEach((one, index) => {
    changes.push(changeOf('copy', { where: 'heading', before: one.text, after: heads.come[index]?.text ?? null }));
  });
  for (const one of heads.come.slice(heads.gone.length))
    if (!isGeneral(one.text))
      changes.push(changeOf('feature_added', { where: 'section', before: null, after: one.text }));
  for (const one of heads.gone.slice(heads.come.length))
    if (!isGeneral(one.text))
      changes.push(changeOf('feature_removed', { where: 'section', before: one.text, after: null }));
  const sentences = between(before.sentences, after.sentences, was, is);
  for (const [one, other] of pair(sentences.gone, sentences.come, 0.5).pairs)
    changes.push(
      changeOf(hasClaim(one, other) ? 'claim' : 'copy', { where: other.where, before: one.text, after: other.text }),
    );
  return changes;
}

function isGeneral(heading: string): boolean {
  return (
    heading.length > 80 ||
    /\?$|^(?:faq|frequently|questions|contact|newsletter|subscribe|get started|ready|start|try|join|sign up|download|about|our (?:story|team|mission)|team|resources|company|support|help|more|next steps?|pricing|plans|features|how it works|overview|introduction|table of contents|on this page|häufige|kontakt|preise|jetzt)\b/i.test(
      heading,
    )
  );
}

function between(
  before: readonly Saying[],
  after: readonly Saying[],
  was: ReadonlySet<string> = new Set(),
  is: ReadonlySet<string> = new Set(),
): { gone: Saying[]; come: Saying[] } {
  return {
    gone: before.filter(({ key }) => key !== '' && !is.has(key) && !after.some((one) => one.key === key)),
    come: after.filter(({ key }) => key !== '' && !was.has(key) && !before.some((one) => one.key === key)),
  };
}

function hasClaim(one: Saying, other: Saying): boolean {
  const numbers = ({ key }: Saying) => (key.match(/\d[\d.]*[%x]?/g) ?? []).join(' ');
  return numbers(one) !== numbers(other);
}

/** Words that differ only by what is told already: the price in the title, the old name of a plan in a list. */
function follows(change: Change, all: readonly Change[], renames: ReadonlyMap<string, string>): boolean {
  if (change.before === null || change.after === null) return false;
  if (change.kind === 'price' && change.plan !== null) return false;
  const renamed = (text: string) =>
    [...renames].reduce(
      (key, [from, to]) => key.replaceAll(from, to),
      keyOf(mask(withoutOffers(text), change.kind === 'message').text),
    );
  if (renames.size > 0 && renamed(change.before) === renamed(change.after) && change.what !== 'plan_renamed')
    return true;
  const priced = all.some(
    (one) =>
      one.kind === 'price' &&
      one !== change &&
      (one.plan !== null || all.indexOf(one) < all.indexOf(change)) &&
      one.what === 'price',
  );
  if (!priced || change.what === 'trial') return false;
  const same = keyOf(withoutOffers(change.before)) === keyOf(withoutOffers(change.after));
  if (change.what !== 'price') return same && change.before !== change.after;
  return all.some(
    (one) =>
      one !== change &&
      one.plan !== null &&
      one.from?.amount === change.from?.amount &&
      one.to?.amount === change.to?.amount,
  );
}

function distinct(changes: readonly Change[]): Change[] {
  const kept = new Map<string, Change>();
  for (const one of changes) {
    const key = [one.what, one.plan, one.before, one.after, one.plan === null ? '' : one.where].join('|');
    if (!kept.has(key)) kept.set(key, one);
  }
  return [...kept.values()];
}

function noiseBetween(before: Shape, after: Shape, told: readonly Change[]): number {
  const texts = (shape: Shape) =>
    new Set([
      ...Object.values(shape.noise).flat(),
      ...shape.sentences.map(({ text }) => text),
      ...shape.features.map(({ text }) => text),
    ]);
  const [one, other] = [texts(before), texts(after)];
  const said = new Set(told.flatMap((change) => [change.before, change.after]));
  return Math.max(
    [...one].filter((text) => !other.has(text) && !said.has(text)).length,
    [...other].filter((text) => !one.has(text) && !said.has(text)).length,
  );
}
