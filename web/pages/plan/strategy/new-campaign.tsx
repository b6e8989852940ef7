import { Modal, NativeSelect, NumberInput, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useNavigate } from '@tanstack/react-router';
import type { CSSProperties } from 'react';
import { api } from '#web/api.ts';
import { useHouse } from '#web/app.tsx';
import { useChange } from '#web/change.ts';
import { Button } from '#web/parts/button.tsx';
import { ErrorNotice } from '#web/parts/error-notice.tsx';
import { minorOf, unitOf } from './campaign-form.tsx';
import { campaignsKey } from './queries.ts';
import { objectiveWords } from './words.ts';
import '#web/styles/forms.css';

/** As they are drawn in styles/tokens.css, from 1. */
const colours = ['Violet', 'Teal', 'Amber', 'Pink', 'Blue', 'Green'];

/** A campaign of one's own, as a draft; its page then takes goals and posts. `taken` are the colours others wear. */
export function NewCampaign({
  appId,
  taken,
  onClose,
}: {
  appId: string;
  taken: readonly number[];
  onClose: () => void;
}) {
  const go = useNavigate();
  const { currency } = useHouse();
  const free = colours.findIndex((_, index) => !taken.includes(index + 1));
  const form = useForm({
    initialValues: {
      name: '',
      objective: 'growth' as keyof typeof objectiveWords,
      startsOn: '',
      endsOn: '',
      colour: Math.max(free, 0) + 1,
      budget: '' as number | string,
    },
    validate: {
      name: (value) => (value.trim() ? null : 'Type a name'),
      endsOn: (value, { startsOn }) =>
        value && startsOn && value < startsOn ? 'The last day comes before the first' : null,
    },
  });
  const creating = useChange(api.campaigns.create, {
    refreshes: [campaignsKey],
    says: 'Campaign created',
    after: ({ id }) => void go({ to: '/campaigns/$id', params: { id } }),
  });
  return (
    <Modal
      opened
      onClose={onClose}
      title="New campaign"
      centered
      size={560}
      closeButtonProps={{ 'aria-label': 'Close' }}
      overlayProps={{ color: 'var(--overlay)', backgroundOpacity: 1 }}
    >
      <form
        className="stack"
        noValidate
        onSubmit={form.onSubmit(({ budget, startsOn, endsOn, ...values }) =>
          creating.mutate({
            appId,
            ...values,
            startsOn: startsOn || null,
            endsOn: endsOn || null,
            budget: budget === '' ? null : { minor: minorOf(budget, unitOf(currency)), currency },
          }),
        )}
      >
        <TextInput label="Name" maxLength={200} data-autofocus {...form.getInputProps('name')} />
        <div className="pair">
          <NativeSelect
            label="Aim"
            data={Object.entries(objectiveWords).map(([value, label]) => ({ value, label }))}
            {...form.getInputProps('objective')}
          />
          <NumberInput label={`Budget, ${currency}`} min={0} hideControls {...form.getInputProps('budget')} />
          <TextInput label="First day" type="date" {...form.getInputProps('startsOn')} />
          <TextInput label="Last day" type="date" {...form.getInputProps('endsOn')} />
        </div>
        <fieldset className="goals-form">
          <legend>Colour</legend>
          <div className="line colours">
            {colours.map((name, index) => (
              <label key={name}>
                <input
                  type="radio"
                  name="colour"
                  checked={form.values.colour === index + 1}
                  onChange={() => form.setFieldValue('colour', index + 1)}
                />
                <span className="dot" style={{ '--dot': `var(--c${index + 1})` } as CSSProperties} />
                {name}
              </label>
            ))}
          </div>
        </fieldset>
        {creating.error && <ErrorNotice title="Not created" error={creating.error} />}
        <div className="dialog-actions">
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" look="primary" busy={creating.isPending}>
            Create campaign
          </Button>
        </div>
      </form>
    </Modal>
  );
}
