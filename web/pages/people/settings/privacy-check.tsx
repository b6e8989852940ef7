import { useQuery } from '@tanstack/react-query';
import { api } from '#web/api.ts';
import { counted } from '#web/format.ts';
import { Card } from '#web/parts/card.tsx';
import { Loaded } from '#web/parts/loaded.tsx';
import { SkeletonLines } from '#web/parts/skeleton.tsx';
import { StatusBadge } from '#web/parts/status-badge.tsx';

type Answer = Awaited<ReturnType<typeof api.privacy.selfCheck>>['answers'][number];

const badges: Record<Answer['answer'], { status: string; word: string }> = {
  good: { status: 'confirmed', word: 'Good' },
  look: { status: 'review', word: 'Look at it' },
  not_used: { status: 'withdrawn', word: 'Does not arise' },
};

/** What a privacy officer would ask, answered from how things stand. */
export function CheckView() {
  const check = useQuery({ queryKey: ['privacy.selfCheck'], queryFn: () => api.privacy.selfCheck({}) });
  const open = check.data?.answers.filter(({ answer }) => answer === 'look').length;
  return (
    <Card
      title="What a privacy officer would ask"
      sub={open === undefined ? undefined : open === 0 ? 'Nothing to do' : `${counted(open, 'thing')} to look at`}
    >
      <Loaded
        query={check}
        skeleton={
          <div className="card-body">
            <SkeletonLines lines={10} />
          </div>
        }
      >
        {({ answers }) => (
          <ul>
            {answers.map((one) => (
              <li key={one.key} className="account privacy-answer">
                <div className="privacy-said">
                  <strong>{one.question}</strong>
                  <p>{one.says}</p>
                  {one.todo && <p>{one.path ? <a href={one.path}>{one.todo}</a> : one.todo}</p>}
                </div>
                <StatusBadge {...badges[one.answer]} />
              </li>
            ))}
          </ul>
        )}
      </Loaded>
    </Card>
  );
}
