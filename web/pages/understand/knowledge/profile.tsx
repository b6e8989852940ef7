import { Modal, NativeSelect, Textarea, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { ExternalLink, Pencil } from 'lucide-react';
import { useState } from 'react';
import { api } from '#web/api.ts';
import { type App, appsQuery } from '#web/app.tsx';
import { useChange } from '#web/change.ts';
import { Button } from '#web/parts/button.tsx';
import { ErrorNotice } from '#web/parts/error-notice.tsx';
import { categoryWords, optionsOf, shortUrl, stageWords, statusWords } from './words.ts';

/** Who the app is, in two lines. */
export function Profile({ app }: { app: App }) {
  const [editing, setEditing] = useState(false);
  const [broken, setBroken] = useState<string>();
  const logo = app.logoUrl && app.logoUrl !== broken ? app.logoUrl : undefined;
  return (
    <section className="card profile" aria-label="Profile">
      <span className="profile-mark" aria-hidden="true" data-letter={!logo || undefined}>
        {logo ? <img src={logo} alt="" onError={() => setBroken(logo)} /> : app.name[0]?.toUpperCase()}
      </span>
      <div className="profile-text">
        <h2>{app.name}</h2>
        <p>{app.tagline ?? app.description ?? 'No tagline found yet. Write it yourself, or read the pages again.'}</p>
        <div className="line profile-meta">
          <a href={app.url} target="_blank" rel="noreferrer">
            {shortUrl(app.url)}
            <ExternalLink size={12} aria-hidden="true" />
          </a>
          <span className="tag">{categoryWords[app.category]}</span>
          <span className="tag">{stageWords[app.stage]}</span>
          {app.brandColours.slice(0, 4).map((colour) => (
            <span key={colour} className="profile-colour" style={{ background: colour }} title={colour} />
          ))}
        </div>
      </div>
      <Button onClick={() => setEditing(true)}>
        <Pencil size={14} aria-hidden="true" />
        Edit
      </Button>
      {editing && <ProfileForm app={app} onClose={() => setEditing(false)} />}
    </section>
  );
}

function ProfileForm({ app, onClose }: { app: App; onClose: () => void }) {
  const form = useForm({
    initialValues: {
      name: app.name,
      tagline: app.tagline ?? '',
      category: app.category,
      stage: app.stage,
      status: app.status,
      launchOn: app.launchOn ?? '',
      repositoryUrl: app.repositoryUrl ?? '',
    },
    validate: {
      name: (value) => (value.trim() ? null : 'Type its name'),
      repositoryUrl: (value) => (!value || /^https?:\/\//.test(value) ? null : 'Type its address, with https://'),
    },
  });
  const saving = useChange(api.apps.update, { refreshes: [appsQuery.queryKey], says: 'Profile saved', after: onClose });
  return (
    <Modal
      opened
      onClose={onClose}
      title="Edit profile"
      centered
      size={480}
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
            category: values.category,
            stage: values.stage,
            status: values.status,
            launchOn: values.launchOn || null,
            repositoryUrl: values.repositoryUrl || null,
          };
          // Only what was touched: a field a person sets is never overwritten by a reading.
          const changed = Object.entries(set).filter(([name]) => form.isDirty(name));
          if (changed.length === 0) return onClose();
          saving.mutate({ appId: app.id, ...(Object.fromEntries(changed) as Partial<typeof set>) });
        })}
      >
        <TextInput label="Name" data-autofocus {...form.getInputProps('name')} />
        <Textarea label="Tagline" autosize minRows={1} {...form.getInputProps('tagline')} />
        <div className="pair">
          <NativeSelect label="Category" data={optionsOf(categoryWords)} {...form.getInputProps('category')} />
          <NativeSelect label="Stage" data={optionsOf(stageWords)} {...form.getInputProps('stage')} />
        </div>
        <div className="pair">
          <NativeSelect label="Status" data={optionsOf(statusWords)} {...form.getInputProps('status')} />
          <TextInput label="Launch day" type="date" {...form.getInputProps('launchOn')} />
        </div>
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
