import { z } from 'zod';
import { transaction } from '#src/context.ts';
import { id, operation } from '#src/operation.ts';
import { appOf } from '#src/understand/apps.ts';
import type { FactKind } from '#src/understand/findings.ts';
import { factsInUse } from '#src/understand/knowledge.ts';
import { checkVoice } from '#src/understand/voice.ts';

const ofVoice: readonly string[] = ['tone', 'do_say', 'dont_say', 'style_note'] satisfies FactKind[];

export const voiceOperations = {
  check: operation({
    summary: 'Check a text against the voice of an app.',
    route: 'POST /apps/{appId}/voice/check',
    access: 'read',
    input: z.strictObject({ appId: id, text: z.string().min(1).max(50_000) }),
    output: z.object({
      problems: z.array(z.object({ text: z.string(), reason: z.string() })),
      /** How many facts about the voice it was held against; with none there is nothing to find. */
      rules: z.int(),
    }),
    run: (context, { appId, text }) =>
      transaction(context, async (inside) => {
        await appOf(inside, appId);
        const facts = (await factsInUse(inside, appId)).filter((fact) => ofVoice.includes(fact.kind));
        const voice = facts.map(({ kind, ...fact }) => ({ ...fact, kind: kind as FactKind }));
        return { ...checkVoice(text, voice), rules: facts.length };
      }),
  }),
};
