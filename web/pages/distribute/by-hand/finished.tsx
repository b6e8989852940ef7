import { useInfiniteQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { ExternalLink } from 'lucide-react';
import { useState } from 'react';
import { useHouse } from '#web/app.tsx';
import { count, dateTime } from '#web/format.ts';
import { Button } from '#web/parts/button.tsx';
import { Card } from '#web/parts/card.tsx';
import { ErrorNotice } from '#web/parts/error-notice.tsx';
import { PlatformIcon } from '#web/parts/platform-icon.tsx';
import { StatusBadge } from '#web/parts/status-badge.tsx';
import { NumbersDialog } from './numbers-dialog.tsx';
import { allTasksQuery, type Task } from './queries.ts';

/** What was sent or left out, with its numbers. */
export function FinishedTasks({ appId }: { appId: string }) {
  const { timeZone: zone } = useHouse();
  const list = useInfiniteQuery(allTasksQuery(appId));
  const tasks =
    list.data?.pages.flatMap((page) => page.tasks).filter(({ state }) => state === 'done' || state === 'skipped') ?? [];
  if (list.error)
    return <ErrorNotice title="What is done did not load" error={list.error} onRetry={() => void list.refetch()} />;
  if (tasks.length === 0) return null;
  return (
    <Card title="Done">
      <ul className="finished">
        {tasks.map((task) => (
          <li key={task.id}>
            <Finished task={task} zone={zone} />
          </li>
        ))}
      </ul>
      {list.hasNextPage && (
        <div className="finished-more">
          <Button busy={list.isFetchingNextPage} onClick={() => void list.fetchNextPage()}>
            Show more
          </Button>
        </div>
      )}
    </Card>
  );
}

function Finished({ task, zone }: { task: Task; zone: string }) {
  const [noting, setNoting] = useState(false);
  const numbers = wordsOf(task);
  // Where a platform tells by itself, nobody has to type.
  const typed = task.state === 'done' && task.publicationId === null && task.platform !== 'hackernews';
  return (
    <div className="finished-row">
      <PlatformIcon platform={task.platform} size={16} />
      <div className="finished-text">
        <strong className="clip">{task.title || task.text.split('\n')[0]}</strong>
        <p className="sub num">
          {task.platformName}
          {task.doneAt && ` · ${dateTime(task.doneAt, zone)}`}
          {task.foundBy === 'search' && ' · found by itself'}
        </p>
        {task.state === 'done' && <p className="num finished-numbers">{numbers}</p>}
      </div>
      <div className="finished-actions">
        {task.state === 'skipped' && <StatusBadge status="withdrawn" word="Left out" />}
        {typed && (
          <Button size="small" look="quiet" onClick={() => setNoting(true)}>
            Note numbers
          </Button>
        )}
        {task.post && task.publicationId && (
          <Link
            className="button"
            data-size="small"
            data-look="plain"
            to="/posts/$postId"
            params={{ postId: task.post.id }}
          >
            What it earned
          </Link>
        )}
        {task.foundUrl && (
          <a
            className="button"
            data-size="small"
            data-look="plain"
            href={task.foundUrl}
            target="_blank"
            rel="noreferrer"
          >
            <ExternalLink size={13} aria-hidden="true" /> Open
          </a>
        )}
      </div>
      {noting && <NumbersDialog task={task} onClose={() => setNoting(false)} />}
    </div>
  );
}

function wordsOf({ platform, numbers }: Task): string {
  const onNews = platform === 'hackernews';
  const told = [
    numbers.views === null ? null : `${count(numbers.views)} views`,
    numbers.likes === null ? null : `${count(numbers.likes)} ${onNews ? 'points' : 'likes'}`,
    numbers.replies === null ? null : `${count(numbers.replies)} ${onNews ? 'comments' : 'replies'}`,
    numbers.reposts === null ? null : `${count(numbers.reposts)} reposts`,
    numbers.clicks === null ? null : `${count(numbers.clicks)} clicks on its link`,
  ].filter((word) => word !== null);
  return told.length > 0 ? told.join(' · ') : 'No numbers yet';
}
