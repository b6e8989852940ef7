import { NumberInput, Switch } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Repeat } from 'lucide-react';
import { lazy, Suspense, useState } from 'react';
import { useApp, useHouse } from '#web/app.tsx';
import { RecurrenceWords, recurrencesQuery } from '#web/pages/plan/calendar/recurrence-words.tsx';
import { Button } from '#web/parts/button.tsx';
import { dayIn, timeIn } from '#web/zone.ts';
import type { Draft } from './draft.ts';
import { intoView } from './more-settings.tsx';

const RecurDialog = lazy(() =>
  import('#web/pages/plan/calendar/recur-dialog.tsx').then((file) => ({ default: file.RecurDialog })),
);

/** How many days a post rests when nobody says: what the server takes. */
const REST = 30;

/** Whether a post goes out more than once: where the queue would stay empty, or on days of its own. */
export function ComesAgain({
  draft,
  postId,
  title,
  at,
  accountIds,
  mayRecur,
  onChange,
  onStore,
}: {
  draft: Draft;
  postId: string | undefined;
  title: string;
  /** When it goes out, if that is known. */
  at: Date | undefined;
  accountIds: string[];
  mayRecur: boolean;
  onChange: (set: Pick<Draft, 'evergreen' | 'coolDownDays'>) => void;
  /** Stores what was typed; answers the post's id. */
  onStore: () => Promise<string | undefined>;
}) {
  const app = useApp();
  const { timeZone } = useHouse();
  const [asking, setAsking] = useState<string>();
  const all = useQuery({ ...recurrencesQuery(app.id), enabled: postId !== undefined });
  const own = all.data?.recurrences.filter((one) => one.post.id === postId) ?? [];
  const [open] = useState(Boolean(draft.evergreen));
  const days = draft.coolDownDays ?? REST;
  const start = at ?? new Date();
  return (
    <details className="more-settings" open={open || own.length > 0} onToggle={intoView}>
      <summary>Posting it again</summary>
      <div>
        <div className="settings-fields">
          <Switch
            label="Evergreen"
            description="Goes out again by itself when a queue time would stay empty."
            checked={draft.evergreen ?? false}
            onChange={(event) => onChange({ evergreen: event.currentTarget.checked })}
          />
          {draft.evergreen && (
            <NumberInput
              label="Rests at least, in days"
              description="Between two times on one account."
              min={1}
              max={3650}
              allowDecimal={false}
              value={days}
              onChange={(next) => Number(next) >= 1 && onChange({ coolDownDays: Number(next) })}
            />
          )}
        </div>
        {own.map((one) => (
          <div key={one.id}>
            <strong>Comes again on set days</strong>
            <RecurrenceWords one={one} />
            <p className="sub">The menu of the calendar stops it, under “What comes again”.</p>
          </div>
        ))}
        {own.length === 0 && mayRecur && (
          <div>
            <Button size="small" disabled={accountIds.length === 0} onClick={async () => setAsking(await onStore())}>
              <Repeat size={14} aria-hidden="true" />
              Let it come again on set days…
            </Button>
          </div>
        )}
      </div>
      {asking && (
        <Suspense>
          <RecurDialog
            card={{ postId: asking, title, day: dayIn(start, timeZone), time: timeIn(start, timeZone), accountIds }}
            onClose={() => setAsking(undefined)}
          />
        </Suspense>
      )}
    </details>
  );
}
