import { useQuery } from '@tanstack/react-query';
import { RefreshCw } from 'lucide-react';
import { api } from '#web/api.ts';
import { relative } from '#web/format.ts';
import { Button } from '#web/parts/button.tsx';
import { Card } from '#web/parts/card.tsx';
import { Notice } from '#web/parts/error-notice.tsx';
import { Loaded } from '#web/parts/loaded.tsx';
import { SkeletonLines } from '#web/parts/skeleton.tsx';
import { StatusBadge } from '#web/parts/status-badge.tsx';
import './health.css';

type CheckUp = Awaited<ReturnType<typeof api.doctor.check>>;
type Check = CheckUp['checks'][number];

/** Each check with what it means and what to do, the worst first. */
export function HealthSection() {
  const checkUp = useQuery({ queryKey: ['doctor.check'], queryFn: () => api.doctor.check({}), staleTime: 60_000 });
  const { data } = checkUp;
  return (
    <>
      {data && <Verdict {...data} />}
      <Card
        title="Health"
        sub={data ? `Checked ${relative(data.checkedAt)}` : undefined}
        action={
          <Button size="small" busy={checkUp.isFetching} onClick={() => void checkUp.refetch()}>
            <RefreshCw size={14} aria-hidden="true" />
            Check again
          </Button>
        }
      >
        <Loaded
          query={checkUp}
          title="The check did not run"
          skeleton={
            <div className="card-body">
              <SkeletonLines lines={12} />
            </div>
          }
        >
          {({ checks }) => (
            <ul className="checks">
              {inOrder(checks).map((check) => (
                <li key={check.id}>
                  <div className="check-state">
                    <StatusBadge status={SHOWN[check.verdict].status} word={SHOWN[check.verdict].word} />
                  </div>
                  <div>
                    <h3>{check.title}</h3>
                    <p>{check.says}</p>
                    {check.todo && <p className="check-todo">{check.todo}</p>}
                  </div>
                </li>
              ))}
            </ul>
          )}
        </Loaded>
      </Card>
    </>
  );
}

const SHOWN: Record<Check['verdict'], { status: string; word: string }> = {
  problem: { status: 'failed', word: 'Problem' },
  warning: { status: 'paused', word: 'Warning' },
  unknown: { status: 'draft', word: 'Not checked' },
  ok: { status: 'done', word: 'Fine' },
};

function inOrder(checks: readonly Check[]): Check[] {
  const verdicts = Object.keys(SHOWN);
  return checks.toSorted((a, b) => verdicts.indexOf(a.verdict) - verdicts.indexOf(b.verdict));
}

function Verdict({ verdict, checks }: CheckUp) {
  const count = (wanted: Check['verdict']) => checks.filter((one) => one.verdict === wanted).length;
  if (verdict === 'problem')
    return (
      <Notice title={count('problem') === 1 ? 'One thing is wrong' : `${count('problem')} things are wrong`} tone="neg">
        It is first in the list, with what to do about it.
      </Notice>
    );
  if (verdict === 'warning')
    return (
      <Notice title={count('warning') === 1 ? 'One thing to look at' : `${count('warning')} things to look at`}>
        Nothing is broken. What is worth a look is first in the list.
      </Notice>
    );
  return (
    <Notice title="Nothing is wrong">
      {count('unknown') === 0
        ? 'Everything was looked at.'
        : 'What is not set up, or could not be looked at, is first in the list.'}
    </Notice>
  );
}
