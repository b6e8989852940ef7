import type { QueryKey } from '@tanstack/react-query';
import { api } from '#web/api.ts';
import { useChange } from '#web/change.ts';
import { count, relative } from '#web/format.ts';
import { useModelStream } from '#web/model-stream.ts';
import { Button } from './button.tsx';
import { ErrorNotice } from './error-notice.tsx';
import './model-writing.css';

/**
 * What the model is writing now, as it comes, each call with a way to end it. `subjects` narrows it to the calls for these
 * rows. `cancel` says what ending the call leads to, where that is not the end of the whole; `refreshes` are asked again
 * when a call has ended.
 */
export function ModelWriting({
  subjects,
  cancel = 'Cancel',
  refreshes = [],
}: {
  subjects?: string[];
  cancel?: string;
  refreshes?: QueryKey[];
}) {
  const kept: QueryKey[] = [['ai.calls'], ['ai.months'], ['ai.show']];
  const { calls, lost } = useModelStream({
    ...(subjects ? { subjects } : {}),
    refreshes: [...kept, ...refreshes],
  });
  const cancelling = useChange(api.ai.cancel, { refreshes: kept });
  if (lost) return <p className="sub">What the model writes cannot be shown right now. It goes on writing.</p>;
  if (calls.length === 0) return null;
  return (
    <div className="model-writing">
      {calls.map((call) => (
        <div key={call.id}>
          <div className="model-writing-head">
            <p>
              <span role="status">
                <strong>{call.model}</strong> {call.characters > 0 ? 'is writing.' : 'is thinking.'}
              </span>
              <span className="sub num">
                {call.characters > 0 && ` ${count(call.characters)} characters so far.`} Asked{' '}
                {relative(call.startedAt)}.
              </span>
            </p>
            <Button
              size="small"
              busy={call.cancelling || (cancelling.isPending && cancelling.variables.callId === call.id)}
              onClick={() => cancelling.mutate({ callId: call.id })}
            >
              {cancel}
            </Button>
          </div>
          {call.arrived.length > 0 && (
            <>
              <ul>
                {call.arrived.map((text, at) => (
                  // biome-ignore lint/suspicious/noArrayIndexKey: the last text grows, its place is what stays the same.
                  <li key={at}>{text}</li>
                ))}
              </ul>
              <p className="sub">Not checked yet. {checks[call.purpose]}</p>
            </>
          )}
        </div>
      ))}
      {cancelling.error && <ErrorNotice title="It was not cancelled" error={cancelling.error} />}
    </div>
  );
}

/** What becomes of the text at the end. */
const checks: Record<string, string> = {
  analyse: 'What your pages do not support is left out at the end.',
  draft: 'What no fact supports is flagged at the end.',
};
