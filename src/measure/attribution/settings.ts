import type { Inside } from '#src/context.ts';
import { creditModels } from '#src/measure/credit.ts';

/** Models learnt from the app's own journeys, beside the rules of `creditModels`. */
export const learntModels = ['markov', 'shapley'] as const;
export type LearntModel = (typeof learntModels)[number];
export const allModels = [...creditModels, ...learntModels] as const;
export type AnyModel = (typeof allModels)[number];

/** How an app gives credit. `position` are the parts of the first and the last touch, 0 to 1. */
export type AttributionSettings = {
  model: AnyModel;
  windowDays: number;
  halfLifeDays: number;
  position: { first: number; last: number };
  markovOrder: 1 | 2 | 3;
};

export async function settingsOf({ tx }: Inside, appId: string): Promise<AttributionSettings> {
  const row = await tx
    .selectFrom('trackingSettings')
    .select(['attributionModel', 'attributionWindowDays', 'decayHalfLifeDays', 'markovOrder'])
    .select(['positionFirstPercent', 'positionLastPercent'])
    .where('appId', '=', appId)
    .executeTakeFirst();
  return {
    model: row?.attributionModel ?? 'last_non_direct',
    windowDays: row?.attributionWindowDays ?? 30,
    halfLifeDays: row?.decayHalfLifeDays ?? 7,
    position: { first: (row?.positionFirstPercent ?? 40) / 100, last: (row?.positionLastPercent ?? 40) / 100 },
    markovOrder: ([1, 2, 3] as const).find((order) => order === row?.markovOrder) ?? 1,
  };
}
