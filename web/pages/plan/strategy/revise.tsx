import { Modal, NativeSelect, NumberInput, Textarea, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { Plus } from 'lucide-react';
import { useState } from 'react';
import { api } from '#web/api.ts';
import { useChange } from '#web/change.ts';
import { Button } from '#web/parts/button.tsx';
import { ErrorNotice } from '#web/parts/error-notice.tsx';
import { platformName } from '#web/parts/platform-icon.tsx';
import { campaignsKey, type Item, type Strategy, strategiesKey } from './queries.ts';
import { itemWords } from './words.ts';

const kinds = Object.entries(itemWords).map(([value, label]) => ({ value, label }));
const blank: { kind: Item['kind']; statement: string } = { kind: 'message', statement: '' };

/** Changing the strategy by hand: what it no longer says, what it says from now on, how often, and why. */
export function ReviseStrategy({
  appId,
  strategy,
  onClose,
}: {
  appId: string;
  strategy: Strategy;
  onClose: () => void;
}) {
  const [removed, setRemoved] = useState<readonly string[]>([]);
  const form = useForm({
    initialValues: { postsPerWeek: strategy.postsPerWeek as number | string, reason: '', additions: [blank] },
    validate: {
      postsPerWeek: (value) => (value === '' ? 'Type how many, or 0' : null),
      reason: (value) => (value.trim() ? null : 'Type why, so that you know it later'),
    },
  });
  const revising = useChange(api.strategies.revise, {
    refreshes: [strategiesKey(appId), campaignsKey],
    says: 'Strategy changed',
    after: onClose,
  });
  const added = form.values.additions.filter(({ statement }) => statement.trim());
  const changed = removed.length > 0 || added.length > 0 || Number(form.values.postsPerWeek) !== strategy.postsPerWeek;
  return (
    <Modal
      opened
      onClose={onClose}
      title="Change the strategy"
      centered
      size={600}
      closeButtonProps={{ 'aria-label': 'Close' }}
      overlayProps={{ color: 'var(--overlay)', backgroundOpacity: 1 }}
    >
      <form
        className="stack"
        noValidate
        onSubmit={form.onSubmit(({ reason, postsPerWeek }) =>
          revising.mutate({
            appId,
            reason,
            postsPerWeek: Number(postsPerWeek),
            ...(added.length > 0 ? { add: added } : {}),
            ...(removed.length > 0 ? { remove: [...removed] } : {}),
          }),
        )}
      >
        <NumberInput
          label="Posts a week"
          min={0}
          max={100}
          allowDecimal={false}
          clampBehavior="strict"
          {...form.getInputProps('postsPerWeek')}
        />
        <fieldset className="goals-form">
          <legend>What it says</legend>
          <ul className="revised">
            {inOrder(strategy.items).map((item) => (
              <KeptItem
                key={item.id}
                item={item}
                removed={removed.includes(item.id)}
                onToggle={() =>
                  setRemoved((now) =>
                    now.includes(item.id) ? now.filter((each) => each !== item.id) : [...now, item.id],
                  )
                }
              />
            ))}
          </ul>
        </fieldset>
        <fieldset className="goals-form">
          <legend>What it says from now on</legend>
          <div className="stack" data-gap="small">
            {form.values.additions.map((_, index) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: additions are only ever appended.
              <div className="revised-add" key={index}>
                <NativeSelect
                  aria-label={`Kind of addition ${index + 1}`}
                  data={kinds}
                  {...form.getInputProps(`additions.${index}.kind`)}
                />
                <TextInput
                  aria-label={`Addition ${index + 1}`}
                  placeholder="Say how long a replay takes"
                  maxLength={1000}
                  {...form.getInputProps(`additions.${index}.statement`)}
                />
              </div>
            ))}
            <div>
              <Button size="small" look="quiet" onClick={() => form.insertListItem('additions', blank)}>
                <Plus size={14} aria-hidden="true" />
                Another one
              </Button>
            </div>
          </div>
        </fieldset>
        <Textarea label="Why" autosize minRows={2} maxLength={500} {...form.getInputProps('reason')} />
        {revising.error && <ErrorNotice title="Not changed" error={revising.error} />}
        <div className="dialog-actions">
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" look="primary" busy={revising.isPending} disabled={!changed}>
            Save as a new version
          </Button>
        </div>
      </form>
    </Modal>
  );
}

/** As the page shows them: kind by kind. */
function inOrder(items: readonly Item[]): Item[] {
  const order = kinds.map(({ value }) => value);
  return [...items].sort((a, b) => order.indexOf(a.kind) - order.indexOf(b.kind));
}

function KeptItem({ item, removed, onToggle }: { item: Item; removed: boolean; onToggle: () => void }) {
  const words = item.kind === 'channel' ? platformName(item.statement.replaceAll('_', '')) : item.statement;
  return (
    <li data-removed={removed || undefined}>
      <div>
        <span className="sub">{itemWords[item.kind]}</span>
        <p>{words}</p>
      </div>
      <Button size="small" look="quiet" aria-label={removed ? `Keep: ${words}` : `Remove: ${words}`} onClick={onToggle}>
        {removed ? 'Keep' : 'Remove'}
      </Button>
    </li>
  );
}
