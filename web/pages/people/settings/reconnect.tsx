import { Modal } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { api } from '#web/api.ts';
import { useChange } from '#web/change.ts';
import { Button } from '#web/parts/button.tsx';
import { ErrorNotice } from '#web/parts/error-notice.tsx';
import { type Account, platformsQuery } from './account-queries.ts';
import { ConnectWithKeys } from './connect-keys.tsx';

/** The way back to an account whose access has ended or soon does: the same as the way in. */
export function Reconnect({ account }: { account: Account }) {
  const platforms = useQuery(platformsQuery);
  const [open, setOpen] = useState(false);
  const reconnecting = useChange(api.accounts.connect, { refreshes: [], after: ({ url }) => location.assign(url) });
  const platform = platforms.data?.find((one) => one.id === account.platform);
  if (!platform || platform.connect === 'nothing') return null;
  return (
    <>
      <Button
        size="small"
        look="primary"
        busy={reconnecting.isPending}
        onClick={() =>
          platform.connect === 'keys'
            ? setOpen(true)
            : reconnecting.mutate({
                platform: account.platform,
                returnTo: '/settings/accounts',
                ...(account.serverUrl ? { server: account.serverUrl } : {}),
              })
        }
        aria-label={`Reconnect @${account.handle}`}
      >
        Reconnect
      </Button>
      {reconnecting.error && <ErrorNotice error={reconnecting.error} />}
      <Modal opened={open} onClose={() => setOpen(false)} title={`Connect @${account.handle} again`}>
        <ConnectWithKeys platform={platform} onConnected={() => setOpen(false)} />
      </Modal>
    </>
  );
}
