import '#web/styles/home.css';
import '#web/styles/measure.css';
import '#web/styles/forms.css';
import './channels/channels.css';
import { NativeSelect } from '@mantine/core';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { Plus } from 'lucide-react';
import { useState } from 'react';
import { useAddress } from '#web/address.ts';
import { api } from '#web/api.ts';
import { useApp } from '#web/app.tsx';
import { Button } from '#web/parts/button.tsx';
import { EmptyState } from '#web/parts/empty-state.tsx';
import { Loaded } from '#web/parts/loaded.tsx';
import { Page } from '#web/parts/page.tsx';
import { RangePicker } from '#web/parts/range-picker.tsx';
import { SkeletonCard } from '#web/parts/skeleton.tsx';
import { ZoneNote } from '#web/parts/zone-note.tsx';
import { useRange } from '#web/range.ts';
import { Adopt } from './channels/adopt.tsx';
import { ChannelDrawer } from './channels/channel-drawer.tsx';
import { ChannelForm } from './channels/channel-form.tsx';
import { ChannelTable } from './channels/channel-table.tsx';
import { type Channel, type Figures, kindWords, rankOf, type Sort, sortWords } from './channels/words.ts';
import { channelsQuery } from './links/queries.ts';

export function ChannelsPage() {
  const app = useApp();
  const { asked, label } = useRange();
  const [sortAsked, setSort] = useAddress('sort', 'kind');
  const sort = (Object.keys(sortWords) as Sort[]).find((one) => one === sortAsked) ?? 'kind';
  const [chosen, choose] = useAddress('channel', null);
  const [adopting, setAdopting] = useState(false);
  const [making, setMaking] = useState(false);
  const query = useQuery(channelsQuery(app.id));
  const returns = useQuery({
    queryKey: ['returns', app.id, asked, 'channel', 500],
    queryFn: () => api.returns.by({ appId: app.id, ...asked, by: 'channel', limit: 500 }),
    placeholderData: keepPreviousData,
  });
  const figuresOf = (channelId: string) => returns.data?.rows.find((row) => row.key === channelId);
  const adopt = (
    <Button look="primary" onClick={() => setAdopting(true)}>
      <Plus size={15} aria-hidden="true" /> Find places
    </Button>
  );
  return (
    <Page
      title="Channels"
      intro="Every way people hear of your app: what it brings, what it costs, what to do next."
      actions={
        <>
          <RangePicker compare={false} />
          <Button onClick={() => setMaking(true)}>Add your own</Button>
          {adopt}
        </>
      }
    >
      <Loaded query={query} title="The channels did not load" skeleton={<SkeletonCard height={420} />}>
        {({ channels }) =>
          channels.length === 0 ? (
            <div className="card">
              <h2 className="hidden-text">Your channels</h2>
              <EmptyState title="No channels yet" ghost={false} action={adopt}>
                Choose from more than seventy known places, those for apps like {app.name} first. Each comes with its
                manners, its limits and a first step.
              </EmptyState>
            </div>
          ) : (
            <Loaded
              query={returns}
              title="What the channels brought did not load"
              skeleton={<SkeletonCard height={420} />}
            >
              {({ currency, timeZone }) => (
                <div className="stack">
                  <div>
                    <NativeSelect
                      aria-label="Order"
                      w={200}
                      value={sort}
                      onChange={(event) => setSort(event.currentTarget.value)}
                      data={Object.entries(sortWords).map(([value, words]) => ({ value, label: words }))}
                    />
                  </div>
                  {groupsOf(channels, figuresOf, sort).map(([title, rows]) => (
                    <ChannelTable
                      key={title}
                      title={title}
                      channels={rows}
                      figuresOf={figuresOf}
                      currency={currency}
                      range={label}
                      onOpen={choose}
                    />
                  ))}
                  <ZoneNote zone={timeZone} />
                </div>
              )}
            </Loaded>
          )
        }
      </Loaded>
      {adopting && <Adopt appId={app.id} onClose={() => setAdopting(false)} />}
      {making && <ChannelForm appId={app.id} onClose={() => setMaking(false)} />}
      {chosen && query.data && returns.data && (
        <ChannelDrawer
          key={chosen}
          channel={query.data.channels.find((one) => one.id === chosen)}
          figures={figuresOf(chosen)}
          currency={returns.data.currency}
          range={label}
          onClose={() => choose(null)}
        />
      )}
    </Page>
  );
}

/** By kind, in the order of the kinds, or all in one; the highest first, what was dropped last. */
function groupsOf(
  channels: Channel[],
  figuresOf: (channelId: string) => Figures | undefined,
  sort: Sort,
): [title: string, channels: Channel[]][] {
  const ranked = [...channels].sort(
    (a, b) =>
      Number(a.status === 'dropped') - Number(b.status === 'dropped') ||
      compared(rankOf(figuresOf(b.id), sort), rankOf(figuresOf(a.id), sort)),
  );
  if (sort !== 'kind') return [['All channels', ranked]];
  const kinds = Object.keys(kindWords) as Channel['kind'][];
  return kinds.flatMap((kind) => {
    const rows = ranked.filter((channel) => channel.kind === kind);
    return rows.length > 0 ? [[kindWords[kind], rows] satisfies [string, Channel[]]] : [];
  });
}

/** Also of what has no rank: two infinities are equal. */
function compared(a: number, b: number): number {
  return a === b ? 0 : a - b;
}
