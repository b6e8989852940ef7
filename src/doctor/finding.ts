/** `unknown`: it could not be looked at, or there is nothing to look at yet. */
export const verdicts = ['ok', 'warning', 'problem', 'unknown'] as const;
export type Verdict = (typeof verdicts)[number];

/** What one check found: a sentence about how it is, and what to do when it is not well. */
export type Finding = { id: string; title: string; verdict: Verdict; says: string; todo: string | null };

type Found = Pick<Finding, 'verdict' | 'says' | 'todo'>;

export const ok = (says: string): Found => ({ verdict: 'ok', says, todo: null });
export const warning = (says: string, todo: string): Found => ({ verdict: 'warning', says, todo });
export const problem = (says: string, todo: string): Found => ({ verdict: 'problem', says, todo });
export const unknown = (says: string, todo: string | null = null): Found => ({ verdict: 'unknown', says, todo });

export type Check = { id: string; title: string; look(): Promise<Found> };

/** So long a check may take, in milliseconds; most take none, those that call somewhere a few seconds. */
const PATIENCE = 20_000;

/** Carries out checks at the same time. One that fails is told as one that could not be done, with the reason. */
export async function carryOut(checks: readonly Check[], patience: number = PATIENCE): Promise<Finding[]> {
  return Promise.all(
    checks.map(async ({ id, title, look }) => {
      let timer: NodeJS.Timeout | undefined;
      const late = new Promise<Found>((done) => {
        timer = setTimeout(
          () => done(unknown(`This took longer than ${patience / 1000} s and was given up.`)),
          patience,
        );
      });
      const found = await Promise.race([
        look().catch((error: Error) => unknown(`This could not be looked at: ${error.message}`)),
        late,
      ]);
      clearTimeout(timer);
      return { id, title, ...found };
    }),
  );
}

/** `1.4 GB`, `320 MB`: decimal, as disks are sold. */
export function bytesInWords(bytes: number): string {
  return bytes >= 1e9 ? `${(bytes / 1e9).toFixed(1)} GB` : `${Math.round(bytes / 1e6)} MB`;
}

/** `2 minutes`, `3 days`, in the largest unit that fits. */
export function lengthInWords(milliseconds: number): string {
  const units: [number, string][] = [
    [86_400_000, 'day'],
    [3_600_000, 'hour'],
    [60_000, 'minute'],
    [1_000, 'second'],
  ];
  const [size, name] = units.find(([one]) => milliseconds >= one) ?? [1_000, 'second'];
  const count = Math.round(milliseconds / size);
  return `${count} ${name}${count === 1 ? '' : 's'}`;
}
