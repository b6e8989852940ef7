import { useQuery } from '@tanstack/react-query';
import { api } from '#web/api.ts';
import { LinkButton } from '#web/parts/button.tsx';
import { Card } from '#web/parts/card.tsx';
import { CopyField } from '#web/parts/copy-field.tsx';
import { EmptyState } from '#web/parts/empty-state.tsx';
import { Loaded } from '#web/parts/loaded.tsx';
import { Skeleton } from '#web/parts/skeleton.tsx';

/** Before the first visit: the line for one's site. */
export function NoTraffic({ appId }: { appId: string }) {
  const tracking = useQuery({ queryKey: ['tracking', appId], queryFn: () => api.tracking.get({ appId }) });
  return (
    <Card title="Visitors">
      <EmptyState
        title="No visits recorded yet"
        waiting="Waiting for the first visit"
        action={
          <div className="first-line">
            <Loaded query={tracking} title="The line did not load" skeleton={<Skeleton height={38} />}>
              {({ snippet }) => <CopyField label="tracker script" value={snippet} />}
            </Loaded>
            <LinkButton to="/settings/$section" params={{ section: 'tracking' }} size="small">
              Other ways, and an import of what you had
            </LinkButton>
          </div>
        }
      >
        Add one line to your site. Numbers show up here within a few seconds of the first visit.
      </EmptyState>
    </Card>
  );
}
