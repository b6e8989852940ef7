import { useQuery } from '@tanstack/react-query';
import { api } from '#web/api.ts';
import { useChange } from '#web/change.ts';
import { count, relative } from '#web/format.ts';
import { Button } from './button.tsx';
import { ErrorNotice } from './error-notice.tsx';
import './model-writing.css';

export const runningKey = ['ai.running'];

/** What the model is writing now, as it arrives, each call with a way to end it. `subject` narrows it to one row's calls. */
export function ModelWriting({ subject, everyMs = 1_000 }: { subject?: string; everyMs?: number }) {
  const running = useQuery({
    queryKey: runningKey,
    queryFn: () => api.ai.running({}),
    refetchInterval: everyMs,
  });
  const cancelling = useChange(api.ai.cancel, { refreshes: [runningKey, ['ai.calls'], ['ai.show']] });
  const calls = (running.data?.calls ?? []).filter((call) => !subject || call.subject === subject);
  if (calls.length === 0) return null;
  return (
    <div className="model-writing" role="status">
      {calls.map((call) => (
        <div key={call.id}>
          <div className="model-writing-head">
            <p>
              <strong>{call.model}</strong>{' '}
              {call.characters > 0 ? `is writing, ${count(call.characters)} characters so far.` : 'is thinking.'}{' '}
              <span className="sub">Asked {relative(call.startedAt)}.</span>
            </p>
            <Button
              size="small"
              busy={call.cancelling || cancelling.isPending}
              onClick={() => cancelling.mutate({ callId: call.id })}
            >
              Cancel
            </Button>
          </div>
          {call.arrived.length > 0 && (
            <>
              <ul>
                {call.arrived.map((text) => (
                  <li key={text}>{text}</li>
                ))}
              </ul>
              <p className="sub">Not checked yet. What your pages do not support is left out at the end.</p>
            </>
          )}
        </div>
      ))}
      {cancelling.error && <ErrorNotice title="It was not cancelled" error={cancelling.error} />}
    </div>
  );
}
