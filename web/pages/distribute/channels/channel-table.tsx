import { count, day, money } from '#web/format.ts';
import { Card } from '#web/parts/card.tsx';
import { DataTable } from '#web/parts/data-table.tsx';
import { StatusBadge } from '#web/parts/status-badge.tsx';
import { type Channel, statusLook, statusWords } from './words.ts';

/** The channels of a kind with what they brought. */
export function ChannelTable({
  title,
  channels,
  floor,
  onOpen,
}: {
  title: string;
  channels: Channel[];
  floor: number;
  onOpen: (channelId: string) => void;
}) {
  return (
    <Card title={title}>
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
            cell: ({ numbers }) => count(numbers.visits),
          },
          {
            key: 'signups',
            head: 'Signups',
            align: 'right',
            width: '76px',
            hideOnPhone: true,
            cell: ({ numbers }) => count(numbers.signups),
          },
          {
            key: 'revenue',
            head: 'Revenue',
            align: 'right',
            width: '96px',
            hideOnPhone: true,
            cell: ({ numbers }) => money(numbers.revenue.minor, numbers.revenue.currency, { whole: true }),
          },
          {
            key: 'cost',
            head: 'Cost',
            align: 'right',
            width: '96px',
            hideOnPhone: true,
            cell: ({ numbers }) =>
              numbers.cost.minor === '0' ? (
                <span className="cell-none">–</span>
              ) : (
                money(numbers.cost.minor, numbers.cost.currency, { whole: true })
              ),
          },
          {
            key: 'each',
            head: 'Per signup',
            align: 'right',
            width: '112px',
            hideOnPhone: true,
            cell: ({ numbers }) =>
              numbers.costPerSignup ? (
                money(numbers.costPerSignup.minor, numbers.costPerSignup.currency)
              ) : numbers.cost.minor === '0' ? (
                <span className="cell-none">–</span>
              ) : (
                <span className="cell-none" title={`Below ${floor} signups`}>
                  Not enough data
                </span>
              ),
          },
        ]}
      />
    </Card>
  );
}
