import { Modal } from '@mantine/core';
import { DatePicker, TimeInput } from '@mantine/dates';
import { useState } from 'react';
import { Button } from '#web/parts/button.tsx';
import { dayIn, instantIn } from '#web/zone.ts';

/** Moving without dragging: a day and a time. */
export function MoveDialog({
  title,
  day: startDay,
  time: startTime,
  zone,
  onMove,
  onClose,
}: {
  title: string;
  day: string;
  time: string;
  zone: string;
  onMove: (to: Date) => void;
  onClose: () => void;
}) {
  const today = dayIn(Date.now(), zone);
  const [day, setDay] = useState(startDay < today ? today : startDay);
  const [time, setTime] = useState(startTime);
  const to = instantIn(day, time, zone);
  const over = to.getTime() <= Date.now();
  return (
    <Modal
      opened
      onClose={onClose}
      title="Move to"
      centered
      size={340}
      closeButtonProps={{ 'aria-label': 'Close' }}
      overlayProps={{ color: 'var(--overlay)', backgroundOpacity: 1 }}
    >
      <div className="stack">
        <p className="clip sub">{title}</p>
        <DatePicker
          value={day}
          defaultDate={day}
          minDate={today}
          size="sm"
          fullWidth
          onChange={(chosen) => chosen && setDay(chosen)}
          ariaLabels={{ nextMonth: 'Next month', previousMonth: 'Previous month' }}
        />
        <TimeInput
          label={`Time in ${zone.replaceAll('_', ' ')}`}
          value={time}
          onChange={(event) => /^\d\d:\d\d$/.test(event.currentTarget.value) && setTime(event.currentTarget.value)}
          error={over ? 'That moment is over. Choose a later one.' : undefined}
        />
      </div>
      <div className="dialog-actions">
        <Button onClick={onClose}>Cancel</Button>
        <Button look="primary" disabled={over} onClick={() => onMove(to)}>
          Move
        </Button>
      </div>
    </Modal>
  );
}
