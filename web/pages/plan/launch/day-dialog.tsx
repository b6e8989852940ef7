import { Modal, TextInput } from '@mantine/core';
import { useState } from 'react';
import { api } from '#web/api.ts';
import { useHouse } from '#web/app.tsx';
import { useChange } from '#web/change.ts';
import { Button } from '#web/parts/button.tsx';
import { ErrorNotice } from '#web/parts/error-notice.tsx';
import { addDays, dayIn } from '#web/zone.ts';
import { launchKey, type Plan } from './queries.ts';

/** Chooses the launch day, or moves it with everything that is not done. */
export function DayDialog({ appId, plan, onClose }: { appId: string; plan: Plan | null; onClose: () => void }) {
  const { timeZone } = useHouse();
  const moving = plan?.state === 'planned';
  const [day, setDay] = useState(moving ? plan.launchOn : addDays(dayIn(new Date(), timeZone), 28));
  const saving = useChange(api.launch.plan, {
    refreshes: [launchKey],
    says: moving ? 'The launch was moved' : 'The launch is planned',
    after: onClose,
  });
  return (
    <Modal
      opened
      onClose={onClose}
      title={moving ? 'Move the launch' : 'Choose the launch day'}
      centered
      size={420}
      closeButtonProps={{ 'aria-label': 'Close' }}
      overlayProps={{ color: 'var(--overlay)', backgroundOpacity: 1 }}
    >
      <form
        className="stack"
        onSubmit={(event) => {
          event.preventDefault();
          saving.mutate({ appId, launchOn: day });
        }}
      >
        <TextInput
          label="Launch day"
          description={
            moving
              ? 'All steps that are not done move with it.'
              : 'A Tuesday to Thursday, four weeks from now or later, leaves time for reviews.'
          }
          type="date"
          required
          value={day}
          onChange={(event) => setDay(event.currentTarget.value)}
          data-autofocus
        />
        {saving.error && <ErrorNotice title="Not saved" error={saving.error} />}
        <div className="dialog-actions">
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" look="primary" busy={saving.isPending} disabled={!day}>
            {moving ? 'Move the launch' : 'Make the plan'}
          </Button>
        </div>
      </form>
    </Modal>
  );
}
