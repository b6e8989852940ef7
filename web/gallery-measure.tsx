import { useFilters } from './filters.ts';
import { days, markers, visitors, visitorsBefore } from './gallery-home.tsx';
import { Breakdown, type BreakdownRow } from './parts/breakdown.tsx';
import { Card } from './parts/card.tsx';
import { ChartCard } from './parts/chart-card.tsx';
import { FilterBar } from './parts/filter-bar.tsx';
import { NotEnough } from './parts/not-enough.tsx';
import { Page } from './parts/page.tsx';
import { PlatformIcon } from './parts/platform-icon.tsx';
import { RangePicker } from './parts/range-picker.tsx';
import { TrendChart } from './parts/trend-chart.tsx';
import { ZoneNote } from './parts/zone-note.tsx';

const sources: BreakdownRow[] = [
  ['x', 'X', 3104, 0.424, 0.31],
  ['google', 'Google', 1820, 0.249, 0.04],
  ['direct', 'Direct', 1210, 0.165, -0.08],
  ['hackernews', 'Hacker News', 640, 0.087, null],
  ['linkedin', 'LinkedIn', 301, 0.041, 0],
  ['a-very-long-name', 'newsletter.of-someone-with-a-very-long-domain-name.example', 243, 0.033, 2.4],
].map(([key, name, value, share, change]) => ({ key, name, value, share, change }) as BreakdownRow);
const withMarks = sources.map((row) => ({ ...row, icon: <PlatformIcon platform={row.key} size={14} /> }));

/** The parts of the pages that measure, in their states. */
export function GalleryMeasure() {
  const { has, toggle } = useFilters();
  return (
    <Page title="Analytics" intro="outpost.example" actions={<RangePicker zone="Europe/Berlin" />}>
      <FilterBar name={(dimension) => dimension} />
      <ChartCard
        title="Visitors"
        sub="30 days"
        file="visitors"
        zone="Europe/Berlin"
        rows={() => ({ columns: ['day', 'visitors'], rows: days.map((day, index) => [day, visitors[index]]) })}
      >
        <TrendChart label="Visitors" days={days} current={visitors} previous={visitorsBefore} markers={markers} />
      </ChartCard>
      <div className="row" data-split="1-1">
        <Card title="Sources">
          <Breakdown
            label="Sources"
            head="Source"
            measure="Visitors"
            rows={withMarks}
            shown={5}
            isPicked={(key) => has('source', key)}
            onPick={({ key }) => toggle('source', key)}
          />
        </Card>
        <div className="stack">
          <Card title="Best time to post">
            <NotEnough missing={[{ what: 'posts', have: 12, need: 30 }]}>
              A best hour is named once it cannot be luck.
            </NotEnough>
          </Card>
          <Card title="Countries">
            <Breakdown label="Countries" head="Country" measure="Visitors" rows={[]} />
          </Card>
        </div>
      </div>
      <ZoneNote zone="Europe/Berlin" />
    </Page>
  );
}
