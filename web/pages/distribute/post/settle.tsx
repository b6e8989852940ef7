import { TextInput } from '@mantine/core';
import { useState } from 'react';
import { api } from '#web/api.ts';
import { useChange } from '#web/change.ts';
import { Button } from '#web/parts/button.tsx';
import { ConfirmDialog } from '#web/parts/confirm-dialog.tsx';
import { ErrorNotice } from '#web/parts/error-notice.tsx';

type Receipt = Awaited<ReturnType<typeof api.publications.get>>;

const refreshes = [['posts'], ['publications'], ['dashboards'], ['calendar']];

/** Asks what a person has to say about a part when the platform never said whether it is out. */
export function Settle({ receipt, platform }: { receipt: Receipt; platform: string }) {
  const position = receipt.toSettle ?? 0;
  const [url, setUrl] = useState('');
  const [sure, setSure] = useState(false);
  const there = useChange(api.publications.settle, { refreshes, says: 'Taken over' });
  const again = useChange(api.publications.settle, {
    refreshes,
    says: 'It is sent again',
    after: () => setSure(false),
  });
  const which = receipt.texts.length > 1 ? `Part ${position + 1}` : 'This post';
  const address = url.trim();
  return (
    <div className="settle">
      <p>
        <strong>Is it out?</strong> {which} was sent to {platform}, and no answer says what became of it. Look at @
        {receipt.account.handle} there. If it is out, paste its address; what is left then follows.
      </p>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (address !== '') there.mutate({ publicationId: receipt.id, position, url: address });
        }}
      >
        <TextInput
          size="xs"
          type="url"
          value={url}
          placeholder="https://"
          aria-label={`Address of the post on ${platform}`}
          onChange={(event) => setUrl(event.currentTarget.value)}
        />
        <Button type="submit" size="small" look="primary" disabled={address === ''} busy={there.isPending}>
          It is out
        </Button>
        <Button size="small" onClick={() => setSure(true)}>
          It is not there
        </Button>
      </form>
      {there.error && <ErrorNotice error={there.error} />}
      <ConfirmDialog
        opened={sure}
        title="Send it again?"
        confirm="Send it again"
        busy={again.isPending}
        error={again.error}
        onClose={() => setSure(false)}
        onConfirm={() => again.mutate({ publicationId: receipt.id, position, url: null })}
      >
        If it is on {platform} after all, it will be there twice.
      </ConfirmDialog>
    </div>
  );
}
