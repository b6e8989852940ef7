import '#web/styles/forms.css';
import { Checkbox, Drawer, NativeSelect, NumberInput, TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { ArrowDown, ArrowUp, Plus, Trash2 } from 'lucide-react';
import { useState } from 'react';
import { api } from '#web/api.ts';
import { useChange } from '#web/change.ts';
import { Button, IconButton } from '#web/parts/button.tsx';
import { ErrorNotice } from '#web/parts/error-notice.tsx';
import { type Definition, funnelsKey, type Goal, goalsQuery, type Saved, type Step } from './queries.ts';

const units = { 1: 'minutes', 60: 'hours', 1440: 'days' } as const;
const matches = [
  { value: 'exact', label: 'is' },
  { value: 'prefix', label: 'begins with' },
  { value: 'pattern', label: 'has the form (* for anything)' },
];
type Row = { key: number; step: Step };

/** A funnel to be made or changed: its steps in order, the window, whose steps they are. */
export function FunnelBuilder({
  appId,
  saved,
  from,
  onSaved,
  onClose,
}: {
  appId: string;
  /** The kept funnel that is changed. */
  saved?: Saved | undefined;
  /** What a new one begins as. */
  from: Definition;
  onSaved: (funnelId: string) => void;
  onClose: () => void;
}) {
  const [name, setName] = useState(saved?.name ?? '');
  const [rows, setRows] = useState<Row[]>(() => (saved ?? from).steps.map((step, key) => ({ key, step })));
  const [next, setNext] = useState(rows.length);
  const minutes = (saved ?? from).windowMinutes;
  const fitting = minutes % 1440 === 0 ? 1440 : minutes % 60 === 0 ? 60 : 1;
  const [unit, setUnit] = useState<number>(fitting);
  const [amount, setAmount] = useState<number | string>(minutes / fitting);
  const [by, setBy] = useState((saved ?? from).by);
  const [strict, setStrict] = useState((saved ?? from).strict);
  const goals = useQuery(goalsQuery(appId));
  const saving = useChange(
    () =>
      api.funnels.save({
        appId,
        name,
        steps: rows.map(({ step }) => step),
        windowMinutes: Math.round(Number(amount) * unit),
        by,
        strict,
        ...(saved ? { funnelId: saved.funnelId } : {}),
      }),
    { refreshes: [[...funnelsKey]], says: 'Funnel saved', after: ({ funnelId }) => onSaved(funnelId) },
  );
  const put = (index: number, step: Step) => setRows(rows.map((row, at) => (at === index ? { ...row, step } : row)));
  const move = (index: number, by: number) => {
    const changed = [...rows];
    const [row] = changed.splice(index, 1);
    if (row) changed.splice(index + by, 0, row);
    setRows(changed);
  };
  return (
    <Drawer
      opened
      onClose={onClose}
      position="right"
      size={620}
      title={saved ? 'Change funnel' : 'New funnel'}
      closeButtonProps={{ 'aria-label': 'Close' }}
      overlayProps={{ color: 'var(--overlay)', backgroundOpacity: 1 }}
    >
      <form
        className="stack"
        data-gap="large"
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          saving.mutate(undefined);
        }}
      >
        <TextInput
          label="Name"
          required
          maxLength={100}
          placeholder="From the docs to a payment"
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
        />
        <ol className="build-steps" aria-label="Steps">
          {rows.map(({ key, step }, index) => (
            <li key={key}>
              <div className="build-head">
                <b className="num">Step {index + 1}</b>
                <span>
                  <IconButton
                    label={`Move step ${index + 1} up`}
                    disabled={index === 0}
                    onClick={() => move(index, -1)}
                  >
                    <ArrowUp size={14} />
                  </IconButton>
                  <IconButton
                    label={`Move step ${index + 1} down`}
                    disabled={index === rows.length - 1}
                    onClick={() => move(index, 1)}
                  >
                    <ArrowDown size={14} />
                  </IconButton>
                  <IconButton
                    label={`Remove step ${index + 1}`}
                    disabled={rows.length <= 2}
                    onClick={() => setRows(rows.filter((row) => row.key !== key))}
                  >
                    <Trash2 size={14} />
                  </IconButton>
                </span>
              </div>
              <StepFields
                index={index}
                step={step}
                goals={goals.data ?? []}
                onChange={(changed) => put(index, changed)}
              />
            </li>
          ))}
        </ol>
        <div>
          <Button
            disabled={rows.length >= 8}
            onClick={() => {
              setRows([...rows, { key: next, step: { kind: 'page', name: '', match: 'exact', path: '/' } }]);
              setNext(next + 1);
            }}
          >
            <Plus size={15} aria-hidden="true" /> Add step
          </Button>
        </div>
        <div className="pair">
          <NumberInput label="All within" min={1} hideControls value={amount} onChange={setAmount} />
          <NativeSelect
            label="Unit"
            value={String(unit)}
            onChange={(event) => setUnit(Number(event.currentTarget.value))}
            data={Object.entries(units).map(([value, label]) => ({ value, label }))}
          />
        </div>
        <NativeSelect
          label="Counted by"
          description="A payment is known by person only"
          value={by}
          onChange={(event) => setBy(event.currentTarget.value === 'visitor' ? 'visitor' : 'person')}
          data={[
            { value: 'person', label: 'Person' },
            { value: 'visitor', label: 'Visitor' },
          ]}
        />
        <Checkbox
          label="Strict order: anything in between ends it"
          checked={strict}
          onChange={(event) => setStrict(event.currentTarget.checked)}
        />
        {saving.error && <ErrorNotice title="Not saved" error={saving.error} />}
        <div>
          <Button type="submit" look="primary" busy={saving.isPending} disabled={name.trim() === ''}>
            Save funnel
          </Button>
        </div>
      </form>
    </Drawer>
  );
}

function StepFields({
  index,
  step,
  goals,
  onChange,
}: {
  index: number;
  step: Step;
  goals: Goal[];
  onChange: (step: Step) => void;
}) {
  const name = step.name ?? '';
  return (
    <div className="stack" data-gap="small">
      <div className="pair">
        <NativeSelect
          label={`What step ${index + 1} is`}
          value={
            step.kind === 'goal' ? `goal:${step.goalId}` : step.kind === 'conversion' ? step.conversion : step.kind
          }
          onChange={(event) => onChange(chosen(event.currentTarget.value, name))}
          data={[
            { value: 'page', label: 'A page' },
            { value: 'event', label: 'An event' },
            { value: 'signup', label: 'A signup' },
            { value: 'trial', label: 'A trial' },
            { value: 'purchase', label: 'A payment' },
            ...goals.map((goal) => ({ value: `goal:${goal.id}`, label: `Goal: ${goal.name}` })),
          ]}
        />
        <TextInput
          label="Called"
          placeholder="By what it is"
          maxLength={100}
          value={name}
          onChange={(event) => onChange({ ...step, name: event.currentTarget.value })}
        />
      </div>
      {step.kind === 'page' && (
        <div className="pair">
          <NativeSelect
            label="The path"
            value={step.match ?? 'exact'}
            onChange={(event) =>
              onChange({ ...step, match: event.currentTarget.value as 'exact' | 'prefix' | 'pattern' })
            }
            data={matches}
          />
          <TextInput
            label="Path"
            placeholder="/pricing"
            value={step.path}
            onChange={(event) => onChange({ ...step, path: event.currentTarget.value })}
          />
        </div>
      )}
      {step.kind === 'event' && <EventFields step={step} onChange={onChange} />}
    </div>
  );
}

function EventFields({ step, onChange }: { step: Extract<Step, { kind: 'event' }>; onChange: (step: Step) => void }) {
  const [first, ...others] = step.properties ?? [];
  // One condition on one property is what a form can hold in a line; what else the API was given stays.
  const condition = (property: string, value: string) =>
    onChange({
      ...step,
      properties: property === '' ? others : [{ ...first, name: property, values: [value] }, ...others],
    });
  return (
    <>
      <TextInput
        label="Event"
        placeholder="export_done"
        maxLength={64}
        value={step.event}
        onChange={(event) => onChange({ ...step, event: event.currentTarget.value })}
      />
      <div className="pair">
        <TextInput
          label="Only with property"
          placeholder="plan"
          value={first?.name ?? ''}
          onChange={(event) => condition(event.currentTarget.value, first?.values[0] ?? '')}
        />
        <TextInput
          label="Which is"
          placeholder="pro"
          disabled={!first}
          value={first?.values[0] ?? ''}
          onChange={(event) => condition(first?.name ?? '', event.currentTarget.value)}
        />
      </div>
    </>
  );
}

function chosen(value: string, name: string): Step {
  if (value === 'page') return { kind: 'page', name, match: 'exact', path: '/' };
  if (value === 'event') return { kind: 'event', name, event: '', properties: [] };
  if (value.startsWith('goal:')) return { kind: 'goal', name, goalId: value.slice(5) };
  return { kind: 'conversion', name, conversion: value as 'signup' | 'trial' | 'purchase' };
}
