import { Link } from '@tanstack/react-router';
import { Check, RotateCcw } from 'lucide-react';
import { useState } from 'react';
import { api } from '#web/api.ts';
import { useChange } from '#web/change.ts';
import { dateTime, time } from '#web/format.ts';
import { Button, IconButton } from '#web/parts/button.tsx';
import { errorWords } from '#web/parts/error-notice.tsx';
import { PlatformIcon, platformName } from '#web/parts/platform-icon.tsx';
import { launchKey, type Step } from './queries.ts';
import { dayWords } from './words.ts';

/** One step: tick it off, leave it out, or have its post prepared. */
export function StepRow({ step, zone, dated = false }: { step: Step; zone: string; dated?: boolean }) {
  const [open, setOpen] = useState(dated);
  const completing = useChange(api.launch.completeStep, { refreshes: [launchKey] });
  const skipping = useChange(api.launch.skipStep, { refreshes: [launchKey] });
  const reopening = useChange(api.launch.reopenStep, { refreshes: [launchKey] });
  const preparing = useChange(api.launch.prepareStep, { refreshes: [launchKey, ['assisted'], ['posts']] });
  const error = completing.error ?? skipping.error ?? reopening.error ?? preparing.error;
  const closed = step.state === 'done' || step.state === 'skipped';
  const prepared = step.post ?? (step.task && step.task.state !== 'skipped' ? step.task : null);
  return (
    <li className="launch-step" data-state={step.state}>
      <button
        type="button"
        className="launch-tick"
        aria-pressed={step.state === 'done'}
        aria-label={step.state === 'done' ? `Open again: ${step.name}` : `Done: ${step.name}`}
        disabled={completing.isPending || reopening.isPending}
        onClick={() => (closed ? reopening : completing).mutate({ stepId: step.id })}
      >
        {step.state === 'done' && <Check size={13} strokeWidth={2.5} aria-hidden="true" />}
      </button>
      <div className="launch-step-text">
        <button type="button" className="launch-step-name" aria-expanded={open} onClick={() => setOpen(!open)}>
          {step.name}
        </button>
        <div className="cell-meta num">
          {step.platform && (
            <>
              <PlatformIcon platform={step.platform} size={12} decorative />
              <span>{platformName(step.platform)}</span>
            </>
          )}
          {step.state === 'late' && <span className="down">late, {dayWords(step.dueOn)}</span>}
          {step.dueAt && !closed && <span>at {dated ? dateTime(step.dueAt, zone) : time(step.dueAt, zone)}</span>}
          {step.state === 'skipped' && <span>skipped</span>}
          {step.state === 'done' && step.doneBy && <span>done by {step.doneBy}</span>}
        </div>
        {open && <p className="launch-step-words">{step.instructions}</p>}
        {error && (
          <p className="sub down" role="alert">
            {errorWords(error)}
          </p>
        )}
      </div>
      <div className="launch-step-actions">
        {prepared && <Prepared step={step} zone={zone} />}
        {!closed && step.makes && !prepared && (
          <Button size="small" busy={preparing.isPending} onClick={() => preparing.mutate({ stepId: step.id })}>
            {step.makes === 'task' ? 'Prepare the post' : 'Write a draft'}
          </Button>
        )}
        {!closed && (
          <Button
            size="small"
            look="quiet"
            busy={skipping.isPending}
            onClick={() => skipping.mutate({ stepId: step.id })}
          >
            Skip
          </Button>
        )}
        {closed && (
          <IconButton label={`Open again: ${step.name}`} onClick={() => reopening.mutate({ stepId: step.id })}>
            <RotateCcw size={14} />
          </IconButton>
        )}
      </div>
    </li>
  );
}

function Prepared({ step, zone }: { step: Step; zone: string }) {
  if (step.post)
    return (
      <Link
        className="button"
        data-size="small"
        to={step.post.status === 'draft' ? '/compose/$postId' : '/posts/$postId'}
        params={{ postId: step.post.id }}
      >
        {step.post.status === 'draft' ? 'Open the draft' : 'See the post'}
      </Link>
    );
  if (!step.task) return null;
  return (
    <Link className="button" data-size="small" to="/by-hand" title={`Due ${dateTime(step.task.dueAt, zone)}`}>
      {step.task.state === 'done' ? 'Sent' : 'Ready to send'}
    </Link>
  );
}
