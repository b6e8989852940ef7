import type { Inside } from '#src/context.ts';

export const traitKinds = ['demographic', 'psychographic', 'pain', 'goal', 'behaviour'] as const;
export const presences = ['high', 'some', 'low'] as const;

type Trait = { kind: (typeof traitKinds)[number]; statement: string; factId?: string | null };
type Place = { platform: string; presence: (typeof presences)[number]; reasoning?: string | undefined };

export async function replaceTraits(inside: Inside, audienceId: string, traits: readonly Trait[]): Promise<void> {
  const { tx, workspaceId } = inside;
  await tx.deleteFrom('audienceTraits').where('audienceId', '=', audienceId).execute();
  if (traits.length > 0)
    await tx
      .insertInto('audienceTraits')
      .values(traits.map((trait) => ({ workspaceId, audienceId, ...trait })))
      .execute();
}

export async function replacePlatforms(inside: Inside, audienceId: string, places: readonly Place[]): Promise<void> {
  const { tx, workspaceId } = inside;
  await tx.deleteFrom('audiencePlatforms').where('audienceId', '=', audienceId).execute();
  const distinct = new Map(places.map((place) => [place.platform.toLowerCase(), place]));
  if (distinct.size > 0)
    await tx
      .insertInto('audiencePlatforms')
      .values([...distinct.values()].map((place) => ({ workspaceId, audienceId, ...place })))
      .execute();
}
