import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect, useRef } from 'react';
import { api } from '#web/api.ts';
import { appsQuery } from '#web/app.tsx';
import { useChange } from '#web/change.ts';
import { Button } from '#web/parts/button.tsx';
import { ErrorNotice, Notice } from '#web/parts/error-notice.tsx';
import { ModelWriting } from '#web/parts/model-writing.tsx';
import { type Step, StepProgress } from '#web/parts/step-progress.tsx';
import { type Analysis, isUnderWay, knowledgeKey, readingQuery } from './queries.ts';

/** The latest reading of an app; when it ends, everything it may have changed is asked again. */
export function useReading(appId: string) {
  const queries = useQueryClient();
  const reading = useQuery(readingQuery(appId));
  const underWay = isUnderWay(reading.data);
  const before = useRef(underWay);
  useEffect(() => {
    if (before.current && !underWay) {
      void queries.invalidateQueries({ queryKey: knowledgeKey(appId) });
      void queries.invalidateQueries({ queryKey: appsQuery.queryKey });
      void queries.invalidateQueries({ queryKey: ['strategies', appId] });
    }
    before.current = underWay;
  }, [underWay, appId, queries]);
  const starting = useChange(() => api.analyses.start({ appId }), { refreshes: [readingQuery(appId).queryKey] });
  const cancelling = useChange(api.analyses.cancel, { refreshes: [readingQuery(appId).queryKey] });
  return { reading, analysis: reading.data, underWay, starting, cancelling };
}

/** How far a reading is, step by step, with what the model writes. */
export function ReadingProgress({ analysis, onCancel }: { analysis: Analysis; onCancel?: () => void }) {
  // One of the steps asks the model; the stream is opened anew for each, so that it is there when that one comes.
  const running = isUnderWay(analysis) ? analysis.steps.find((step) => step.state === 'running') : undefined;
  const readingKey = readingQuery(analysis.appId).queryKey;
  return (
    <StepProgress
      title="Reading your app"
      live={isUnderWay(analysis)}
      steps={analysis.steps.map((step, index) => ({
        id: String(step.position),
        title: step.name,
        note: step.message ?? (step.state === 'skipped' ? 'Left out' : undefined),
        state: stateOf(analysis, index),
        action:
          onCancel && step.state === 'running' ? (
            <Button size="small" look="quiet" onClick={onCancel}>
              Stop
            </Button>
          ) : undefined,
      }))}
    >
      {running && (
        <ModelWriting
          key={running.position}
          subjects={[analysis.id]}
          cancel="Go on without it"
          refreshes={[readingKey]}
        />
      )}
    </StepProgress>
  );
}

/** Why the last reading ended without success, or what a person should know of one that did. */
export function ReadingOutcome({ analysis, onAgain }: { analysis: Analysis; onAgain: () => void }) {
  if (analysis.state === 'failed')
    return (
      <ErrorNotice
        title="The last reading did not work"
        error={new Error(analysis.failure?.message ?? 'It ended without saying why. Try again.')}
        onRetry={onAgain}
      />
    );
  if (analysis.fellBackBecause)
    return (
      <Notice title="The built-in analysis stood in for the model" tone="warn">
        {analysis.fellBackBecause}
      </Notice>
    );
  return null;
}

function stateOf(analysis: Analysis, index: number): Step['state'] {
  const step = analysis.steps[index];
  if (step?.state === 'running') return 'now';
  // Until the first step begins, the place to look at is the first.
  if (analysis.state === 'waiting' && index === 0) return 'now';
  if (step?.state === 'done' || step?.state === 'failed') return step.state;
  // What is left out is behind as well, unless the reading ended before it came to it.
  return step?.state === 'skipped' && (isUnderWay(analysis) || analysis.state === 'done') ? 'done' : 'waiting';
}
