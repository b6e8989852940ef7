import { useQuery } from '@tanstack/react-query';
import { compact, count, day } from '#web/format.ts';
import { DataTable } from '#web/parts/data-table.tsx';
import { EmptyState } from '#web/parts/empty-state.tsx';
import { Loaded } from '#web/parts/loaded.tsx';
import { PlatformIcon } from '#web/parts/platform-icon.tsx';
import { SkeletonCard } from '#web/parts/skeleton.tsx';
import { advocatesQuery } from './queries.ts';
import { nameOf } from './words.ts';

/** People who write to us often, the busiest first, with the rule that says so. */
export function Advocates() {
  const query = useQuery(advocatesQuery);
  return (
    <Loaded query={query} title="The advocates did not load" skeleton={<SkeletonCard height={320} />}>
      {({ contacts, rule }) => (
        <div className="card advocates">
          <h2 className="hidden-text">Advocates</h2>
          {contacts.length === 0 ? (
            <EmptyState title="No advocates yet" ghost={false}>
              Who writes to your accounts {rule.times} times within {rule.days} days is listed here, with how often.
            </EmptyState>
          ) : (
            <>
              <p className="advocates-rule sub">
                People who wrote to your accounts {rule.times} times or more within {rule.days} days.
              </p>
              <DataTable
                caption="Advocates"
                height="two"
                rows={contacts}
                rowKey={(contact) => contact.id}
                empty="Nobody yet."
                columns={[
                  {
                    key: 'who',
                    head: 'Who',
                    cell: (contact) => (
                      <>
                        <span className="cell-title clip">{nameOf(contact)}</span>
                        <div className="cell-meta num">
                          <PlatformIcon platform={contact.platform} size={12} />
                          <span className="clip">@{contact.handle}</span>
                        </div>
                      </>
                    ),
                  },
                  {
                    key: 'lately',
                    head: `In ${rule.days} days`,
                    align: 'right',
                    width: '92px',
                    cell: (contact) => count(contact.timesLately),
                  },
                  {
                    key: 'times',
                    head: 'Ever',
                    align: 'right',
                    width: '64px',
                    hideOnPhone: true,
                    cell: (contact) => count(contact.times),
                  },
                  {
                    key: 'answered',
                    head: 'Answered',
                    align: 'right',
                    width: '84px',
                    hideOnPhone: true,
                    cell: (contact) => count(contact.answered),
                  },
                  {
                    key: 'followers',
                    head: 'Followers',
                    align: 'right',
                    width: '90px',
                    hideOnPhone: true,
                    cell: (contact) => (contact.followers === null ? '–' : compact(contact.followers)),
                  },
                  {
                    key: 'since',
                    head: 'Since',
                    align: 'right',
                    width: '96px',
                    cell: (contact) => (contact.advocateSince ? day(contact.advocateSince) : ''),
                  },
                ]}
              />
            </>
          )}
        </div>
      )}
    </Loaded>
  );
}
