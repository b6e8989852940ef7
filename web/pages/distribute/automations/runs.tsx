import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useHouse } from '#web/app.tsx';
import { dateTime } from '#web/format.ts';
import { Card } from '#web/parts/card.tsx';
import { Loaded } from '#web/parts/loaded.tsx';
import { SkeletonLines } from '#web/parts/skeleton.tsx';
import { type Run, runsQuery } from './queries.ts';

const outcomes: Record<Run['outcome'], [word: string, tone: string | undefined]> = {
  done: ['Done', 'pos'],
  skipped: ['Left out', undefined],
  failed: ['Failed', 'neg'],
};

/** What the rules did and why. */
export function Runs({ appId }: { appId: string }) {
  const runs = useQuery(runsQuery(appId));
  const { timeZone } = useHouse();
  return (
    <Card title="What they did">
      <Loaded
        query={runs}
        title="The history did not load"
        skeleton={
          <div className="card-body">
            <SkeletonLines lines={3} />
          </div>
        }
      >
        {(all) =>
          all.length === 0 ? (
            <p className="table-empty">Nothing yet. Each time a rule acts, it stands here with its reason.</p>
          ) : (
            <ul>
              {all.map((run) => (
                <li key={run.id} className="rule-run">
                  <span className="tag" data-tone={outcomes[run.outcome][1]}>
                    {outcomes[run.outcome][0]}
                  </span>
                  <div>
                    {run.post ? (
                      run.post.status === 'draft' ? (
                        <Link to="/compose/$postId" params={{ postId: run.post.id }} className="link clip">
                          {run.post.title}
                        </Link>
                      ) : (
                        <Link to="/posts/$postId" params={{ postId: run.post.id }} className="link clip">
                          {run.post.title}
                        </Link>
                      )
                    ) : (
                      <span>{run.automation.name}</span>
                    )}
                    <span className="sub num">
                      {run.automation.name}, {dateTime(run.at, timeZone)}. {run.cause}{' '}
                      {run.message && run.outcome !== 'done' && run.message}
                    </span>
                  </div>
                </li>
              ))}
            </ul>
          )
        }
      </Loaded>
    </Card>
  );
}
