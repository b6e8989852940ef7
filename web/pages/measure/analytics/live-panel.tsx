import { Drawer } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { counted, relative } from '#web/format.ts';
import { BreakdownRows } from '#web/parts/breakdown.tsx';
import { ErrorNotice } from '#web/parts/error-notice.tsx';
import { type Live, liveQuery } from './queries.ts';
import { countryName, Flag, valueWords } from './words.tsx';

/** Who is there now and what they do. */
export function LivePanel({ appId, onClose }: { appId: string; onClose: () => void }) {
  const live = useQuery(liveQuery(appId));
  return (
    <Drawer
      opened
      onClose={onClose}
      position="right"
      size={440}
      title="Now on the site"
      closeButtonProps={{ 'aria-label': 'Close' }}
      overlayProps={{ color: 'var(--overlay)', backgroundOpacity: 1 }}
    >
      {live.data && <Now live={live.data} />}
      {live.error && (
        <ErrorNotice title="The live view did not load" error={live.error} onRetry={() => void live.refetch()} />
      )}
    </Drawer>
  );
}

function Now({ live }: { live: Live }) {
  const most = Math.max(1, ...live.minutes.map(({ views }) => views));
  return (
    <div className="stack" data-gap="large">
      <p className="live-now" role="status">
        <strong className="num">{live.visitors5}</strong>
        <span>
          in the last 5 minutes
          <small className="num">{counted(live.visitors30, 'person', 'people')} in the last 30</small>
        </span>
      </p>
      <figure className="live-minutes">
        <div aria-hidden="true">
          {live.minutes.map(({ at, views }) => (
            <i
              key={at.toISOString()}
              style={{ height: `${Math.max(4, (views / most) * 100)}%` }}
              data-none={views === 0 || undefined}
            />
          ))}
        </div>
        <figcaption className="sub">Page views a minute, the last 30 minutes</figcaption>
      </figure>
      {live.pages.length > 0 && (
        <BreakdownRows
          label="Pages now"
          head="Page"
          measure="People"
          rows={live.pages.map(({ path, visitors }) => ({ key: path, name: path, value: visitors }))}
        />
      )}
      {live.sources.length > 0 && (
        <BreakdownRows
          label="Sources of the last half hour"
          head="Came from, last 30 minutes"
          measure="People"
          rows={live.sources.map(({ source, channel, visitors }) => ({
            key: `${source} ${channel}`,
            name: valueWords('source', source),
            note: channel,
            value: visitors,
          }))}
        />
      )}
      {live.countries.length > 0 && (
        <BreakdownRows
          label="Countries of the last half hour"
          head="Country"
          measure="People"
          rows={live.countries.map(({ country, visitors }) => ({
            key: country,
            name: countryName(country),
            icon: <Flag code={country} />,
            value: visitors,
          }))}
        />
      )}
      <section>
        <h3 className="live-head">What happens</h3>
        {live.events.length === 0 && <p className="sub">Nothing in the last half hour.</p>}
        <ol className="live-events">
          {live.events.map((event) => (
            <li key={event.id}>
              <Flag code={event.country ?? ''} />
              <span className="clip">
                {event.kind === 'pageview' ? '' : <b>{event.kind} </b>}
                {event.path}
                {event.source && <small> from {event.source}</small>}
              </span>
              <time className="sub num" dateTime={event.at.toISOString()}>
                {relative(event.at, live.at)}
              </time>
            </li>
          ))}
        </ol>
      </section>
    </div>
  );
}
