import type { Inside } from '#src/context.ts';
import { factsInUse } from '#src/understand/knowledge.ts';

/** The knowledge that may be written with, surest first; a person's own words stand as their own quote. */
export async function factsForWriting(inside: Inside, appId: string) {
  const facts = await factsInUse(inside, appId);
  return facts.map((fact) => ({ ...fact, quote: fact.quote || fact.statement }));
}

export type Fact = Awaited<ReturnType<typeof factsForWriting>>[number];
