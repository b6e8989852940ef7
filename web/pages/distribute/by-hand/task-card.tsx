import { Link } from '@tanstack/react-router';
import { Download, ExternalLink } from 'lucide-react';
import { useState } from 'react';
import { api } from '#web/api.ts';
import { useChange } from '#web/change.ts';
import { dateTime, relative } from '#web/format.ts';
import { MoveDialog } from '#web/pages/plan/calendar/move-dialog.tsx';
import { Button } from '#web/parts/button.tsx';
import { ErrorNotice } from '#web/parts/error-notice.tsx';
import { PlatformIcon } from '#web/parts/platform-icon.tsx';
import { dayIn, timeIn } from '#web/zone.ts';
import { CopyButton } from './copy-button.tsx';
import { DoneForm } from './done-form.tsx';
import type { Piece, Task } from './queries.ts';

const refreshes = [['assisted'], ['posts'], ['notices']];

/** One post to send by hand: its page, what to copy onto it, and what became of it. Opened when it is due. */
export function TaskCard({ task, zone, due }: { task: Task; zone: string; due: boolean }) {
  const [opened, setOpened] = useState(due);
  const [moving, setMoving] = useState(false);
  const taskId = task.id;
  const move = useChange((dueAt: Date) => api.assisted.move({ taskId, dueAt: dueAt.toISOString() }), { refreshes });
  const skip = useChange(() => api.assisted.skip({ taskId }), { refreshes, says: 'Left out' });
  const later = (hours: number) => move.mutate(new Date(Date.now() + hours * 3_600_000));
  const problem = move.error ?? skip.error;
  return (
    <article className="card task" data-due={due || undefined}>
      <header className="task-head">
        <PlatformIcon platform={task.platform} size={18} decorative />
        <div className="task-title">
          <h3 className="clip">{task.title || task.text.split('\n')[0]}</h3>
          <p className="sub num clip">
            {task.platformName}
            {task.account && ` as @${task.account.handle}`} · {dateTime(task.dueAt, zone)} · {relative(task.dueAt)}
            {task.post && (
              <>
                {' · '}
                <Link to="/posts/$postId" params={{ postId: task.post.id }}>
                  its post
                </Link>
              </>
            )}
          </p>
        </div>
        {!due && (
          <Button size="small" aria-expanded={opened} onClick={() => setOpened(!opened)}>
            {opened ? 'Close' : 'Show'}
          </Button>
        )}
      </header>
      {opened && (
        <div className="task-body">
          <a className="button task-open" data-look="primary" href={task.composeUrl} target="_blank" rel="noreferrer">
            <ExternalLink size={15} aria-hidden="true" /> Open {task.platformName}
          </a>
          {task.tip && <p className="sub">{task.tip}</p>}
          <Copies task={task} />
          <DoneForm task={task} />
          <div className="task-foot">
            <Button size="small" look="quiet" busy={move.isPending} onClick={() => later(1)}>
              In an hour
            </Button>
            <Button size="small" look="quiet" onClick={() => setMoving(true)}>
              Move to…
            </Button>
            <Button size="small" look="quiet" busy={skip.isPending} onClick={() => skip.mutate(undefined)}>
              Skip
            </Button>
          </div>
          {problem && <ErrorNotice error={problem} />}
        </div>
      )}
      {moving && (
        <MoveDialog
          title={task.title}
          day={dayIn(task.dueAt, zone)}
          time={timeIn(task.dueAt, zone)}
          zone={zone}
          onMove={(to) => {
            setMoving(false);
            move.mutate(to);
          }}
          onClose={() => setMoving(false)}
        />
      )}
    </article>
  );
}

/** What goes onto the page, in its order; what the page has filled in already is said. */
function Copies({ task }: { task: Task }) {
  return <ul className="copies">{task.copies.flatMap((piece) => linesOf(task, piece))}</ul>;
}

function linesOf(task: Task, piece: Piece) {
  const filled = task.fills.includes(piece);
  if (piece === 'media')
    return task.media.map(({ assetId, kind, altText, url }, at) => (
      <li key={assetId}>
        <span className="copy-what">
          {kind === 'video' ? 'Video' : 'Picture'} {task.media.length > 1 ? at + 1 : ''}
        </span>
        <span className="copy-value clip">{altText || 'No description'}</span>
        <a className="button" data-look="plain" href={url} download>
          <Download size={14} aria-hidden="true" /> Download
        </a>
      </li>
    ));
  const values =
    piece === 'title'
      ? [task.title]
      : piece === 'url'
        ? [task.url]
        : piece === 'tags'
          ? [task.tags.map((tag) => `#${tag}`).join(' ')]
          : task.parts;
  return values.map((value, at) => {
    if (value === '') return null;
    const name = piece === 'text' && values.length > 1 ? `Part ${at + 1}` : names[piece];
    return (
      <li key={`${piece} ${name}`}>
        <span className="copy-what">
          {name}
          {filled && at === 0 && <span className="sub"> filled in</span>}
        </span>
        <span className="copy-value">{value}</span>
        <CopyButton value={value} what={name.toLowerCase()} />
      </li>
    );
  });
}

const names: Record<Piece, string> = { title: 'Title', text: 'Text', url: 'Link', tags: 'Tags', media: 'Media' };
