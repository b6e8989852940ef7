import { setTimeout as pause } from 'node:timers/promises';
import { z } from 'zod';
import type { Outcome, Server } from '#src/doors/cli/server.ts';
import type { Offered } from '#src/doors/operations.ts';

/** Where progress is written: never standard output, which holds the answer alone. */
export type Teller = { line(text: string): void; interactive: boolean };

/** Runs `work`; while it takes longer than a second, says so. */
export async function withProgress<T>(label: string, teller: Teller, work: () => Promise<T>): Promise<T> {
  const began = performance.now();
  let told = false;
  const tell = () => {
    const seconds = Math.round((performance.now() - began) / 1000);
    if (teller.interactive) process.stderr.write(`\r${label} … ${seconds} s `);
    else if (!told) teller.line(`${label} …`);
    told = true;
  };
  const timer = setInterval(tell, 1000);
  try {
    return await work();
  } finally {
    clearInterval(timer);
    if (told && teller.interactive) process.stderr.write(`\r${' '.repeat(label.length + 12)}\r`);
  }
}

const step = z.object({ name: z.string(), state: z.string(), message: z.string().nullish() });
const reading = z.object({
  state: z.string(),
  failure: z.object({ message: z.string() }).nullish(),
  steps: z.array(step),
});

/** The analysis that an answer has set going, if it names one. */
export function analysisIn(value: unknown): string | undefined {
  if (typeof value !== 'object' || value === null || !('analysisId' in value)) return undefined;
  return typeof value.analysisId === 'string' ? value.analysisId : undefined;
}

/**
 * Follows an analysis until it has ended, saying each step once when it begins and once when it ends. Returns the last
 * answer; a failed analysis is a fault.
 */
export async function followAnalysis(
  server: Omit<Server, 'upload'>,
  get: Offered,
  analysisId: string,
  teller: Teller,
  everyMs = 500,
): Promise<Outcome> {
  const said = new Map<string, string>();
  for (;;) {
    const answer = await server.call(get, { analysisId });
    if (!answer.ok) return answer;
    const parsed = reading.safeParse(answer.value);
    if (!parsed.success)
      return {
        ok: false,
        status: 0,
        problems: [],
        message: `${server.url} told of the analysis in a way this version does not know.`,
      };
    for (const one of parsed.data.steps) {
      if (one.state === 'waiting' || said.get(one.name) === one.state) continue;
      said.set(one.name, one.state);
      teller.line(`${SIGN[one.state] ?? '·'} ${one.name}${one.message ? `: ${one.message}` : ''}`);
    }
    if (!['waiting', 'running'].includes(parsed.data.state)) {
      if (parsed.data.state === 'done') return answer;
      return {
        ok: false,
        status: 0,
        problems: [],
        message: parsed.data.failure?.message ?? `The analysis was ${parsed.data.state}.`,
      };
    }
    await pause(everyMs);
  }
}

const SIGN: Record<string, string> = { running: '…', done: '✓', skipped: '–', failed: '✗' };
