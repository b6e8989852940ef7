import type { Inside } from '#src/context.ts';
import { appOf } from '#src/understand/apps.ts';
import { conflictsIn } from './doubts.ts';
import { factGroups } from './groups.ts';
import { showFacts } from './show.ts';

/**
 * How complete and how sure each group of the knowledge is. `complete`: of its kinds, the share with a fact in use.
 * `sure`: the mean confidence of its facts in use, those a person decided on counting 1; null without one.
 */
export async function overviewOf(inside: Inside, appId: string) {
  await appOf(inside, appId);
  const facts = (await showFacts(inside, { appId })).filter(({ state }) => state !== 'retired');
  const conflicts = conflictsIn(facts);
  return {
    groups: factGroups.map(({ key, title, asks, kinds }) => {
      const own = facts.filter(({ kind }) => kinds.some((one) => one === kind));
      const ids = new Set(own.map(({ id }) => id));
      const has = (kind: string) => own.some((fact) => fact.kind === kind);
      return {
        key,
        title,
        asks,
        kinds: kinds.map((kind) => ({ kind, facts: own.filter((fact) => fact.kind === kind).length })),
        facts: own.length,
        decided: own.filter(({ state }) => state !== 'proposed').length,
        complete: kinds.filter(has).length / kinds.length,
        sure: own.length === 0 ? null : own.reduce((sum, { confidence }) => sum + confidence, 0) / own.length,
        stale: own.filter(({ stale }) => stale !== null).length,
        conflicts: conflicts.filter(({ factIds }) => factIds.some((id) => ids.has(id))).length,
      };
    }),
    conflicts: conflicts.map(({ factIds, reason }) => ({
      reason,
      facts: factIds.flatMap((id) => {
        const fact = facts.find((one) => one.id === id);
        return fact ? [{ id, kind: fact.kind, statement: fact.statement }] : [];
      }),
    })),
  };
}
