import { Drawer } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { api } from '#web/api.ts';
import { counted, dateTime, day, money } from '#web/format.ts';
import { Loaded } from '#web/parts/loaded.tsx';
import { SkeletonLines } from '#web/parts/skeleton.tsx';
import { ZoneNote } from '#web/parts/zone-note.tsx';
import { nameOf } from './words.ts';

type Story = Awaited<ReturnType<typeof api.customers.show>>;
type Entry = Story['story'][number];

const conversionWords: Record<string, string> = { signup: 'Signed up', trial: 'Began a trial' };
const refundWords: Record<string, string> = {
  refund: 'Got money back',
  dispute: 'Disputed a payment',
  dispute_won: 'A dispute was won',
};
const gradeWords: Record<string, string> = {
  click_id: 'by the link they followed',
  checkout_metadata: 'by the checkout',
  code: 'by a code',
  server_event: 'told by your server',
  self_report: 'as they said',
  timing: 'by timing',
};

/** Everything known of one customer, newest first, and how it is known to be theirs. */
export function CustomerStory({ customerId, onClose }: { customerId: string; onClose: () => void }) {
  const query = useQuery({
    queryKey: ['customers', 'story', customerId],
    queryFn: () => api.customers.show({ customerId }),
  });
  return (
    <Drawer
      opened
      onClose={onClose}
      position="right"
      size={560}
      title={query.data ? nameOf(query.data.customer) : 'Customer'}
      closeButtonProps={{ 'aria-label': 'Close' }}
      overlayProps={{ color: 'var(--overlay)', backgroundOpacity: 1 }}
    >
      <Loaded query={query} title="The customer did not load" skeleton={<SkeletonLines lines={8} />}>
        {({ customer, story, links, shortened, timeZone }) => (
          <div className="stack">
            <p className="sub">
              {customer.erasedAt
                ? `Erased on ${day(customer.erasedAt, timeZone)}: name and links are gone, payments stay in the books.`
                : `First seen ${day(customer.firstSeenAt, timeZone)}${customer.audience ? `, ${customer.audience}` : ''}.`}
              {customer.mergedInto && ' Found to be the same person as another customer, who has the payments now.'}
            </p>
            {story.length === 0 ? (
              <p className="table-empty">Nothing is known of what they did.</p>
            ) : (
              <ol className="story">
                {story.map((entry, index) => (
                  // biome-ignore lint/suspicious/noArrayIndexKey: a story does not change its order.
                  <li key={index} data-kind={entry.kind}>
                    <span className="sub num">{dateTime(entry.at, timeZone)}</span>
                    <Told entry={entry} />
                  </li>
                ))}
              </ol>
            )}
            {shortened && <p className="sub">The newest 100 of each kind.</p>}
            {links.length > 0 && (
              <p className="sub">
                Known {[...new Set(links.map(({ grade }) => gradeWords[grade] ?? grade))].join(', ')}.
              </p>
            )}
            <ZoneNote zone={timeZone} />
          </div>
        )}
      </Loaded>
    </Drawer>
  );
}

function Told({ entry }: { entry: Entry }) {
  const amount = entry.amount ? money(entry.amount.minor, entry.amount.currency) : '';
  const properties = Object.entries(entry.properties ?? {})
    .map(([key, value]) => `${key} ${typeof value === 'object' ? JSON.stringify(value) : String(value)}`)
    .join(', ');
  switch (entry.kind) {
    case 'visit':
      return (
        <span>
          Came to {entry.title}
          {entry.source && ` from ${entry.source}`}
          {entry.post && (
            <>
              {' through '}
              <Link to="/posts/$postId" params={{ postId: entry.post.postId }}>
                {entry.post.title || 'a post'}
              </Link>
            </>
          )}
          <small className="sub"> {counted(entry.views ?? 0, 'page')}</small>
        </span>
      );
    case 'told':
      return <span>{entry.source === 'code' ? `Used the code ${entry.title}` : `Said: ${entry.title}`}</span>;
    case 'event':
      return (
        <span>
          {entry.title}
          {properties && <small className="sub"> {properties}</small>}
        </span>
      );
    case 'conversion':
      return (
        <b>
          {conversionWords[entry.title] ?? `Reached ${entry.title}`} {amount}
        </b>
      );
    case 'payment':
      return (
        <b className="num">
          Paid {amount}
          {entry.title && ` for ${entry.title}`}
        </b>
      );
    case 'refund':
      return (
        <b className="num">
          {refundWords[entry.title] ?? entry.title} {amount}
        </b>
      );
  }
}
