import '#web/styles/home.css';
import '#web/styles/forms.css';
import './channels/channels.css';
import { useQuery } from '@tanstack/react-query';
import { Plus } from 'lucide-react';
import { useState } from 'react';
import { useAddress } from '#web/address.ts';
import { useApp } from '#web/app.tsx';
import { Button } from '#web/parts/button.tsx';
import { EmptyState } from '#web/parts/empty-state.tsx';
import { Loaded } from '#web/parts/loaded.tsx';
import { Page } from '#web/parts/page.tsx';
import { Segmented } from '#web/parts/segmented.tsx';
import { SkeletonCard } from '#web/parts/skeleton.tsx';
import { Adopt } from './channels/adopt.tsx';
import { ChannelDrawer } from './channels/channel-drawer.tsx';
import { ChannelForm } from './channels/channel-form.tsx';
import { ChannelTable } from './channels/channel-table.tsx';
import { type Channel, kindWords } from './channels/words.ts';
import { channelsQuery } from './links/queries.ts';

const ranges = [
  { value: '30', label: '30 days' },
  { value: '90', label: '90 days' },
  { value: '365', label: 'A year' },
] as const;

export function ChannelsPage() {
  const app = useApp();
  const [asked, setDays] = useAddress('days', '90');
  const days = ranges.find(({ value }) => value === asked)?.value ?? '90';
  const [chosen, choose] = useAddress('channel', null);
  const [adopting, setAdopting] = useState(false);
  const [making, setMaking] = useState(false);
  const query = useQuery(channelsQuery(app.id, Number(days)));
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
          <Button onClick={() => setMaking(true)}>Add your own</Button>
          {adopt}
        </>
      }
    >
      <Loaded query={query} title="The channels did not load" skeleton={<SkeletonCard height={420} />}>
        {({ channels, floor }) =>
          channels.length === 0 ? (
            <div className="card">
              <h2 className="hidden-text">Your channels</h2>
              <EmptyState title="No channels yet" ghost={false} action={adopt}>
                Choose from more than seventy known places, those for apps like {app.name} first. Each comes with its
                manners, its limits and a first step.
              </EmptyState>
            </div>
          ) : (
            <div className="stack">
              <div>
                <Segmented label="Period" value={days} onChange={setDays} options={[...ranges]} />
              </div>
              {groupsOf(channels).map(([kind, rows]) => (
                <ChannelTable key={kind} title={kindWords[kind]} channels={rows} floor={floor} onOpen={choose} />
              ))}
            </div>
          )
        }
      </Loaded>
      {adopting && <Adopt appId={app.id} onClose={() => setAdopting(false)} />}
      {making && <ChannelForm appId={app.id} onClose={() => setMaking(false)} />}
      {chosen && query.data && (
        <ChannelDrawer
          key={chosen}
          channel={query.data.channels.find((one) => one.id === chosen)}
          floor={query.data.floor}
          onClose={() => choose(null)}
        />
      )}
    </Page>
  );
}

/** By kind, in the order of the kinds; within one the most visits first, what was dropped last. */
function groupsOf(channels: Channel[]): [Channel['kind'], Channel[]][] {
  const kinds = Object.keys(kindWords) as Channel['kind'][];
  return kinds.flatMap((kind) => {
    const rows = channels
      .filter((channel) => channel.kind === kind)
      .sort(
        (a, b) =>
          Number(a.status === 'dropped') - Number(b.status === 'dropped') || b.numbers.visits - a.numbers.visits,
      );
    return rows.length > 0 ? [[kind, rows] satisfies [Channel['kind'], Channel[]]] : [];
  });
}
