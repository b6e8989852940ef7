import { TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useQuery } from '@tanstack/react-query';
import { problemSentences } from '#src/distribute/accounts/problems.ts';
import { api } from '#web/api.ts';
import { useChange } from '#web/change.ts';
import { count } from '#web/format.ts';
import { Button } from '#web/parts/button.tsx';
import { Card } from '#web/parts/card.tsx';
import { ErrorNotice, Notice } from '#web/parts/error-notice.tsx';
import { Loaded } from '#web/parts/loaded.tsx';
import { PlatformIcon } from '#web/parts/platform-icon.tsx';
import { SkeletonLines } from '#web/parts/skeleton.tsx';
import { accountsQuery } from '#web/queries.ts';
import { AccountRow } from './account.tsx';
import { accountsKey } from './account-queries.ts';
import { ConnectX } from './connect-x.tsx';

/** Where posts go out: what is connected, and how to connect more. */
export function AccountsSection() {
  const accounts = useQuery(accountsQuery);
  return (
    <>
      <ConnectionOutcome />
      <Card title="Accounts" sub={accounts.data && <span className="num">{count(accounts.data.length)}</span>}>
        <Loaded
          query={accounts}
          title="The accounts did not load"
          skeleton={
            <div className="card-body">
              <SkeletonLines lines={4} />
            </div>
          }
        >
          {(all) =>
            all.length > 0 ? (
              <ul>
                {all.map((account) => (
                  <AccountRow key={account.id} account={account} />
                ))}
              </ul>
            ) : (
              <p className="table-empty">
                Nothing is connected yet. Connect X below, or try everything on the sandbox first: it behaves like X and
                nothing leaves this machine.
              </p>
            )
          }
        </Loaded>
      </Card>
      <ConnectX returnTo="/settings/accounts" />
      <Card title="Sandbox" padded>
        <div className="stack" data-gap="small">
          <p>A pretend platform on this machine. Posts go out, get numbers, and nobody sees them.</p>
          <ConnectSandbox />
        </div>
      </Card>
    </>
  );
}

export function ConnectSandbox({ onConnected }: { onConnected?: () => void }) {
  const form = useForm({
    initialValues: { handle: '' },
    validate: {
      handle: (value) =>
        /^@?[A-Za-z0-9_]{1,15}$/.test(value) ? null : 'Up to 15 letters, digits or underscores, such as mayabuilds',
    },
  });
  const connecting = useChange(api.accounts.connectSandbox, {
    refreshes: [accountsKey],
    says: 'Sandbox connected',
    after: () => {
      form.reset();
      onConnected?.();
    },
  });
  return (
    <form className="inline-form" noValidate onSubmit={form.onSubmit((values) => connecting.mutate(values))}>
      <TextInput
        aria-label="Handle"
        leftSection={<PlatformIcon platform="sandbox" decorative />}
        placeholder="mayabuilds"
        autoComplete="off"
        {...form.getInputProps('handle')}
      />
      <Button type="submit" busy={connecting.isPending}>
        Connect sandbox
      </Button>
      {connecting.error && <ErrorNotice title="Not connected" error={connecting.error} />}
    </form>
  );
}

/** How a visit to the platform's page of consent ended; the server wrote it into the address. */
export function ConnectionOutcome() {
  const search = new URLSearchParams(location.search);
  const handle = search.get('connected');
  const problem = search.get('problem');
  if (handle) return <Notice title={`@${handle} is connected`}>The platform confirmed who you are.</Notice>;
  if (problem) return <ErrorNotice title="The account was not connected" error={new Error(wordsOf(problem))} />;
  return null;
}

function wordsOf(problem: string): string {
  return problem in problemSentences
    ? problemSentences[problem as keyof typeof problemSentences]
    : problemSentences.platform_error;
}
