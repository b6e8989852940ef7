import { PasswordInput, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { api } from '#web/api.ts';
import { useChange } from '#web/change.ts';
import { Button } from '#web/parts/button.tsx';
import { CopyField } from '#web/parts/copy-field.tsx';
import { ErrorNotice } from '#web/parts/error-notice.tsx';
import { Loaded } from '#web/parts/loaded.tsx';
import { accountsKey, type DeveloperApp, developerAppQuery } from './account-queries.ts';
import { consentSteps } from './consent-steps.ts';

/** Connecting by the platform's page of consent: one's own developer app first, then the page itself. */
export function ConnectByConsent({ platform, name, returnTo }: { platform: string; name: string; returnTo: string }) {
  const app = useQuery(developerAppQuery(platform));
  return (
    <Loaded query={app} title="The developer app did not load">
      {(data) => <Steps app={data} name={name} returnTo={returnTo} />}
    </Loaded>
  );
}

function Steps({ app, name, returnTo }: { app: DeveloperApp; name: string; returnTo: string }) {
  const [editing, setEditing] = useState(false);
  const connecting = useChange(api.accounts.connect, { refreshes: [], after: ({ url }) => location.assign(url) });
  const steps = consentSteps[app.platform];
  if (app.clientId === null || editing)
    return (
      <div className="stack">
        <ol className="how">
          {steps && (
            <li>
              Open{' '}
              <a className="link" href={steps.portal.url} target="_blank" rel="noreferrer">
                {steps.portal.name}
              </a>
              , {steps.make}
            </li>
          )}
          <li>
            Give it this callback address, letter by letter:
            <CopyField label="callback address" value={app.redirectUri} />
          </li>
          <li>{steps?.copy ?? 'Copy its client id and client secret to here.'}</li>
        </ol>
        <AppForm app={app} name={name} onSaved={() => setEditing(false)} />
      </div>
    );
  return (
    <div className="stack">
      <p>
        Your developer app <code>{app.clientId}</code> is set. {name} asks you once whether Fanfare may read and post
        for you.
      </p>
      {connecting.error && <ErrorNotice title={`${name} was not reached`} error={connecting.error} />}
      <div className="line">
        <Button
          look="primary"
          busy={connecting.isPending}
          onClick={() => connecting.mutate({ platform: app.platform, returnTo })}
        >
          Connect {name}
        </Button>
        <Button look="quiet" onClick={() => setEditing(true)}>
          Change the developer app
        </Button>
      </div>
    </div>
  );
}

function AppForm({ app, name, onSaved }: { app: DeveloperApp; name: string; onSaved: () => void }) {
  const form = useForm({
    initialValues: {
      clientId: app.clientId ?? '',
      clientSecret: '',
      apiUrl: app.apiUrl,
      authorizeUrl: app.authorizeUrl,
    },
    validate: {
      clientId: (value) => (value.trim() ? null : 'Paste the client id'),
      apiUrl: addressProblem,
      authorizeUrl: addressProblem,
    },
  });
  const saving = useChange(api.accounts.setDeveloperApp, {
    refreshes: [accountsKey],
    says: 'Developer app saved',
    after: onSaved,
  });
  return (
    <form
      className="form"
      noValidate
      onSubmit={form.onSubmit(({ clientId, clientSecret, apiUrl, authorizeUrl }) =>
        saving.mutate({
          platform: app.platform,
          clientId,
          ...(clientSecret ? { clientSecret } : {}),
          // Only what was changed: what is left alone keeps following the server's own settings.
          ...(form.isDirty('apiUrl') ? { apiUrl } : {}),
          ...(form.isDirty('authorizeUrl') ? { authorizeUrl } : {}),
        }),
      )}
    >
      <TextInput label="Client id" autoComplete="off" {...form.getInputProps('clientId')} />
      <PasswordInput
        label="Client secret"
        description={app.secretIsSet ? 'One is stored. Leave empty to keep it.' : 'Stored sealed, never shown again'}
        autoComplete="off"
        visibilityToggleButtonProps={{ 'aria-label': 'Show secret' }}
        {...form.getInputProps('clientSecret')}
      />
      <details>
        <summary>Addresses of {name}</summary>
        <div className="stack">
          <TextInput
            label="API"
            description="Change it only to go through a proxy or a test server"
            type="url"
            {...form.getInputProps('apiUrl')}
          />
          <TextInput label="Page of consent" type="url" {...form.getInputProps('authorizeUrl')} />
        </div>
      </details>
      {saving.error && <ErrorNotice title="Not saved" error={saving.error} />}
      <div className="form-foot">
        <Button type="submit" look="primary" busy={saving.isPending}>
          Save developer app
        </Button>
        {app.clientId !== null && (
          <Button look="quiet" onClick={onSaved}>
            Cancel
          </Button>
        )}
      </div>
    </form>
  );
}

function addressProblem(value: string): string | null {
  return /^https?:\/\/\S+$/.test(value) ? null : 'Type an address with https://';
}
