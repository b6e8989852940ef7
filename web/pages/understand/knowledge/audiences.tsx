import { Modal, Textarea, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useQuery } from '@tanstack/react-query';
import { Check, Pencil, Plus, Trash2 } from 'lucide-react';
import { useState } from 'react';
import { api } from '#web/api.ts';
import { useChange } from '#web/change.ts';
import { compact, counted, money } from '#web/format.ts';
import { Button, IconButton } from '#web/parts/button.tsx';
import { Card } from '#web/parts/card.tsx';
import { EmptyState } from '#web/parts/empty-state.tsx';
import { ErrorNotice } from '#web/parts/error-notice.tsx';
import { EvidenceQuote } from '#web/parts/evidence-quote.tsx';
import { Loaded } from '#web/parts/loaded.tsx';
import { PlatformIcon, platformName } from '#web/parts/platform-icon.tsx';
import { SkeletonCard } from '#web/parts/skeleton.tsx';
import { type Audience, audiencesQuery, knowledgeKey } from './queries.ts';
import { shortUrl } from './words.ts';

export function AudiencesTab({ appId }: { appId: string }) {
  const audiences = useQuery(audiencesQuery(appId));
  const [editing, setEditing] = useState<Audience | 'new'>();
  const add = (
    <Button onClick={() => setEditing('new')}>
      <Plus size={14} aria-hidden="true" />
      Add an audience
    </Button>
  );
  return (
    <Loaded query={audiences} skeleton={<SkeletonCard height={360} />}>
      {(all) => {
        const shown = all.filter((each) => each.state !== 'retired');
        return (
          <>
            {shown.length === 0 ? (
              <Card title="Audiences">
                <EmptyState title="No audience yet" ghost={false} action={add}>
                  Your pages do not say for whom the app is. Say it in a line, and drafts will speak to them.
                </EmptyState>
              </Card>
            ) : (
              <>
                <div className="line facts-bar">
                  <span className="sub num">{counted(shown.length, 'audience')}</span>
                  <span className="facts-bar-actions">{add}</span>
                </div>
                <div className="cards-grid">
                  {shown.map((audience) => (
                    <AudienceCard
                      key={audience.id}
                      appId={appId}
                      audience={audience}
                      onEdit={() => setEditing(audience)}
                    />
                  ))}
                </div>
              </>
            )}
            {editing && (
              <AudienceForm
                appId={appId}
                audience={editing === 'new' ? undefined : editing}
                onClose={() => setEditing(undefined)}
              />
            )}
          </>
        );
      }}
    </Loaded>
  );
}

function AudienceCard({ appId, audience, onEdit }: { appId: string; audience: Audience; onEdit: () => void }) {
  const options = { refreshes: [knowledgeKey(appId)] };
  const confirming = useChange(api.audiences.confirm, options);
  const retiring = useChange(api.audiences.retire, { ...options, says: 'Retired' });
  const { estimated, measured } = audience;
  return (
    <Card
      title={audience.name}
      action={
        <span className="row-actions">
          {audience.state === 'proposed' && (
            <Button
              size="small"
              busy={confirming.isPending}
              onClick={() => confirming.mutate({ audienceId: audience.id })}
              aria-label={`Confirm: ${audience.name}`}
            >
              <Check size={13} aria-hidden="true" />
              Confirm
            </Button>
          )}
          <IconButton label={`Edit ${audience.name}`} title="Edit" onClick={onEdit}>
            <Pencil size={14} />
          </IconButton>
          <IconButton
            label={`Retire ${audience.name}`}
            title="Retire"
            onClick={() => retiring.mutate({ audienceId: audience.id })}
          >
            <Trash2 size={14} />
          </IconButton>
        </span>
      }
      padded
    >
      <div className="stack" data-gap="small">
        {(confirming.error ?? retiring.error) && <ErrorNotice error={confirming.error ?? retiring.error} />}
        {audience.description && <p>{audience.description}</p>}
        {audience.quote && (
          <EvidenceQuote
            quote={audience.quote}
            page={audience.quoteUrl ? { title: shortUrl(audience.quoteUrl), url: audience.quoteUrl } : undefined}
            confidence={audience.confidence ?? undefined}
            confirmed={audience.state === 'confirmed'}
          />
        )}
        {audience.traits.length > 0 && (
          <dl className="traits">
            {traitKinds
              .map((kind) => ({ kind, traits: audience.traits.filter((trait) => trait.kind === kind) }))
              .filter(({ traits }) => traits.length > 0)
              .map(({ kind, traits }) => (
                <div key={kind}>
                  <dt>{traitWords[kind]}</dt>
                  {traits.map((trait) => (
                    <dd key={trait.statement}>{trait.statement}</dd>
                  ))}
                </div>
              ))}
          </dl>
        )}
        {audience.platforms.length > 0 && (
          <div className="line">
            {audience.platforms.map((place) => (
              <span key={place.platform} className="tag" title={place.reasoning ?? undefined}>
                <PlatformIcon platform={place.platform} size={11} decorative />
                {platformName(place.platform)}, {presenceWords[place.presence]}
              </span>
            ))}
          </div>
        )}
        <p className="sub num">
          {estimated.size !== null && `About ${compact(estimated.size)} people (estimated). `}
          {measured
            ? `${counted(measured.customers, 'customer')} measured${
                measured.lifetimeValue
                  ? `, worth ${money(measured.lifetimeValue.minor, measured.lifetimeValue.currency)} each`
                  : ''
              }.`
            : 'What a customer of it is worth shows once payments are measured.'}
        </p>
      </div>
    </Card>
  );
}

function AudienceForm({ appId, audience, onClose }: { appId: string; audience?: Audience; onClose: () => void }) {
  const form = useForm({
    initialValues: { name: audience?.name ?? '', description: audience?.description ?? '' },
    validate: { name: (value) => (value.trim() ? null : 'Name them in two or three words') },
  });
  const saving = useChange(
    (values: { name: string; description: string }) =>
      audience ? api.audiences.update({ audienceId: audience.id, ...values }) : api.audiences.add({ appId, ...values }),
    { refreshes: [knowledgeKey(appId)], says: 'Audience saved', after: onClose },
  );
  return (
    <Modal
      opened
      onClose={onClose}
      title={audience ? 'Edit audience' : 'Add an audience'}
      centered
      size={440}
      closeButtonProps={{ 'aria-label': 'Close' }}
      overlayProps={{ color: 'var(--overlay)', backgroundOpacity: 1 }}
    >
      <form className="stack" noValidate onSubmit={form.onSubmit((values) => saving.mutate(values))}>
        <TextInput label="Who they are" placeholder="Solo founders" data-autofocus {...form.getInputProps('name')} />
        <Textarea label="What they need" autosize minRows={3} {...form.getInputProps('description')} />
        {saving.error && <ErrorNotice title="Not saved" error={saving.error} />}
        <div className="dialog-actions">
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" look="primary" busy={saving.isPending}>
            Save
          </Button>
        </div>
      </form>
    </Modal>
  );
}

type TraitKind = Audience['traits'][number]['kind'];
const traitWords: Record<TraitKind, string> = {
  pain: 'Pains',
  goal: 'Goals',
  behaviour: 'Habits',
  demographic: 'Who',
  psychographic: 'Attitude',
};
const traitKinds = Object.keys(traitWords) as TraitKind[];
const presenceWords = { high: 'many', some: 'some', low: 'few' };
