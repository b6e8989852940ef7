/** Who has which feature, by what the pages say; what a person set stays. */
import type { Inside } from '#src/context.ts';
import type { Shape } from '#src/understand/difference.ts';
import { addressesMachine } from '#src/understand/findings.ts';

type Support = 'yes' | 'partly' | 'no';
type Finding = { support: Support; quote: string; url: string; note: string | null };
export type Said = { url: string; shape: Shape };

/** Rows a first comparison begins with. */
const MOST_ROWS = 20;

/** Rows of the comparison from the app's own features and the competitor's, when there are none yet or few. */
export async function proposeRows({ tx, workspaceId }: Inside, appId: string, said: readonly Said[]): Promise<void> {
  const known = await tx.selectFrom('features').select(['name', 'position']).where('appId', '=', appId).execute();
  if (known.length >= MOST_ROWS) return;
  const own = await tx
    .selectFrom('facts')
    .select('statement')
    .where('appId', '=', appId)
    .where('kind', '=', 'feature')
    .where('state', '<>', 'retired')
    .orderBy('confidence', 'desc')
    .limit(12)
    .execute();
  const theirs = said.flatMap(({ shape }) =>
    [...shape.features.filter(({ log }) => !log), ...shape.plans.flatMap((plan) => plan.features)].map(
      ({ text }) => text,
    ),
  );
  const names = new Map<string, string>();
  for (const text of [...own.map(({ statement }) => statement), ...theirs]) {
    const name = nameOf(text);
    if (name && !isKnown(name, [...known.map((row) => row.name), ...names.values()]))
      names.set(name.toLowerCase(), name);
  }
  let position = Math.max(0, ...known.map((row) => row.position));
  for (const name of [...names.values()].slice(0, MOST_ROWS - known.length))
    await tx
      .insertInto('features')
      .values({ workspaceId, appId, name, position: ++position })
      .onConflict((oc) => oc.columns(['workspaceId', 'appId', 'name']).doNothing())
      .execute();
}

/** A feature's name in few words; null for what is a sentence or a limit. */
function nameOf(text: string): string | null {
  const name = (text.split(/[:.–—(]| - /u)[0] ?? '').trim();
  if (name.length < 3 || name.length > 40 || name.split(' ').length > 5 || /\d/.test(name) || addressesMachine(text))
    return null;
  return /^(?:everything|all|unlimited|free|why|how|what|our|the|and|more|plus|is|you|we|it|get|start|new|fixed|one|unlike|no|not|see|only|without|compared|vs|built|made|ready|trusted|loved)\b/i.test(
    name,
  )
    ? null
    : name;
}

function isKnown(name: string, names: readonly string[]): boolean {
  const words = wordsOf(name);
  return names.some((other) => {
    const theirs = wordsOf(other);
    return words.every((word) => theirs.includes(word)) || theirs.every((word) => words.includes(word));
  });
}

/** Looks each row up in the pages of one competitor. What they do not say stays unknown. */
export async function fillColumn(
  { tx, workspaceId }: Inside,
  appId: string,
  competitorId: string,
  said: readonly Said[],
): Promise<void> {
  const rows = await tx.selectFrom('features').select(['id', 'name']).where('appId', '=', appId).execute();
  for (const { id: featureId, name } of rows) {
    const found = lookUp(name, said);
    const cell = await tx
      .selectFrom('featureSupport')
      .select(['id', 'source'])
      .where('featureId', '=', featureId)
      .where('competitorId', '=', competitorId)
      .executeTakeFirst();
    if (cell?.source === 'person') continue;
    const says = {
      support: found?.support ?? ('unknown' as const),
      note: found?.note ?? null,
      quote: found?.quote ?? null,
      quoteUrl: found?.url ?? null,
      source: 'built_in' as const,
    };
    if (!found && !cell) continue;
    await tx
      .insertInto('featureSupport')
      .values({ workspaceId, featureId, competitorId, ...says })
      .onConflict((oc) => oc.columns(['workspaceId', 'featureId', 'competitorId']).doUpdateSet(says))
      .execute();
  }
}

/** The app's own column, from its knowledge. */
export async function fillOwn({ tx, workspaceId }: Inside, appId: string): Promise<void> {
  const rows = await tx.selectFrom('features').select(['id', 'name']).where('appId', '=', appId).execute();
  const facts = await tx
    .selectFrom('facts as f')
    .leftJoinLateral(
      (eb) =>
        eb
          .selectFrom('evidence as e')
          .select(['e.quote', 'e.url'])
          .whereRef('e.factId', '=', 'f.id')
          .orderBy('e.seenAt', 'desc')
          .limit(1)
          .as('seen'),
      (join) => join.onTrue(),
    )
    .select(['f.statement', 'seen.quote', 'seen.url'])
    .where('f.appId', '=', appId)
    .where('f.kind', 'in', ['feature', 'selling_point', 'benefit'])
    .where('f.state', '<>', 'retired')
    .execute();
  for (const { id: featureId, name } of rows) {
    const cell = await tx
      .selectFrom('featureSupport')
      .select('id')
      .where('featureId', '=', featureId)
      .where('competitorId', 'is', null)
      .executeTakeFirst();
    const fact = facts.find(({ statement }) => holds(statement, name));
    if (cell || !fact) continue;
    await tx
      .insertInto('featureSupport')
      .values({
        workspaceId,
        featureId,
        competitorId: null,
        support: 'yes',
        quote: fact.quote ?? fact.statement,
        quoteUrl: fact.url,
        source: 'built_in',
      })
      .execute();
  }
}

/** Where the pages say that there is such a feature, or that there is none. Not being named is neither. */
export function lookUp(name: string, said: readonly Said[]): Finding | null {
  for (const { url, shape } of said) {
    const cells = shape.cells.filter((cell) => holds(cell.row, name));
    if (cells.length > 0) {
      const has = cells.filter(({ text }) => text !== 'no');
      const plans = has.map(({ column }) => column).filter(Boolean);
      const row = cells[0]?.row ?? name;
      if (has.length === 0) return { support: 'no', quote: row, url, note: 'Marked as missing in their table' };
      return {
        support: 'yes',
        quote: `${row}: ${cells.map(({ text }) => text).join(', ')}`.slice(0, 400),
        url,
        note: has.length < cells.length ? `Only in ${plans.join(', ')}` : null,
      };
    }
    const listed = shape.plans.flatMap((plan) =>
      plan.features.filter(({ text }) => holds(text, name)).map((feature) => ({ ...feature, plan: plan.name })),
    );
    if (listed.length > 0) {
      const has = listed.filter(({ mark }) => mark !== 'no');
      const quote = listed[0]?.text ?? name;
      if (has.length === 0) return { support: 'no', quote, url, note: 'Marked as missing in their plans' };
      const soon = /coming soon|beta|bald verfügbar/i.test(quote);
      return {
        support: soon ? 'partly' : 'yes',
        quote,
        url,
        note: has.length < shape.plans.length ? `In ${[...new Set(has.map(({ plan }) => plan))].join(', ')}` : null,
      };
    }
  }
  for (const { url, shape } of said) {
    const stated = [...shape.features, ...shape.sections, ...shape.sentences].find(
      ({ text }) => text.length <= 300 && holds(text, name),
    );
    if (!stated || addressesMachine(stated.text)) continue;
    if (/\b(?:no|not|without|doesn'?t|don'?t|never|unlike|kein\w*|ohne)\b/i.test(stated.text)) continue;
    return {
      support: /coming soon|beta|roadmap|planned/i.test(stated.text) ? 'partly' : 'yes',
      quote: stated.text,
      url,
      note: null,
    };
  }
  return null;
}

function holds(text: string, name: string): boolean {
  const wanted = wordsOf(name);
  if (wanted.length === 0) return false;
  const words = new Set(wordsOf(text));
  return wanted.every((word) => words.has(word));
}

const EMPTY = new Set('a an the of for to in on with and or your our by from at is are any all every as'.split(' '));

function wordsOf(text: string): string[] {
  return (text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [])
    .filter((word) => !EMPTY.has(word))
    .map((word) => (word.length > 4 ? word.replace(/(?:ings?|ies|es|s)$/, '') : word.replace(/(?<=\w{3})s$/, '')));
}
