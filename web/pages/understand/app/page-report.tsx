import { useHouse } from '#web/app.tsx';
import { count, counted, dateTime } from '#web/format.ts';
import { Lines } from './changed.tsx';
import type { PageDetails } from './queries.ts';

/** What one page says, how it is made, how it came, and how its words changed. */
export function PageReport({ page }: { page: PageDetails }) {
  const { timeZone } = useHouse();
  const { said, delivery, history } = page;
  const changed = history.filter((version) => version.changes.length > 0);
  return (
    <>
      {said && (
        <dl className="profile-list">
          <Row name="Words">
            {count(said.words)}
            {said.lang && `, in ${said.lang}`}
          </Row>
          {said.headings.length > 0 && (
            <Row name="Headings">
              <ul>
                {said.headings.slice(0, 12).map((heading, at) => (
                  // biome-ignore lint/suspicious/noArrayIndexKey: headings repeat, and none ever moves.
                  <li key={at} style={{ paddingLeft: `${(heading.level - 1) * 12}px` }}>
                    {heading.text}
                  </li>
                ))}
              </ul>
            </Row>
          )}
          {said.prices.length > 0 && (
            <Row name="Prices">
              <ul>
                {said.prices.map((price) => (
                  <li key={`${price.plan} ${price.amount} ${price.interval}`}>
                    {price.plan && `${price.plan}: `}
                    {price.amount} {price.currency}
                    {price.interval && (price.interval === 'once' ? ' once' : ` a ${price.interval}`)}{' '}
                    <span className="sub">“{price.quote}”</span>
                  </li>
                ))}
              </ul>
            </Row>
          )}
          {said.claims.length > 0 && (
            <Row name="Claims by number">
              <ul>
                {said.claims.slice(0, 8).map((claim) => (
                  <li key={claim.quote}>“{claim.quote}”</li>
                ))}
              </ul>
            </Row>
          )}
          {said.testimonials.length > 0 && (
            <Row name="Customers">
              <ul>
                {said.testimonials.slice(0, 6).map((one) => (
                  <li key={one.quote}>
                    “{one.quote}” {one.author && <span className="sub">{one.author}</span>}
                  </li>
                ))}
              </ul>
            </Row>
          )}
          {said.callsToAction.length > 0 && <Row name="Calls to action">{said.callsToAction.join(', ')}</Row>}
          {said.structuredKinds.length > 0 && <Row name="Structured data">{said.structuredKinds.join(', ')}</Row>}
          {said.technology.length > 0 && <Row name="Built with">{said.technology.join(', ')}</Row>}
        </dl>
      )}
      {delivery && (
        <dl className="profile-list num">
          <Row name="First byte after">{count(delivery.waitedMs)} ms</Row>
          <Row name="HTML">
            {count(Math.ceil(delivery.bytes / 1000))} kB, {delivery.encoding ?? 'unpacked'}
            {delivery.caching ? `, ${delivery.caching}` : ', no word on how long it may be kept'}
          </Row>
          <Row name="Files it names">
            {[
              counted(delivery.requests.script, 'script'),
              counted(delivery.requests.style, 'style sheet'),
              counted(delivery.requests.image, 'picture'),
              ...(delivery.requests.frame > 0 ? [counted(delivery.requests.frame, 'frame')] : []),
            ].join(', ')}
            {delivery.blocking > 0 && `; ${count(delivery.blocking)} hold up the first picture`}
          </Row>
          {delivery.images.all > 0 && (
            <Row name="Pictures">
              {count(delivery.images.withoutText)} without text, {count(delivery.images.unsized)} without a size,{' '}
              {count(delivery.images.lazy)} fetched late
            </Row>
          )}
          {delivery.redirects.length > 0 && <Row name="Redirects before it">{delivery.redirects.join(' → ')}</Row>}
        </dl>
      )}
      {changed.map((version) => (
        <div key={version.id}>
          <h4 className="quiet-head num">Changed {dateTime(version.readAt, timeZone)}</h4>
          <Lines lines={version.changes} />
        </div>
      ))}
    </>
  );
}

function Row({ name, children }: { name: string; children: React.ReactNode }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}
