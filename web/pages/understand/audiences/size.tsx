import { NumberInput, TextInput } from '@mantine/core';
import { Plus, Trash2 } from 'lucide-react';
import { useState } from 'react';
import { api } from '#web/api.ts';
import { useChange } from '#web/change.ts';
import { count } from '#web/format.ts';
import { type Audience, knowledgeKey } from '#web/pages/understand/knowledge/queries.ts';
import { Button, IconButton } from '#web/parts/button.tsx';
import { Card } from '#web/parts/card.tsx';
import { ErrorNotice } from '#web/parts/error-notice.tsx';

type Step = Audience['estimated']['sizeSteps'][number];

/** The reasoning behind the size: a number of people, then shares of those before, each with why; all can be edited. */
export function SizeCard({ appId, audience }: { appId: string; audience: Audience }) {
  const [steps, setSteps] = useState<Step[]>(audience.estimated.sizeSteps);
  const saving = useChange((sizeSteps: Step[]) => api.audiences.update({ audienceId: audience.id, sizeSteps }), {
    refreshes: [knowledgeKey(appId)],
    says: 'Size saved',
  });
  const change = (at: number, part: Partial<Step>) =>
    setSteps(steps.map((step, index) => (index === at ? { ...step, ...part } : step)));
  const size = steps.length === 0 ? null : Math.round(steps.reduce((product, { factor }) => product * factor, 1));
  const same = JSON.stringify(steps) === JSON.stringify(audience.estimated.sizeSteps);
  const complete = steps.every(({ label }) => label.trim() !== '');
  return (
    <Card title="How many they are" sub="Reasoned in steps" padded>
      <form
        className="stack"
        data-gap="small"
        onSubmit={(event) => {
          event.preventDefault();
          saving.mutate(steps);
        }}
      >
        {steps.length === 0 && (
          <p className="sub">
            {audience.estimated.size === null
              ? 'No page names a number of such people, and none is guessed. Begin with a number you know, and say where from.'
              : `About ${count(audience.estimated.size)}, without steps. ${audience.estimated.sizeReasoning ?? ''}`}
          </p>
        )}
        <ol className="size-steps">
          {steps.map((step, index) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: a step is its place.
            <li key={index}>
              <TextInput
                label={index === 0 ? 'People' : 'Of these'}
                placeholder={index === 0 ? 'Backend developers' : 'Are on call at night'}
                value={step.label}
                onChange={(event) => change(index, { label: event.currentTarget.value })}
              />
              {index === 0 ? (
                <NumberInput
                  label="Number"
                  min={0}
                  max={10_000_000_000}
                  thousandSeparator=","
                  hideControls
                  value={step.factor}
                  onChange={(value) => change(index, { factor: Number(value) || 0 })}
                />
              ) : (
                <NumberInput
                  label="Share"
                  min={0}
                  max={100}
                  decimalScale={3}
                  suffix="%"
                  hideControls
                  value={Number((step.factor * 100).toFixed(3))}
                  onChange={(value) => change(index, { factor: (Number(value) || 0) / 100 })}
                />
              )}
              <TextInput
                label="Why"
                placeholder="A source, or what you take for granted"
                value={step.assumption}
                onChange={(event) => change(index, { assumption: event.currentTarget.value })}
              />
              <IconButton
                label={`Remove step ${index + 1}`}
                title="Remove"
                onClick={() => setSteps(steps.filter((_, at) => at !== index))}
              >
                <Trash2 size={14} />
              </IconButton>
            </li>
          ))}
        </ol>
        {size !== null && <p className="num size-total">About {count(size)} people, if every step holds.</p>}
        {saving.error && <ErrorNotice title="Not saved" error={saving.error} />}
        <div className="line">
          <Button
            size="small"
            disabled={steps.length >= 12}
            onClick={() => setSteps([...steps, { label: '', factor: steps.length === 0 ? 0 : 0.5, assumption: '' }])}
          >
            <Plus size={13} aria-hidden="true" />
            Add a step
          </Button>
          <Button type="submit" size="small" look="primary" busy={saving.isPending} disabled={same || !complete}>
            Save
          </Button>
        </div>
      </form>
    </Card>
  );
}
