import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useHouse } from '#web/app.tsx';
import { count, dateTime } from '#web/format.ts';
import { LinkButton } from '#web/parts/button.tsx';
import { Card } from '#web/parts/card.tsx';
import { DataTable } from '#web/parts/data-table.tsx';
import { Loaded } from '#web/parts/loaded.tsx';
import { SkeletonLines } from '#web/parts/skeleton.tsx';
import { type Letter, type List, lettersQuery } from './queries.ts';

export function LettersCard({ list }: { list: List }) {
  const { timeZone: zone } = useHouse();
  const letters = useQuery(lettersQuery(list.id));
  return (
    <Card
      title="Letters"
      action={
        <LinkButton to="/compose" look="quiet" size="small">
          Write a letter
        </LinkButton>
      }
    >
      <Loaded
        query={letters}
        title="The letters did not load"
        skeleton={
          <div className="card-body">
            <SkeletonLines lines={3} />
          </div>
        }
      >
        {(rows) => (
          <DataTable
            caption="Letters"
            height="two"
            rows={rows}
            rowKey={(letter) => letter.publicationId}
            empty="No letter yet. Write a post and choose this list among its accounts."
            columns={[
              { key: 'subject', head: 'Subject', cell: (letter) => <Subject letter={letter} zone={zone} /> },
              number('Sent', (letter) => letter.sent),
              number('Bounced', (letter) => letter.bounced, true),
              number('Not taken', (letter) => letter.failed + letter.unknown, true),
              number('Left', (letter) => letter.unsubscribed),
            ]}
          />
        )}
      </Loaded>
    </Card>
  );
}

function number(head: string, of: (letter: Letter) => number, hideOnPhone = false) {
  return {
    key: head,
    head,
    align: 'right' as const,
    width: head === 'Not taken' ? '96px' : '84px',
    hideOnPhone,
    cell: (letter: Letter) => (of(letter) === 0 ? <span className="cell-none">0</span> : count(of(letter))),
  };
}

function Subject({ letter, zone }: { letter: Letter; zone: string }) {
  const trouble = letter.bounced + letter.failed + letter.unknown > 0 ? letter.lastReason : null;
  return (
    <>
      <Link to="/posts/$postId" params={{ postId: letter.postId }} className="cell-title clip">
        {letter.subject}
      </Link>
      <div className="cell-meta newsletter-meta num">
        <span>{dateTime(letter.publishedAt, zone)}</span>
        {letter.due > 0 && <span>{count(letter.due)} on their way</span>}
        <a href={letter.readUrl} target="_blank" rel="noreferrer">
          Read
        </a>
        {trouble && (
          <span className="clip hide-on-phone" title={trouble}>
            {trouble}
          </span>
        )}
      </div>
    </>
  );
}
