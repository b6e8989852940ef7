/** How well changes of a competitor's page are told from noise, on made pairs of pages. */
import type { Row } from '#bench/intelligence.ts';
import { comparePages } from '#src/understand/difference.ts';
import { pairs } from '#test/page-pairs/pairs.ts';

/** The 200 pairs of the tests and 1,800 more, drawn from other seeds. */
export async function run(): Promise<Row[]> {
  return [...figures('200 pairs', 200, 1), ...figures('1,800 more', 1_800, 10_001)];
}

function figures(name: string, count: number, from: number) {
  const bare = (text: string | null) => (text ?? '').replaceAll(',', '');
  let quiet = 0;
  let alarms = 0;
  let seeded = 0;
  let told = 0;
  for (const { before, after, expected } of pairs(count, from)) {
    const { changes } = comparePages(before, after);
    if (expected.length === 0) {
      quiet++;
      if (changes.length > 0) alarms++;
    }
    for (const one of expected) {
      seeded++;
      if (
        changes.some(
          (change) =>
            change.kind === one.kind &&
            bare(change.before).includes(bare(one.before)) &&
            bare(change.after).includes(bare(one.after)),
        )
      )
        told++;
    }
  }
  return [
    { what: `${name}: pages with noise alone that alert`, measured: `${alarms} of ${quiet}`, target: '0' },
    {
      what: `${name}: seeded changes told with kind, before and after`,
      measured: `${told} of ${seeded}`,
      target: 'all',
    },
  ];
}
