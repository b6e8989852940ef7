import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useAddress } from '#web/address.ts';
import { api } from '#web/api.ts';
import { count, percent } from '#web/format.ts';
import { Breakdown } from '#web/parts/breakdown.tsx';
import { Card } from '#web/parts/card.tsx';
import { ChartCard } from '#web/parts/chart-card.tsx';
import { DataTable } from '#web/parts/data-table.tsx';
import { Loaded } from '#web/parts/loaded.tsx';
import { Segmented } from '#web/parts/segmented.tsx';
import { SkeletonCard } from '#web/parts/skeleton.tsx';
import { useRange } from '#web/range.ts';
import { duration, kindWords, tookWords, type Ways } from './words.ts';

const kinds = ['signup', 'trial', 'purchase', 'goal'] as const;

/** Which ways people came, how long they took and over how many touches. */
export function JourneysTaken({ appId }: { appId: string }) {
  const { asked, label } = useRange();
  const [askedKind, setKind] = useAddress('ends', 'signup');
  const kind = kinds.find((one) => one === askedKind) ?? 'signup';
  const query = useQuery({
    queryKey: ['attribution', 'paths', appId, asked, kind],
    queryFn: () => api.attribution.paths({ appId, ...asked, kind }),
    placeholderData: keepPreviousData,
  });
  return (
    <Loaded query={query} title="The journeys did not load" skeleton={<SkeletonCard height={320} />}>
      {(data) => (
        <div className="row" data-split="2-1">
          <ChartCard
            title="Journeys"
            sub={`${count(data.conversions)} that ended in a ${kindWords[kind].toLowerCase()}`}
            file={`journeys-${kind}`}
            range={label}
            zone={data.timeZone}
            picture={false}
            rows={() => ({
              columns: ['Journey', 'Conversions', 'Seconds'],
              rows: data.paths.map((path) => [path.steps.join(' > '), path.conversions, Math.round(path.seconds)]),
            })}
          >
            <div className="credit-kinds">
              <Segmented
                label="How journeys ended"
                value={kind}
                onChange={setKind}
                options={kinds.map((value) => ({ value, label: kindWords[value] }))}
              />
            </div>
            <Journeys data={data} />
          </ChartCard>
          <div className="stack">
            <Card
              title="How long they took"
              sub={data.meanSeconds === null ? undefined : `${duration(data.meanSeconds)} on average`}
            >
              <Breakdown
                label="How long they took"
                head="From first touch"
                measure="People"
                shown={7}
                rows={data.took
                  .filter((row) => row.conversions > 0)
                  .map((row) => ({ key: row.key, name: tookWords[row.key] ?? row.key, value: row.conversions }))}
                empty="No journey of this kind in this range."
              />
            </Card>
            <Card
              title="Touches before"
              sub={data.meanTouches === null ? undefined : `${data.meanTouches.toFixed(1)} on average`}
            >
              <Breakdown
                label="Touches before the conversion"
                head="Touches"
                measure="People"
                shown={10}
                rows={data.touches
                  .filter((row) => row.conversions > 0)
                  .map((row) => ({ key: row.key, name: row.key, value: row.conversions }))}
                empty="No journey of this kind in this range."
              />
            </Card>
          </div>
        </div>
      )}
    </Loaded>
  );
}

function Journeys({ data }: { data: Ways }) {
  return (
    <>
      <DataTable
        caption="Most travelled journeys"
        rows={data.paths.slice(0, 15)}
        rowKey={(path) => path.steps.join('>')}
        empty="No journey of this kind in this range."
        columns={[
          {
            key: 'way',
            head: 'By way of',
            cell: (path) => (
              <div className="way-steps">
                {path.steps.map((step, index) => (
                  // biome-ignore lint/suspicious/noArrayIndexKey: the same channel may come twice; its place is what it is.
                  <span key={index}>{step}</span>
                ))}
              </div>
            ),
          },
          { key: 'n', head: 'People', align: 'right', width: '76px', cell: (path) => count(path.conversions) },
          {
            key: 'share',
            head: 'Share',
            align: 'right',
            width: '76px',
            hideOnPhone: true,
            cell: (path) => (path.share === null ? <span className="cell-none">–</span> : percent(path.share)),
          },
          {
            key: 'time',
            head: 'Took',
            align: 'right',
            width: '86px',
            hideOnPhone: true,
            cell: (path) => duration(path.seconds),
          },
        ]}
      />
      {(data.reason || data.more > 0) && (
        <div className="credit-notes">
          {data.reason && <p>Shares and averages: {data.reason}</p>}
          {data.more > 0 && <p className="num">{count(data.more)} more journeys are less travelled.</p>}
        </div>
      )}
    </>
  );
}
