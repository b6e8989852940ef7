import { PasswordInput, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate, useRouterState } from '@tanstack/react-router';
import { acceptInvitation, type Invitation, joinByInvitation, lookAtInvitation } from '#web/account.ts';
import { Alone } from '#web/parts/alone.tsx';
import { Button, LinkButton } from '#web/parts/button.tsx';
import { ErrorNotice, Notice } from '#web/parts/error-notice.tsx';
import { Loaded } from '#web/parts/loaded.tsx';
import { sessionQuery } from '#web/session.ts';
import { shortest } from './password.ts';

const may: Record<Invitation['role'], string> = {
  owner: 'everything, with keys and money',
  editor: 'plan, write and publish',
  viewer: 'look at everything',
};

/** Behind the link of an invitation, whose token stands after the #. */
export function JoinPage() {
  const token = useRouterState({ select: ({ location }) => location.hash });
  const invitation = useQuery({
    queryKey: ['invitation', token],
    queryFn: () => lookAtInvitation(token),
    retry: false,
    enabled: token !== '',
  });
  const person = useQuery(sessionQuery);
  const queries = useQueryClient();
  const go = useNavigate();
  const enter = async () => {
    queries.clear();
    await go({ to: '/', hash: '' });
  };
  if (token === '' || invitation.error)
    return (
      <Alone title="This invitation is not good any more" intro="Each is good once and for seven days.">
        <div className="stack">
          <Notice title="Ask for a new one">
            Whoever invited you can send another link. If you joined already, sign in.
          </Notice>
          <LinkButton to="/sign-in">Sign in</LinkButton>
        </div>
      </Alone>
    );
  const found = invitation.data;
  return (
    <Alone
      title={found ? `Join “${found.workspace}”` : 'An invitation'}
      intro={found ? `${found.invitedBy ?? 'Somebody'} invites you: you may ${may[found.role]}.` : ''}
    >
      <Loaded query={invitation}>
        {({ email }) =>
          person.data ? (
            <AsPerson token={token} name={person.data.name} email={person.data.email} onDone={enter} />
          ) : (
            <AsNew token={token} email={email} onDone={enter} />
          )
        }
      </Loaded>
    </Alone>
  );
}

function AsPerson({
  token,
  name,
  email,
  onDone,
}: {
  token: string;
  name: string;
  email: string;
  onDone: () => Promise<void>;
}) {
  const accepting = useMutation({ mutationFn: acceptInvitation, onSuccess: onDone });
  return (
    <div className="stack">
      <p>
        You are signed in as {name} ({email}), and join as that.
      </p>
      {accepting.error && <ErrorNotice title="You did not join" error={accepting.error} />}
      <Button look="primary" busy={accepting.isPending} onClick={() => accepting.mutate(token)}>
        Join
      </Button>
      <LinkButton to="/" hash="" look="quiet">
        Not now
      </LinkButton>
    </div>
  );
}

function AsNew({ token, email, onDone }: { token: string; email: string; onDone: () => Promise<void> }) {
  const form = useForm({
    initialValues: { name: '', password: '' },
    validate: {
      name: (value) => (value.trim() ? null : 'Type the name the others know you by'),
      password: (value) => (value.length >= shortest ? null : `Use ${shortest} characters or more`),
    },
  });
  const joining = useMutation({ mutationFn: joinByInvitation, onSuccess: onDone });
  return (
    <>
      <form
        noValidate
        onSubmit={form.onSubmit(
          (values) => joining.mutate({ token, ...values }),
          (errors) => form.getInputNode(Object.keys(errors)[0]!)?.focus(),
        )}
      >
        <TextInput label="E-mail" type="email" autoComplete="username" value={email} readOnly />
        <TextInput label="Name" autoComplete="name" autoFocus {...form.getInputProps('name')} />
        <PasswordInput
          label="Password"
          description={`${shortest} characters or more. A sentence is fine.`}
          autoComplete="new-password"
          visibilityToggleButtonProps={{ 'aria-label': 'Show password' }}
          {...form.getInputProps('password')}
        />
        {joining.error && <ErrorNotice title="You did not join" error={joining.error} />}
        <Button type="submit" look="primary" busy={joining.isPending}>
          Create account and join
        </Button>
        <LinkButton to="/sign-in" search={{ next: `/join#${token}` }}>
          I have an account here
        </LinkButton>
      </form>
      <p className="foot">With an account of yours on this server, sign in first; then you join with it.</p>
    </>
  );
}
