import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { api } from '#web/api.ts';
import { useChange } from '#web/change.ts';
import { Button } from '#web/parts/button.tsx';
import { Card } from '#web/parts/card.tsx';
import { ConfirmDialog } from '#web/parts/confirm-dialog.tsx';
import { CopyField } from '#web/parts/copy-field.tsx';
import { Loaded } from '#web/parts/loaded.tsx';
import { SkeletonLines } from '#web/parts/skeleton.tsx';

/** The address under which everyone reads the app's published posts. */
export function FeedCard({ appId }: { appId: string }) {
  const [renewing, setRenewing] = useState(false);
  const key = ['feeds', appId];
  const feed = useQuery({ queryKey: key, queryFn: () => api.feeds.get({ appId }) });
  const renew = useChange(api.feeds.renew, {
    refreshes: [key],
    says: 'The feed has a new address',
    after: () => setRenewing(false),
  });
  return (
    <Card
      title="RSS feed"
      action={
        <Button size="small" look="quiet" onClick={() => setRenewing(true)}>
          New address
        </Button>
      }
      padded
    >
      <Loaded query={feed} title="The feed did not load" skeleton={<SkeletonLines lines={2} />}>
        {({ url }) => (
          <div className="stack" data-gap="small">
            <p>Everything you published, for readers and for other programs.</p>
            <CopyField label="address of the feed" value={url} />
          </div>
        )}
      </Loaded>
      <ConfirmDialog
        opened={renewing}
        title="Give the feed a new address"
        confirm="Renew address"
        danger
        busy={renew.isPending}
        error={renew.error}
        onConfirm={() => renew.mutate({ appId })}
        onClose={() => setRenewing(false)}
      >
        The old address ends at once. Whoever reads it needs the new one.
      </ConfirmDialog>
    </Card>
  );
}
