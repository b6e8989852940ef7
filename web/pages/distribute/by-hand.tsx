import './by-hand/by-hand.css';
import { useQuery } from '@tanstack/react-query';
import { Plus } from 'lucide-react';
import { useState } from 'react';
import { useApp, useHouse } from '#web/app.tsx';
import { counted } from '#web/format.ts';
import { Button } from '#web/parts/button.tsx';
import { EmptyState } from '#web/parts/empty-state.tsx';
import { Loaded } from '#web/parts/loaded.tsx';
import { Page } from '#web/parts/page.tsx';
import { SkeletonCard } from '#web/parts/skeleton.tsx';
import { FinishedTasks } from './by-hand/finished.tsx';
import { NewTaskDialog } from './by-hand/new-task.tsx';
import { openTasksQuery, type Task } from './by-hand/queries.ts';
import { TaskCard } from './by-hand/task-card.tsx';

export function ByHandPage() {
  const app = useApp();
  const query = useQuery(openTasksQuery(app.id));
  const [writing, setWriting] = useState(false);
  const add = (
    <Button look="primary" onClick={() => setWriting(true)}>
      <Plus size={15} aria-hidden="true" /> New by hand
    </Button>
  );
  return (
    <Page
      title="By hand"
      intro="Posts you send yourself, at no cost: the text, the link and the page are ready when it is time."
      actions={add}
    >
      <Loaded query={query} title="Your posts did not load" skeleton={<SkeletonCard height={320} />}>
        {({ tasks }) => (
          <div className="stack" data-gap="large">
            {tasks.length === 0 ? (
              <div className="card">
                <h2 className="hidden-text">Nothing to send</h2>
                <EmptyState
                  title="Nothing waits for you"
                  ghost={false}
                  action={<Button onClick={() => setWriting(true)}>Prepare one</Button>}
                >
                  For Hacker News, Product Hunt, Reddit and others that no program may post to, and for X when you would
                  rather not pay. You are told when it is time.
                </EmptyState>
              </div>
            ) : (
              <Open tasks={tasks} />
            )}
            <FinishedTasks appId={app.id} />
          </div>
        )}
      </Loaded>
      {writing && <NewTaskDialog appId={app.id} onClose={() => setWriting(false)} />}
    </Page>
  );
}

function Open({ tasks }: { tasks: Task[] }) {
  const { timeZone: zone } = useHouse();
  const now = Date.now();
  const due = tasks.filter((task) => task.dueAt.getTime() <= now);
  const next = tasks.filter((task) => task.dueAt.getTime() > now);
  return (
    <>
      {due.length > 0 && (
        <section className="by-hand" aria-labelledby="due-now">
          <h2 id="due-now">
            Due now <span className="sub num">{counted(due.length, 'post')}</span>
          </h2>
          {due.map((task) => (
            <TaskCard key={task.id} task={task} zone={zone} due />
          ))}
        </section>
      )}
      {next.length > 0 && (
        <section className="by-hand" aria-labelledby="due-next">
          <h2 id="due-next">
            Next <span className="sub num">{counted(next.length, 'post')}</span>
          </h2>
          {next.map((task) => (
            <TaskCard key={task.id} task={task} zone={zone} due={false} />
          ))}
        </section>
      )}
    </>
  );
}
