import '#web/styles/forms.css';
import { Modal, NumberInput, TextInput } from '@mantine/core';
import { type FormEvent, useState } from 'react';
import { api } from '#web/api.ts';
import { useChange } from '#web/change.ts';
import { minorOf, unitOf } from '#web/pages/plan/strategy/campaign-form.tsx';
import { Button } from '#web/parts/button.tsx';
import { ErrorNotice } from '#web/parts/error-notice.tsx';
import { type Area, type Figure, written } from './words.ts';

/** What a figure is meant to come to, and by when. */
export function TargetDialog({
  appId,
  area,
  figure,
  onClose,
}: {
  appId: string;
  area: Area['area'];
  figure: Figure;
  onClose: () => void;
}) {
  const { currency, metric } = figure;
  const unit = currency === null ? 1 : unitOf(currency);
  const [target, setTarget] = useState<number | string>(figure.target === null ? '' : Number(figure.target) / unit);
  const [byDay, setByDay] = useState(figure.byDay ?? '');
  const saving = useChange(api.success.setTarget, { refreshes: [['success']], after: onClose });
  const save = (event: FormEvent) => {
    event.preventDefault();
    const minor = Number(minorOf(target, unit));
    if (minor >= 1) saving.mutate({ appId, area, metric, target: minor, byDay: byDay === '' ? null : byDay });
  };
  return (
    <Modal
      opened
      onClose={onClose}
      title={`Target: ${figure.label}`}
      centered
      size={380}
      closeButtonProps={{ 'aria-label': 'Close' }}
      overlayProps={{ color: 'var(--overlay)', backgroundOpacity: 1 }}
    >
      <form onSubmit={save} className="stack">
        <p className="sub num">
          {figure.value === null ? figure.reason : `${written(figure.value, figure)} in the last 28 days.`}
        </p>
        <NumberInput
          label={currency === null ? 'What it is to come to' : `What it is to come to, in ${currency}`}
          value={target}
          onChange={setTarget}
          min={0}
          max={1e12}
          decimalScale={currency === null ? 0 : Math.log10(unit)}
          thousandSeparator=","
          hideControls
          required
          data-autofocus
        />
        <TextInput
          label="By"
          description="Without a day nothing can be said about the pace."
          type="date"
          value={byDay}
          onChange={(event) => setByDay(event.currentTarget.value)}
        />
        {saving.error && <ErrorNotice title="Not saved" error={saving.error} />}
        <div className="dialog-actions">
          {figure.target !== null && (
            <Button
              look="quiet"
              disabled={saving.isPending}
              onClick={() => saving.mutate({ appId, area, metric, target: null })}
            >
              Remove
            </Button>
          )}
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" look="primary" busy={saving.isPending} disabled={!(Number(target) > 0)}>
            Save target
          </Button>
        </div>
      </form>
    </Modal>
  );
}
