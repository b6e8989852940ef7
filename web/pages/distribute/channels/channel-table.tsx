import { count, day, money } from '#web/format.ts';
import { shareOf } from '#web/pages/measure/attribution/words.ts';
import { between, inMoney, type Ratio, ratioWords } from '#web/pages/measure/returns/words.ts';
import { ChartCard } from '#web/parts/chart-card.tsx';
import { DataTable } from '#web/parts/data-table.tsx';
import { StatusBadge } from '#web/parts/status-badge.tsx';
import { type Channel, type Figures, statusLook, statusWords } from './words.ts';

const oneDigit = new Intl.NumberFormat('en-GB', { maximumFractionDigits: 1 });
export const months = (value: number) => `${oneDigit.format(value)} months`;

/** Channels with what they brought and cost in the range. */
export function ChannelTable({
  title,
  channels,
  figuresOf,
  currency,
  range,
  onOpen,
}: {
  title: string;
  channels: Channel[];
  figuresOf: (channelId: string) => Figures | undefined;
  currency: string;
  range: string;
  onOpen: (channelId: string) => void;
}) {
  const inCurrency = inMoney(currency);
  const paid = (minor: string | undefined) =>
    minor === undefined || minor === '0' ? (
      <span className="cell-none">–</span>
    ) : (
      money(minor, currency, { whole: true })
    );
  return (
    <ChartCard
      title={title}
      file={`channels-${title.toLowerCase().replaceAll(/[^a-z]+/g, '-')}`}
      range={range}
      picture={false}
      rows={() => ({
        columns: [
          'Channel',
          'Status',
          'Visits',
          'Signups',
          'Customers',
          'Revenue',
          'Cost',
          'Per signup',
          'Payback months',
          'Currency',
        ],
        rows: channels.map((channel) => {
          const figures = figuresOf(channel.id);
          return [
            channel.name,
            statusWords[channel.status],
            figures?.visits ?? 0,
            figures?.signups ?? 0,
            figures?.customers ?? 0,
            figures?.revenueMinor ?? '0',
            figures?.cost.allMinor ?? '0',
            figures?.ratios.cpa.value ?? null,
            figures?.ratios.paybackMonths.value ?? null,
            currency,
          ];
        }),
      })}
    >
      <DataTable
        caption={title}
        height="two"
        rows={channels}
        rowKey={(channel) => channel.id}
        columns={[
          {
            key: 'name',
            head: 'Channel',
            cell: (channel) => (
              <>
                <button type="button" className="channel-name clip" onClick={() => onOpen(channel.id)}>
                  {channel.name}
                </button>
                <div className="cell-meta">
                  <StatusBadge status={statusLook[channel.status]} word={statusWords[channel.status]} />
                  {channel.nextStep && channel.status !== 'dropped' && (
                    <span className="clip">
                      {channel.nextStepOn && `${day(channel.nextStepOn, 'UTC')}: `}
                      {channel.nextStep}
                    </span>
                  )}
                </div>
              </>
            ),
          },
          {
            key: 'visits',
            head: 'Visits',
            align: 'right',
            width: '72px',
            cell: ({ id }) => count(figuresOf(id)?.visits ?? 0),
          },
          {
            key: 'signups',
            head: 'Signups',
            align: 'right',
            width: '76px',
            hideOnPhone: true,
            cell: ({ id }) => shareOf(figuresOf(id)?.signups ?? 0),
          },
          {
            key: 'revenue',
            head: 'Revenue',
            align: 'right',
            width: '88px',
            hideOnPhone: true,
            cell: ({ id }) => paid(figuresOf(id)?.revenueMinor),
          },
          {
            key: 'cost',
            head: 'Cost',
            align: 'right',
            width: '80px',
            hideOnPhone: true,
            cell: ({ id }) => paid(figuresOf(id)?.cost.allMinor),
          },
          {
            key: 'each',
            head: 'Per signup',
            align: 'right',
            width: '104px',
            hideOnPhone: true,
            cell: ({ id }) => <Ranged ratio={figuresOf(id)?.ratios.cpa} write={inCurrency} />,
          },
          {
            key: 'payback',
            head: 'Pays back in',
            align: 'right',
            width: '112px',
            hideOnPhone: true,
            cell: ({ id }) => <Ranged ratio={figuresOf(id)?.ratios.paybackMonths} write={months} />,
          },
        ]}
      />
    </ChartCard>
  );
}

/** A ratio with the span it lies in, or why there is none. */
function Ranged({ ratio, write }: { ratio: Ratio | undefined; write: (value: number) => string }) {
  const words = ratio && ratioWords(ratio, write);
  if (!ratio || words == null)
    return (
      <span className="cell-none" title={ratio?.reason ?? undefined}>
        –<span className="hidden-text">{ratio?.reason}</span>
      </span>
    );
  const span = between(ratio, write);
  return (
    <span title={span ? `95 % sure: ${span}` : undefined}>
      {words}
      {span && <span className="hidden-text">, with 95 % certainty {span}</span>}
    </span>
  );
}
