import type { Row } from '#bench/intelligence.ts';
import {
  benchmarkScore,
  countings,
  delays,
  detect,
  falseAlarms,
  labelledSeries,
  leaveOneFolderOut,
} from '#test/anomalies.ts';

/** Alarms on the published series by the rules of the Numenta benchmark, and on simulated daily counts. */
export async function run(): Promise<Row[]> {
  return [...published(), ...counted()];
}

function published(): Row[] {
  const all = labelledSeries();
  if (!all) return [{ what: 'Published series', measured: 'absent, see ../shared/data/anomaly', target: '' }];
  const found = detect(all);
  const alarms = found.reduce((sum, each) => sum + each.alarms.length, 0);
  return [
    {
      what: `Numenta benchmark, standard profile, ${all.length} series, one threshold`,
      measured: `${benchmarkScore(found).toFixed(1)} (${alarms} alarms)`,
      target: '62, goal 70',
    },
    {
      what: 'the same, each folder with the threshold of the others',
      measured: leaveOneFolderOut(all).toFixed(1),
      target: '62',
    },
    ...[...new Set(all.map(({ folder }) => folder))].map((folder) => {
      const own = found.filter(({ series }) => series.folder === folder);
      const windows = own.reduce((sum, { series }) => sum + series.windows.length, 0);
      return {
        what: `  ${folder}, ${windows} windows`,
        measured:
          windows === 0
            ? `${own.reduce((sum, each) => sum + each.alarms.length, 0)} alarms`
            : benchmarkScore(own).toFixed(1),
        target: windows === 0 ? 'none' : '',
      };
    }),
  ];
}

function counted(): Row[] {
  const rates = countings.map((counting) => falseAlarms(counting, { metrics: 30, days: 400 }));
  const mean = rates.reduce((sum, rate) => sum + rate, 0) / rates.length;
  const changes = [
    { name: '×2', ratio: 2 },
    { name: '×0.5', ratio: 0.5 },
    { name: 'drop to zero', ratio: 0 },
  ];
  return [
    {
      what: `False alarms in 60 days of daily counts, mean of ${countings.length} kinds of metric`,
      measured: mean.toFixed(3),
      target: 'at most 1',
    },
    { what: '  the worst kind', measured: Math.max(...rates).toFixed(3), target: 'at most 1' },
    ...changes.flatMap(({ name, ratio }) =>
      countings
        .filter(({ mean: each, scatter }) => [1, 5, 20].includes(each) && scatter !== 0.25)
        .map((counting) => {
          const { median, late, noticed } = delays(counting, ratio, 40);
          return {
            what: `  ${name}, ${counting.mean} a day${counting.scatter > 0 ? ', scattered' : ''}`,
            measured: `median ${median ?? 'none'} days, 9 of 10 within ${late ?? 'none'}, noticed in 60 days ${Math.round(noticed * 100)} %`,
            target: 'printed',
          };
        }),
    ),
  ];
}
