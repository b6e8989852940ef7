import { PasswordInput, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useQuery } from '@tanstack/react-query';
import { useRouter } from '@tanstack/react-router';
import { changeEmail, changeName, changePassword } from '#web/account.ts';
import { useChange } from '#web/change.ts';
import { shortest } from '#web/pages/people/password.ts';
import { Button } from '#web/parts/button.tsx';
import { Card } from '#web/parts/card.tsx';
import { ErrorNotice } from '#web/parts/error-notice.tsx';
import { Loaded } from '#web/parts/loaded.tsx';
import { type Person, sessionQuery } from '#web/session.ts';
import { SecondFactorCard } from './you-factor.tsx';
import { PasskeysCard } from './you-passkeys.tsx';
import { SessionsCard, sessionsQuery } from './you-sessions.tsx';

/** The person's own account, in whichever workspace they are. */
export function YouSection() {
  const person = useQuery(sessionQuery);
  return (
    <>
      <Card title="You" padded>
        <Loaded query={person}>
          {(data) =>
            data && (
              <div className="stack">
                <NameForm person={data} />
                <EmailForm key={data.email} person={data} />
              </div>
            )
          }
        </Loaded>
      </Card>
      <PasswordCard />
      <PasskeysCard />
      {person.data && <SecondFactorCard on={person.data.twoFactorEnabled} />}
      <SessionsCard />
    </>
  );
}

function NameForm({ person }: { person: Person }) {
  const router = useRouter();
  const form = useForm({
    initialValues: { name: person.name },
    validate: { name: (value) => (value.trim() ? null : 'Type a name') },
  });
  const saving = useChange(changeName, {
    refreshes: [sessionQuery.queryKey, ['members.list']],
    says: 'Name changed',
    after: () => {
      form.resetDirty();
      void router.invalidate();
    },
  });
  return (
    <form
      className="inline-form"
      data-labelled
      noValidate
      onSubmit={form.onSubmit(({ name }) => saving.mutate(name.trim()))}
    >
      <TextInput label="Name" autoComplete="name" maxLength={200} {...form.getInputProps('name')} />
      <Button type="submit" busy={saving.isPending} disabled={!form.isDirty()}>
        Change name
      </Button>
      {saving.error && <ErrorNotice title="Not changed" error={saving.error} />}
    </form>
  );
}

function EmailForm({ person }: { person: Person }) {
  const router = useRouter();
  const form = useForm({
    initialValues: { email: person.email, password: '' },
    validate: {
      email: (value) => (/^\S+@\S+$/.test(value) ? null : 'Type an e-mail address'),
      password: (value) => (value ? null : 'Type your password'),
    },
  });
  const changed = form.values.email !== person.email;
  const saving = useChange(changeEmail, {
    refreshes: [sessionQuery.queryKey, ['members.list']],
    says: 'E-mail address changed',
    after: () => void router.invalidate(),
  });
  return (
    <form
      className="inline-form"
      data-labelled
      noValidate
      onSubmit={form.onSubmit((values) => saving.mutate({ ...values, email: values.email.trim() }))}
    >
      <TextInput label="E-mail" type="email" autoComplete="email" {...form.getInputProps('email')} />
      {changed && (
        <PasswordInput
          label="Your password"
          autoComplete="current-password"
          visibilityToggleButtonProps={{ 'aria-label': 'Show password' }}
          {...form.getInputProps('password')}
        />
      )}
      <Button type="submit" busy={saving.isPending} disabled={!changed}>
        Change e-mail
      </Button>
      {saving.error && <ErrorNotice title="Not changed" error={saving.error} />}
    </form>
  );
}

function PasswordCard() {
  const form = useForm({
    initialValues: { currentPassword: '', newPassword: '' },
    validate: {
      currentPassword: (value) => (value ? null : 'Type the one you have now'),
      newPassword: (value) => (value.length >= shortest ? null : `Use ${shortest} characters or more`),
    },
  });
  const changing = useChange(changePassword, {
    refreshes: [sessionsQuery.queryKey],
    says: 'Password changed. Your other browsers are signed out.',
    after: () => form.reset(),
  });
  return (
    <Card title="Password" padded>
      <form className="form" noValidate onSubmit={form.onSubmit((values) => changing.mutate(values))}>
        <div className="pair">
          <PasswordInput
            label="Now"
            autoComplete="current-password"
            visibilityToggleButtonProps={{ 'aria-label': 'Show the password you have now' }}
            {...form.getInputProps('currentPassword')}
          />
          <PasswordInput
            label="New"
            autoComplete="new-password"
            visibilityToggleButtonProps={{ 'aria-label': 'Show the new password' }}
            {...form.getInputProps('newPassword')}
          />
        </div>
        {changing.error && <ErrorNotice title="Not changed" error={changing.error} />}
        <div className="form-foot">
          <Button type="submit" busy={changing.isPending} disabled={!form.isDirty()}>
            Change password
          </Button>
          <span className="sub">Your other browsers are signed out then.</span>
        </div>
      </form>
    </Card>
  );
}
