import { Checkbox, Drawer, NativeSelect } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { api } from '#web/api.ts';
import { useChange } from '#web/change.ts';
import { counted } from '#web/format.ts';
import { channelsKey } from '#web/pages/distribute/links/queries.ts';
import { Button } from '#web/parts/button.tsx';
import { ErrorNotice } from '#web/parts/error-notice.tsx';
import { Loaded } from '#web/parts/loaded.tsx';
import { SkeletonLines } from '#web/parts/skeleton.tsx';
import { Manners } from './manners.tsx';
import { kindWords, type Place } from './words.ts';

/** Known places to take on, those made for the app's category first. */
export function Adopt({ appId, onClose }: { appId: string; onClose: () => void }) {
  const [kind, setKind] = useState('');
  const [chosen, setChosen] = useState<readonly string[]>([]);
  const query = useQuery({
    queryKey: [...channelsKey, 'places', appId],
    queryFn: () => api.channels.places({ appId }),
  });
  const adopting = useChange(api.channels.adopt, { refreshes: [channelsKey], says: 'Channels added', after: onClose });
  const toggle = (id: string) =>
    setChosen((before) => (before.includes(id) ? before.filter((one) => one !== id) : [...before, id]));
  return (
    <Drawer
      opened
      onClose={onClose}
      position="right"
      size={560}
      title="Places where apps reach people"
      closeButtonProps={{ 'aria-label': 'Close' }}
      overlayProps={{ color: 'var(--overlay)', backgroundOpacity: 1 }}
    >
      <Loaded query={query} title="The places did not load" skeleton={<SkeletonLines lines={12} />}>
        {({ places, category }) => {
          const shown = places.filter((place) => kind === '' || place.kind === kind);
          const groups = [
            { title: `Made for ${category.replaceAll('_', ' ')}`, rows: shown.filter((one) => one.fit === 'made_for') },
            { title: 'For any app', rows: shown.filter((one) => one.fit === 'any') },
            { title: 'Rather for other apps', rows: shown.filter((one) => one.fit === 'other') },
          ];
          return (
            <div className="stack">
              <NativeSelect
                label="Kind"
                value={kind}
                onChange={(event) => setKind(event.currentTarget.value)}
                data={[
                  { value: '', label: 'All kinds' },
                  ...Object.entries(kindWords).map(([value, label]) => ({ value, label })),
                ]}
              />
              {groups.map(
                ({ title, rows }) =>
                  rows.length > 0 && (
                    <section key={title} className="places" aria-label={title}>
                      <h3>
                        {title} <span className="sub num">{counted(rows.length, 'place')}</span>
                      </h3>
                      {rows.map((place) => (
                        <PlaceRow
                          key={place.id}
                          place={place}
                          chosen={chosen.includes(place.id)}
                          onToggle={() => toggle(place.id)}
                        />
                      ))}
                    </section>
                  ),
              )}
              <div className="places-foot">
                {adopting.error && <ErrorNotice title="Not added" error={adopting.error} />}
                <Button
                  look="primary"
                  disabled={chosen.length === 0}
                  busy={adopting.isPending}
                  onClick={() => adopting.mutate({ appId, placeIds: [...chosen] })}
                >
                  {chosen.length === 0 ? 'Choose some places' : `Add ${counted(chosen.length, 'channel')}`}
                </Button>
              </div>
            </div>
          );
        }}
      </Loaded>
    </Drawer>
  );
}

function PlaceRow({ place, chosen, onToggle }: { place: Place; chosen: boolean; onToggle: () => void }) {
  const [open, setOpen] = useState(false);
  return (
    <div className="place">
      <div className="place-head">
        {place.channelId ? (
          <span className="tag" data-tone="pos">
            Added
          </span>
        ) : (
          <Checkbox aria-label={`Add ${place.name}`} checked={chosen} onChange={onToggle} />
        )}
        <button type="button" className="channel-name" aria-expanded={open} onClick={() => setOpen(!open)}>
          {place.name}
        </button>
        <span className="sub">{kindWords[place.kind]}</span>
      </div>
      {!open && <p className="sub clip">{place.customs[0]}</p>}
      {open && <Manners place={place} />}
    </div>
  );
}
