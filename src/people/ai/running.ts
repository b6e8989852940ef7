import { setTimeout as wait } from 'node:timers/promises';
import { z } from 'zod';
import { visible } from '#src/ask.ts';
import { type Context, transaction } from '#src/context.ts';
import { id } from '#src/operation.ts';

export const runningCall = z.object({
  id,
  purpose: z.string(),
  subject: id.nullable(),
  model: z.string(),
  startedAt: z.date(),
  /** Characters so far. */
  characters: z.int(),
  /** The last texts of the answer so far, as plain text; the one being written stands last. Nothing of it is checked yet. */
  arrived: z.array(z.string()),
  cancelling: z.boolean(),
});
export type RunningCall = z.infer<typeof runningCall>;

/** The calls to a model that run now, the oldest first, at most 20; `subjects` narrows them to those for these rows. */
export function callsRunning(context: Context, subjects?: readonly string[]): Promise<RunningCall[]> {
  return transaction(context, async ({ tx, clock }) => {
    const rows = await tx
      .selectFrom('aiCalls')
      .select(['id', 'purpose', 'subject', 'model', 'startedAt', 'answer', 'cancelAskedAt'])
      .where('outcome', '=', 'running')
      .where('giveUpAt', '>', clock.now())
      .$if(subjects !== undefined, (query) => query.where('subject', 'in', subjects ?? []))
      .orderBy('startedAt')
      .limit(20)
      .execute();
    return rows.map(({ answer, cancelAskedAt, ...row }) => ({
      ...row,
      characters: answer?.length ?? 0,
      arrived: arrivedIn(answer ?? ''),
      cancelling: cancelAskedAt !== null,
    }));
  });
}

/** As often as what has arrived is kept (src/ask.ts). */
const LOOK_MS = 400;

export type Quiet = { before: number; after: number };

/**
 * The running calls again and again, each time something about them has changed, from whichever process they are made:
 * that is why it looks into the database. Ends when `signal` does, and by itself when nothing has run for `before`
 * milliseconds from the start, or for `after` milliseconds since the last one ended.
 */
export async function* followCalls(
  context: Context,
  { subjects, signal, quiet }: { subjects?: readonly string[] | undefined; signal: AbortSignal; quiet: Quiet },
): AsyncGenerator<RunningCall[]> {
  let told = '[]';
  let last = performance.now();
  let ms = quiet.before;
  while (!signal.aborted) {
    const calls = await callsRunning(context, subjects);
    const now = JSON.stringify(calls);
    if (now !== told) yield calls;
    told = now;
    if (calls.length > 0) {
      last = performance.now();
      ms = quiet.after;
    } else if (performance.now() - last >= ms) return;
    await wait(LOOK_MS, undefined, { signal }).catch(() => undefined);
  }
}

/**
 * The last five texts in JSON that is still being written, each once, the unfinished one too. Every string is walked
 * over from the first on, names and short ones as well: one left out would turn inside and outside round.
 */
function arrivedIn(json: string): string[] {
  const strings = json.matchAll(/"([^"\\]*(?:\\.[^"\\]*)*)"?(\s*:)?/gs);
  const texts = [...strings].flatMap(([, inner = '', colon]) => (colon || inner.length < 20 ? [] : [inner]));
  return [...new Set(texts)].slice(-5).flatMap((text) => {
    try {
      // What is still coming may end within an escape.
      const whole = text.replace(/\\u[\da-f]{0,3}$/i, '').replaceAll(/\p{Cc}/gu, ' ');
      return [
        visible(
          z
            .string()
            .parse(JSON.parse(`"${whole}"`))
            .slice(-500),
        ),
      ];
    } catch {
      // A broken escape: the model's mistake, and this is only what it shows on its way.
      return [];
    }
  });
}
