import { NativeSelect } from '@mantine/core';
import { useFilters } from '#web/filters.ts';
import { count, percent } from '#web/format.ts';
import { valueWords } from '#web/pages/measure/analytics/words.tsx';
import { Breakdown } from '#web/parts/breakdown.tsx';
import { ChartCard } from '#web/parts/chart-card.tsx';
import type { Answer, Grouping } from './queries.ts';
import { bounds, groupingWords } from './words.ts';

/** The same funnel by where people came from. A click narrows the page. */
export function FunnelGroups({ answer, by, onBy }: { answer: Answer; by: Grouping; onBy: (by: string) => void }) {
  const { toggle, has } = useFilters();
  return (
    <ChartCard
      title="By where they began"
      file={`funnel-by-${by}`}
      picture={false}
      action={
        <NativeSelect
          aria-label="Grouped by"
          size="xs"
          value={by}
          onChange={(event) => onBy(event.currentTarget.value)}
          data={Object.entries(groupingWords).map(([value, label]) => ({ value, label }))}
        />
      }
      rows={() => ({
        columns: [by, ...answer.steps.map(({ name }) => name), 'rate', 'low', 'high'],
        rows: answer.groups.map(({ value, reached, rate }) => [
          value,
          ...reached,
          rate?.value ?? null,
          rate?.interval.low ?? null,
          rate?.interval.high ?? null,
        ]),
      })}
    >
      <div className="funnel-groups">
        <Breakdown
          label={`Funnel by ${groupingWords[by].toLowerCase()}`}
          head={groupingWords[by]}
          measure="Began"
          columns={['Came through']}
          rows={answer.groups.map(({ value, label, reached, rate }) => ({
            key: value,
            name: valueWords(by, value, label),
            value: reached[0] ?? 0,
            note: rate
              ? `${percent(rate.value)} came through (${bounds(rate.interval)})`
              : 'Not enough data for a rate',
            more: [count(reached.at(-1) ?? 0)],
          }))}
          isPicked={(key) => has(by, key)}
          onPick={({ key }) => toggle(by, key)}
        />
      </div>
    </ChartCard>
  );
}
