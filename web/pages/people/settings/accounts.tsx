import { useQuery } from '@tanstack/react-query';
import { problemSentences } from '#src/distribute/accounts/problems.ts';
import { count } from '#web/format.ts';
import { Card } from '#web/parts/card.tsx';
import { ErrorNotice, Notice } from '#web/parts/error-notice.tsx';
import { Loaded } from '#web/parts/loaded.tsx';
import { SkeletonLines } from '#web/parts/skeleton.tsx';
import { accountsQuery } from '#web/queries.ts';
import { AccountRow } from './account.tsx';
import { Connect } from './connect.tsx';

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
                Nothing is connected yet. Choose a platform below, or try everything on the sandbox first: it behaves
                like X and nothing leaves this machine.
              </p>
            )
          }
        </Loaded>
      </Card>
      <Connect returnTo="/settings/accounts" />
    </>
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
