import type { Inside } from '#src/context.ts';
import type { FoundAudience } from '#src/understand/findings.ts';
import { replacePlatforms, replaceTraits } from './profile.ts';

const GUESSED = 'Estimated from who they are; the pages do not say it.';

/**
 * Keeps the audiences a reading found as proposals. One that a person confirmed, changed or retired is left as it is.
 * A pain or goal that is a fact of the app keeps the link to it.
 */
export async function learnAudiences(inside: Inside, appId: string, found: readonly FoundAudience[]): Promise<void> {
  const { tx, workspaceId } = inside;
  const known = await tx.selectFrom('audiences').select(['id', 'name', 'state']).where('appId', '=', appId).execute();
  const facts = await tx
    .selectFrom('facts')
    .select(['id', 'statement'])
    .where('appId', '=', appId)
    .where('state', '!=', 'retired')
    .execute();
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
    ]);
    await replacePlatforms(
      inside,
      audienceId,
      audience.platforms.map((platform) => ({ platform, presence: 'some', reasoning: GUESSED })),
    );
  }
}
