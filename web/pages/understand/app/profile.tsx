import { Modal, NativeSelect, Textarea, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useQuery } from '@tanstack/react-query';
import { ExternalLink, Pencil, Plus, X } from 'lucide-react';
import { useState } from 'react';
import { api } from '#web/api.ts';
import { appsQuery } from '#web/app.tsx';
import { useChange } from '#web/change.ts';
import { categoryWords, optionsOf, shortUrl } from '#web/pages/understand/knowledge/words.ts';
import { Button, IconButton } from '#web/parts/button.tsx';
import { Card } from '#web/parts/card.tsx';
import { ErrorNotice } from '#web/parts/error-notice.tsx';
import { Loaded } from '#web/parts/loaded.tsx';
import { platformName } from '#web/parts/platform-icon.tsx';
import { SkeletonCard } from '#web/parts/skeleton.tsx';
import { type AppDetails, appQuery } from './queries.ts';

/** Everything that is known of the app itself; what a person wrote is marked as theirs. */
export function Profile({ appId }: { appId: string }) {
  const app = useQuery(appQuery(appId));
  return (
    <Loaded query={app} skeleton={<SkeletonCard height={300} />}>
      {(details) => <Shown app={details} />}
    </Loaded>
  );
}

function Shown({ app }: { app: AppDetails }) {
  const [editing, setEditing] = useState(false);
  return (
    <Card
      title={app.name}
      sub={shortUrl(app.url)}
      action={
        <Button size="small" onClick={() => setEditing(true)}>
          <Pencil size={14} aria-hidden="true" />
          Edit profile
        </Button>
      }
      padded
    >
      <dl className="profile-list">
        <Row name="Tagline" field="tagline" app={app} value={app.tagline} />
        <Row name="Description" field="description" app={app} value={app.description} />
        <Row name="Category" field="category" app={app} value={categoryWords[app.category]} />
        <Row name="Logo" field="logoUrl" app={app} value={app.logoUrl && <Picture src={app.logoUrl} />} />
        <Row name="Icon" field="faviconUrl" app={app} value={app.faviconUrl && <Picture src={app.faviconUrl} />} />
        <Row
          name="Colours"
          field="brandColours"
          app={app}
          value={
            app.brandColours.length > 0 && (
              <span className="line">
                {app.brandColours.map((colour) => (
                  <span key={colour} className="colour-name num">
                    <span className="profile-colour" style={{ background: colour }} />
                    {colour}
                  </span>
                ))}
              </span>
            )
          }
        />
        <Row
          name="Elsewhere"
          field="socialLinks"
          app={app}
          value={
            app.socialLinks.length > 0 && (
              <span className="line">
                {app.socialLinks.map((link) => (
                  <a key={link.url} className="fact-link" href={link.url} target="_blank" rel="noreferrer">
                    {link.handle ? `${platformName(link.platform)} ${link.handle}` : shortUrl(link.url)}
                    <ExternalLink size={11} aria-hidden="true" />
                  </a>
                ))}
              </span>
            )
          }
        />
        <Row
          name="Repository"
          field="repositoryUrl"
          app={app}
          value={app.repositoryUrl && shortUrl(app.repositoryUrl)}
        />
      </dl>
      {editing && <ProfileForm app={app} onClose={() => setEditing(false)} />}
    </Card>
  );
}

function Row({
  name,
  field,
  app,
  value,
}: {
  name: string;
  field: Parameters<typeof api.apps.release>[0]['fields'][number];
  app: AppDetails;
  value: React.ReactNode;
}) {
  const releasing = useChange(api.apps.release, {
    refreshes: [appQuery(app.id).queryKey],
    says: 'The next reading fills it in',
  });
  return (
    <div>
      <dt>{name}</dt>
      <dd>
        {value || <span className="sub">Not found on the pages</span>}
        {app.editedFields.includes(field) && (
          <button
            type="button"
            className="yours"
            title="Let the next reading fill it in again"
            onClick={() => releasing.mutate({ appId: app.id, fields: [field] })}
          >
            Yours
            <X size={11} aria-hidden="true" />
            <span className="hidden-text">: let the next reading fill in {name.toLowerCase()} again</span>
          </button>
        )}
      </dd>
    </div>
  );
}

function Picture({ src }: { src: string }) {
  const [broken, setBroken] = useState(false);
  // A page may be shown over TLS; pictures without it are not loaded then, nor by our own rules.
  if (src.startsWith('http:')) return <span className="sub">{shortUrl(src)}, not shown without https</span>;
  if (broken) return <span className="sub">{shortUrl(src)} does not load</span>;
  return <img className="profile-picture" src={src} alt="" onError={() => setBroken(true)} />;
}

/** Everything a person can set; only what was touched is theirs afterwards. */
export function ProfileForm({ app, onClose }: { app: AppDetails; onClose: () => void }) {
  const form = useForm({
    initialValues: {
      name: app.name,
      tagline: app.tagline ?? '',
      description: app.description ?? '',
      category: app.category,
      logoUrl: app.logoUrl ?? '',
      faviconUrl: app.faviconUrl ?? '',
      brandColours: app.brandColours,
      socialLinks: app.socialLinks.map((link) => link.url).join('\n'),
      repositoryUrl: app.repositoryUrl ?? '',
    },
    validate: {
      name: (value) => (value.trim() ? null : 'Type its name'),
      logoUrl: wrongAddress,
      faviconUrl: wrongAddress,
      repositoryUrl: wrongAddress,
      socialLinks: (value) => linesOf(value).map(wrongAddress).find(Boolean) ?? null,
    },
  });
  const saving = useChange(api.apps.update, {
    refreshes: [appsQuery.queryKey, appQuery(app.id).queryKey],
    says: 'Profile saved',
    after: onClose,
  });
  const { brandColours } = form.values;
  return (
    <Modal
      opened
      onClose={onClose}
      title="Edit profile"
      centered
      size={560}
      closeButtonProps={{ 'aria-label': 'Close' }}
      overlayProps={{ color: 'var(--overlay)', backgroundOpacity: 1 }}
    >
      <form
        className="stack"
        noValidate
        onSubmit={form.onSubmit((values) => {
          const set = {
            name: values.name,
            tagline: values.tagline || null,
            description: values.description || null,
            category: values.category,
            logoUrl: values.logoUrl || null,
            faviconUrl: values.faviconUrl || null,
            brandColours: values.brandColours.filter((one) => /^#[0-9a-f]{6}$/i.test(one)),
            socialLinks: linesOf(values.socialLinks),
            repositoryUrl: values.repositoryUrl || null,
          };
          // Only what was touched: a field a person sets is never overwritten by a reading.
          const changed = Object.entries(set).filter(([name]) => form.isDirty(name));
          if (changed.length === 0) return onClose();
          saving.mutate({ appId: app.id, ...(Object.fromEntries(changed) as Partial<typeof set>) });
        })}
      >
        <div className="pair">
          <TextInput label="Name" data-autofocus {...form.getInputProps('name')} />
          <NativeSelect
            label="Category"
            description="Decides which channels and templates come first"
            inputWrapperOrder={['label', 'input', 'description', 'error']}
            data={optionsOf(categoryWords)}
            {...form.getInputProps('category')}
          />
        </div>
        <Textarea label="Tagline" autosize minRows={1} {...form.getInputProps('tagline')} />
        <Textarea label="Description" autosize minRows={2} maxRows={8} {...form.getInputProps('description')} />
        <div className="pair">
          <TextInput label="Address of the logo" type="url" {...form.getInputProps('logoUrl')} />
          <TextInput label="Address of the icon" type="url" {...form.getInputProps('faviconUrl')} />
        </div>
        <fieldset className="colours">
          <legend>Colours</legend>
          {brandColours.map((colour, at) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: colours have no name but their place.
            <div className="line" key={`${at} of ${brandColours.length}`}>
              <TextInput
                type="color"
                aria-label={`Colour ${at + 1}`}
                value={colour}
                onChange={(event) =>
                  form.setFieldValue(
                    'brandColours',
                    brandColours.map((one, n) => (n === at ? event.currentTarget.value : one)),
                  )
                }
              />
              <IconButton
                label={`Take out colour ${at + 1}`}
                onClick={() =>
                  form.setFieldValue(
                    'brandColours',
                    brandColours.filter((_, n) => n !== at),
                  )
                }
              >
                <X size={14} aria-hidden="true" />
              </IconButton>
            </div>
          ))}
          {brandColours.length < 12 && (
            <Button
              size="small"
              look="quiet"
              onClick={() => form.setFieldValue('brandColours', [...brandColours, '#5b5bd6'])}
            >
              <Plus size={14} aria-hidden="true" />
              Add a colour
            </Button>
          )}
        </fieldset>
        <Textarea
          label="Profiles and store pages"
          description="One address a line"
          autosize
          minRows={2}
          maxRows={8}
          {...form.getInputProps('socialLinks')}
        />
        <TextInput label="Public repository" type="url" {...form.getInputProps('repositoryUrl')} />
        <p className="sub">What you change here stays as you wrote it when the pages are read again.</p>
        {saving.error && <ErrorNotice title="Not saved" error={saving.error} />}
        <div className="dialog-actions">
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" look="primary" busy={saving.isPending}>
            Save profile
          </Button>
        </div>
      </form>
    </Modal>
  );
}

function wrongAddress(value: string): string | null {
  return !value || /^https?:\/\/\S+$/.test(value) || value.startsWith('/media/')
    ? null
    : 'Type an address with https://';
}

function linesOf(text: string): string[] {
  return text
    .split('\n')
    .map((line) => line.trim())
    .filter(Boolean);
}
