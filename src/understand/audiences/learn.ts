import type { Inside } from '#src/context.ts';
import type { FoundAudience } from '#src/understand/findings.ts';
import { replacePlatforms, replaceTraits } from './profile.ts';
import { firstStep, replaceSteps, sizeOf } from './size.ts';

const GUESSED = 'Estimated from who they are; the pages do not say it.';

/** What makes people act is how they think, as far as pages tell. */
const MOST_MOVED = 3;

/**
 * Keeps the audiences a reading found as proposals. One that a person confirmed, changed or retired is left as it is.
 * A pain or goal that is a fact of the app keeps the link to it; so does what moves them. How many they are is proposed
 * only where a page names a number of such people; nothing is looked up and nothing guessed.
 */
export async function learnAudiences(inside: Inside, appId: string, found: readonly FoundAudience[]): Promise<void> {
  const { tx, workspaceId } = inside;
  const known = await tx.selectFrom('audiences').select(['id', 'name', 'state']).where('appId', '=', appId).execute();
  const facts = await tx
    .selectFrom('facts')
    .select(['id', 'kind', 'statement'])
    .where('appId', '=', appId)
    .where('state', '!=', 'retired')
    .orderBy('confidence', 'desc')
    .orderBy('id')
    .execute();
  const moved = facts.filter(({ kind }) => kind === 'emotional_trigger').slice(0, MOST_MOVED);
  for (const [key, [audience]] of Map.groupBy(found, (one) => one.name.toLowerCase())) {
    if (!audience) continue;
    const same = known.find((one) => one.name.toLowerCase() === key);
    if (same && same.state !== 'proposed') continue;
    const seen = {
      description: audience.description,
      quote: audience.quote,
      quoteUrl: audience.url,
      confidence: audience.confidence,
    };
    const { id: audienceId } = same
      ? await tx.updateTable('audiences').set(seen).where('id', '=', same.id).returning('id').executeTakeFirstOrThrow()
      : await tx
          .insertInto('audiences')
          .values({ workspaceId, appId, name: audience.name, ...seen, createdAt: inside.clock.now() })
          .returning('id')
          .executeTakeFirstOrThrow();
    const trait = (kind: 'pain' | 'goal') => (statement: string) => ({
      kind,
      statement,
      factId: facts.find((fact) => fact.statement === statement)?.id ?? null,
    });
    await replaceTraits(inside, audienceId, [
      ...audience.pains.map(trait('pain')),
      ...audience.goals.map(trait('goal')),
      ...moved.map(({ id: factId, statement }) => ({ kind: 'psychographic' as const, statement, factId })),
    ]);
    const step = sizeFrom(audience, facts);
    await replaceSteps(inside, audienceId, step ? [step] : []);
    await tx
      .updateTable('audiences')
      .set({ estimatedSize: step ? sizeOf([step]) : null })
      .where('id', '=', audienceId)
      .execute();
    await replacePlatforms(
      inside,
      audienceId,
      audience.platforms.map((platform) => ({ platform, presence: 'some', reasoning: GUESSED })),
    );
  }
}

/** A number of people that the market's own fact names, when it names people like these. */
function sizeFrom(audience: FoundAudience, facts: readonly { kind: string; statement: string }[]) {
  const last = audience.name.split(' ').at(-1)?.toLowerCase() ?? '';
  for (const { statement } of facts.filter(({ kind }) => kind === 'market_size')) {
    const step = firstStep(statement, `“${statement.slice(0, 200)}”`);
    if (step && last !== '' && step.label.toLowerCase().endsWith(last)) return step;
  }
  return null;
}
