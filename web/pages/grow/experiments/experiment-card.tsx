import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { api } from '#web/api.ts';
import { useChange } from '#web/change.ts';
import { count, counted, day } from '#web/format.ts';
import { Button } from '#web/parts/button.tsx';
import { Card } from '#web/parts/card.tsx';
import { ConfirmDialog } from '#web/parts/confirm-dialog.tsx';
import { Loaded } from '#web/parts/loaded.tsx';
import { SkeletonLines } from '#web/parts/skeleton.tsx';
import { StatusBadge } from '#web/parts/status-badge.tsx';
import { Interval } from './interval.tsx';
import { MorePosts } from './more-posts.tsx';
import { type Comparison, type Experiment, experimentsKey, type Result, resultQuery } from './queries.ts';
import { kindWords, methodWords, metricWords, outcomeWords } from './words.ts';

export function ExperimentCard({ experiment }: { experiment: Experiment }) {
  const result = useQuery(resultQuery(experiment.id));
  const [asked, ask] = useState<'end' | 'more'>();
  const ending = useChange(api.experiments.end, { refreshes: [experimentsKey], after: () => ask(undefined) });
  const isRunning = experiment.state === 'running';
  return (
    <Card
      title={experiment.name}
      sub={`${kindWords[experiment.kind]}, by ${metricWords[experiment.metric].toLowerCase()} in the first seven days`}
      action={<StatusBadge status={isRunning ? 'active' : 'completed'} word={isRunning ? 'Running' : 'Ended'} />}
      padded
    >
      <div className="experiment">
        {experiment.conclusion && <Conclusion experiment={experiment} />}
        <Loaded query={result} title="The result did not load" skeleton={<SkeletonLines lines={4} />}>
          {(data) => (
            <>
              <Arms result={data} />
              {experiment.conclusion === null && (
                <ul className="comparisons">
                  {data.comparisons.map((comparison) => (
                    <ComparisonRow key={comparison.arm} comparison={comparison} />
                  ))}
                </ul>
              )}
            </>
          )}
        </Loaded>
        <footer className="experiment-foot">
          <p className="sub">
            {methodWords[experiment.method].label}, {experiment.postsPerArm} posts in each arm
            {experiment.method === 'always_valid' ? ' at most' : ''}.{' '}
            {experiment.startedAt && `Began ${day(experiment.startedAt)}.`}{' '}
            {result.data?.seed
              ? 'Posts dealt by lot.'
              : 'Posts chosen by a person, so what they were about can differ too.'}
          </p>
          {isRunning && (
            <div className="experiment-do">
              <Button look="quiet" onClick={() => ask('end')}>
                End it
              </Button>
              <Button onClick={() => ask('more')}>Add posts</Button>
            </div>
          )}
        </footer>
      </div>
      {asked === 'more' && <MorePosts experiment={experiment} onClose={() => ask(undefined)} />}
      <ConfirmDialog
        opened={asked === 'end'}
        title={`End ${experiment.name}`}
        confirm="End experiment"
        busy={ending.isPending}
        error={ending.error}
        onConfirm={() => ending.mutate({ experimentId: experiment.id })}
        onClose={() => ask(undefined)}
      >
        <p>What the numbers say today is kept as its conclusion. It cannot be started again.</p>
      </ConfirmDialog>
    </Card>
  );
}

function Conclusion({ experiment }: { experiment: Experiment }) {
  return (
    <div className="experiment-conclusion">
      <strong>{experiment.decidedArm ? `${experiment.decidedArm} did better` : 'No winner'}</strong>
      <p>{experiment.conclusion}</p>
      <p className="sub">
        {experiment.endedAt && `Ended ${day(experiment.endedAt)}`}
        {experiment.endedBy === 'rule' ? ' by itself, when it had its answer.' : ' by a person.'}
      </p>
    </div>
  );
}

function Arms({ result }: { result: Result }) {
  const [open, setOpen] = useState<string>();
  return (
    <ul className="experiment-arms">
      {result.arms.map((arm, index) => (
        <li key={arm.arm}>
          <button
            type="button"
            aria-expanded={open === arm.arm}
            onClick={() => setOpen(open === arm.arm ? undefined : arm.arm)}
          >
            <strong>{arm.arm}</strong>
            <span className="sub">
              {index === 0 && 'what the others are held against · '}
              {counted(arm.posts.length, 'post', 'posts')}, {arm.measuredPosts} measured
              {arm.total !== null &&
                arm.measuredPosts > 0 &&
                `, ${shown(arm.total / arm.measuredPosts, result.metric)} per post`}
            </span>
          </button>
          {open === arm.arm && (
            <ul>
              {arm.posts.map((post) => (
                <li key={post.id}>
                  <Link to="/posts/$postId" params={{ postId: post.id }} className="clip">
                    {post.title}
                  </Link>
                  <span className="num sub">
                    {!post.isOver
                      ? 'not seven days out yet'
                      : !post.isMeasured
                        ? 'its platform does not say'
                        : post.value === null
                          ? 'measured'
                          : shown(post.value, result.metric)}
                  </span>
                </li>
              ))}
            </ul>
          )}
        </li>
      ))}
    </ul>
  );
}

function ComparisonRow({ comparison }: { comparison: Comparison }) {
  const { word, tone } = outcomeWords[comparison.outcome];
  return (
    <li>
      <span className="tag" data-tone={tone}>
        {word}
      </span>
      <p>{comparison.message}</p>
      <Interval comparison={comparison} />
    </li>
  );
}

function shown(value: number, metric: Result['metric']): string {
  return metric === 'engagement_rate' ? `${(value * 100).toFixed(2)}%` : count(Math.round(value * 10) / 10);
}
