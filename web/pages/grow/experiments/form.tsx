import '#web/styles/forms.css';
import { Modal, NativeSelect, NumberInput, TextInput } from '@mantine/core';
import { Plus, X } from 'lucide-react';
import { type FormEvent, useState } from 'react';
import { api } from '#web/api.ts';
import { useChange } from '#web/change.ts';
import { Button, IconButton } from '#web/parts/button.tsx';
import { ErrorNotice } from '#web/parts/error-notice.tsx';
import { Segmented } from '#web/parts/segmented.tsx';
import { PostsField } from './posts-field.tsx';
import { type Experiment, experimentsKey } from './queries.ts';
import { kindWords, methodWords, metricWords } from './words.ts';

type Metric = Exclude<Experiment['metric'], 'revenue'>;
const metrics: Metric[] = ['visits', 'clicks', 'signups', 'impressions', 'engagement', 'engagement_rate'];

/** What is compared, by what, how it is judged, and which posts take part. */
export function NewExperiment({ appId, onClose }: { appId: string; onClose: () => void }) {
  const [name, setName] = useState('');
  const [kind, setKind] = useState<Experiment['kind']>('hook');
  const [metric, setMetric] = useState<Metric>('visits');
  const [method, setMethod] = useState<Experiment['method']>('always_valid');
  const [postsPerArm, setPostsPerArm] = useState<number | string>(20);
  const [arms, setArms] = useState(['', '']);
  const [postIds, setPostIds] = useState<string[]>([]);
  const creating = useChange(api.experiments.create, { refreshes: [experimentsKey], after: onClose });
  const named = arms.map((arm) => arm.trim()).filter(Boolean);
  const save = (event: FormEvent) => {
    event.preventDefault();
    creating.mutate({
      appId,
      name,
      kind,
      metric,
      method,
      postsPerArm: Number(postsPerArm),
      arms: named.map((arm) => ({ arm })),
      postIds,
    });
  };
  const setArm = (index: number, value: string) => setArms(arms.map((arm, i) => (i === index ? value : arm)));
  return (
    <Modal
      opened
      onClose={onClose}
      title="New experiment"
      centered
      size={560}
      closeButtonProps={{ 'aria-label': 'Close' }}
      overlayProps={{ color: 'var(--overlay)', backgroundOpacity: 1 }}
    >
      <form onSubmit={save} className="stack">
        <TextInput
          label="What do you want to know?"
          placeholder="A question or a number as the first line"
          maxLength={200}
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
          required
          data-autofocus
        />
        <div className="pair">
          <NativeSelect
            label="What differs"
            value={kind}
            onChange={(event) => setKind(event.currentTarget.value as Experiment['kind'])}
            data={Object.entries(kindWords).map(([value, label]) => ({ value, label }))}
          />
          <NativeSelect
            label="What counts"
            value={metric}
            onChange={(event) => setMetric(event.currentTarget.value as Metric)}
            data={metrics.map((value) => ({ value, label: metricWords[value] }))}
          />
        </div>
        <fieldset className="experiment-names">
          <legend>Arms</legend>
          {arms.map((arm, index) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: an arm has no name before it is typed; its place is what it is.
            <div key={index}>
              <TextInput
                aria-label={index === 0 ? 'First arm, what the others are held against' : `Arm ${index + 1}`}
                placeholder={index === 0 ? 'As until now' : 'What is new'}
                maxLength={100}
                value={arm}
                onChange={(event) => setArm(index, event.currentTarget.value)}
              />
              {arms.length > 2 && (
                <IconButton
                  label={`Remove arm ${index + 1}`}
                  onClick={() => setArms(arms.filter((_, i) => i !== index))}
                >
                  <X size={15} />
                </IconButton>
              )}
            </div>
          ))}
          {arms.length < 6 && (
            <Button look="quiet" onClick={() => setArms([...arms, ''])}>
              <Plus size={14} aria-hidden="true" />
              Another arm
            </Button>
          )}
        </fieldset>
        <div className="stack">
          <Segmented
            label="How it is judged"
            options={(['always_valid', 'fixed'] as const).map((value) => ({ value, label: methodWords[value].label }))}
            value={method}
            onChange={setMethod}
          />
          <p className="sub">{methodWords[method].told}</p>
        </div>
        <NumberInput
          label={method === 'fixed' ? 'Posts in each arm' : 'Posts in each arm, at most'}
          min={5}
          max={200}
          allowDecimal={false}
          value={postsPerArm}
          onChange={setPostsPerArm}
          hideControls
        />
        <PostsField
          appId={appId}
          label="Posts"
          description="Dealt to the arms by lot, evenly over weekdays and parts of the day. More can follow."
          value={postIds}
          onChange={setPostIds}
        />
        {creating.error && <ErrorNotice title="Not started" error={creating.error} />}
        <div className="dialog-actions">
          <Button onClick={onClose}>Cancel</Button>
          <Button
            type="submit"
            look="primary"
            busy={creating.isPending}
            disabled={name.trim() === '' || named.length < 2 || !(Number(postsPerArm) >= 5)}
          >
            Start
          </Button>
        </div>
      </form>
    </Modal>
  );
}
