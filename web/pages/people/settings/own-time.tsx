import { NumberInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { api } from '#web/api.ts';
import { workspaceQuery } from '#web/app.tsx';
import { useChange } from '#web/change.ts';
import { minorOf, unitOf } from '#web/pages/plan/strategy/campaign-form.tsx';
import { Button } from '#web/parts/button.tsx';
import { Card } from '#web/parts/card.tsx';
import { ErrorNotice } from '#web/parts/error-notice.tsx';

/** What an hour of one's own time is worth: the minutes spent on posts and campaigns become a cost by it. */
export function OwnTimeCard({ appId, hourlyRateMinor }: { appId: string; hourlyRateMinor: string | null }) {
  const workspace = useQuery(workspaceQuery);
  const currency = workspace.data?.currency ?? 'USD';
  const unit = unitOf(currency);
  const saved = hourlyRateMinor === null ? '' : Number(hourlyRateMinor) / unit;
  const [rate, setRate] = useState<number | string>(saved);
  const saving = useChange(api.tracking.set, { refreshes: [['tracking.get', appId], ['returns']], says: 'Saved' });
  const save = (event: FormEvent) => {
    event.preventDefault();
    saving.mutate({ appId, hourlyRateMinor: rate === '' ? null : minorOf(rate, unit) });
  };
  return (
    <Card title="Your own time" padded>
      <form className="form" onSubmit={save}>
        <NumberInput
          label={`An hour is worth, in ${currency}`}
          description="Empty: minutes are counted and have no price."
          min={0}
          max={100_000}
          decimalScale={Math.log10(unit)}
          hideControls
          value={rate}
          onChange={setRate}
        />
        {saving.error && <ErrorNotice title="Not saved" error={saving.error} />}
        <div className="form-foot">
          <Button type="submit" look="primary" busy={saving.isPending} disabled={rate === saved}>
            Save
          </Button>
        </div>
      </form>
    </Card>
  );
}
