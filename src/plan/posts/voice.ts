import type { Inside } from '#src/context.ts';
import { heldAgainst, voiceRules } from '#src/understand/voice/samples.ts';
import { checkVoice } from '#src/understand/voice.ts';
import type { Problem } from './problems.ts';

/** More than these is no help to somebody who writes; the voice page has them all. */
const MOST = 5;

/** Where the words do not sound like their writer, said once for each reason; the same in several variants, once. */
export async function voiceProblems(
  inside: Inside,
  appId: string,
  variants: readonly { platform: string; parts: readonly { position: number; text: string }[] }[],
): Promise<Problem[]> {
  const rules = await voiceRules(inside, appId);
  const learnt = await heldAgainst(inside, appId);
  if (rules.length === 0 && !learnt) return [];
  const said = new Map<string, Problem>();
  for (const { platform, parts } of variants)
    for (const part of parts)
      for (const [reason, places] of Map.groupBy(checkVoice(part.text, rules, learnt).problems, (one) => one.reason)) {
        const words = [
          ...new Set(places.map(({ text }) => (text.length > 40 ? `${text.slice(0, 40).trimEnd()}…` : text))),
        ];
        const message = `“${words.slice(0, 3).join('”, “')}” does not sound like you. ${reason}`;
        if (!said.has(message))
          said.set(message, { kind: 'voice', severity: 'warns', platform, part: part.position, message, postId: null });
      }
  return [...said.values()].slice(0, MOST);
}
