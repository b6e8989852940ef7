import '#web/styles/forms.css';
import { Modal, TextInput } from '@mantine/core';
import { DatePicker } from '@mantine/dates';
import { useState } from 'react';
import { addDays, dayIn } from '#web/zone.ts';
import { Button } from './button.tsx';

/** A first and a last day, typed or picked; neither lies ahead. */
export function CustomRange({
  zone,
  from: startFrom,
  until: startUntil,
  onChoose,
  onClose,
}: {
  zone: string;
  from?: string | undefined;
  until?: string | undefined;
  onChoose: (from: string, until: string) => void;
  onClose: () => void;
}) {
  const today = dayIn(Date.now(), zone);
  const [from, setFrom] = useState<string | null>(startFrom ?? addDays(today, -13));
  const [until, setUntil] = useState<string | null>(startUntil ?? today);
  const upsideDown = from && until ? from > until : false;
  const ready = from && until && !upsideDown && until <= today;
  return (
    <Modal
      opened
      onClose={onClose}
      title="Custom range"
      centered
      size={360}
      closeButtonProps={{ 'aria-label': 'Close' }}
      overlayProps={{ color: 'var(--overlay)', backgroundOpacity: 1 }}
    >
      <form
        className="stack"
        onSubmit={(event) => {
          event.preventDefault();
          if (ready) onChoose(from, until);
        }}
      >
        <div className="pair">
          <TextInput
            type="date"
            label="First day"
            value={from ?? ''}
            max={today}
            data-autofocus
            onChange={(event) => setFrom(event.currentTarget.value || null)}
          />
          <TextInput
            type="date"
            label="Last day"
            value={until ?? ''}
            max={today}
            onChange={(event) => setUntil(event.currentTarget.value || null)}
            error={upsideDown ? 'Before the first day' : undefined}
          />
        </div>
        <DatePicker
          type="range"
          allowSingleDateInRange
          withCellSpacing={false}
          hideOutsideDates
          value={[from, upsideDown ? null : until]}
          defaultDate={until ?? today}
          maxDate={today}
          size="sm"
          fullWidth
          onChange={([first, last]) => {
            setFrom(first);
            setUntil(last);
          }}
          ariaLabels={{ nextMonth: 'Next month', previousMonth: 'Previous month' }}
        />
        <div className="dialog-actions">
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" look="primary" disabled={!ready}>
            Show these days
          </Button>
        </div>
      </form>
    </Modal>
  );
}
