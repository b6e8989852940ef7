import { FileInput, Modal, Radio, Textarea } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { api } from '#web/api.ts';
import { useChange } from '#web/change.ts';
import { counted } from '#web/format.ts';
import { Button } from '#web/parts/button.tsx';
import { ErrorNotice } from '#web/parts/error-notice.tsx';
import { ALL, type List } from './queries.ts';

type Found = Awaited<ReturnType<typeof api.subscribers.import>>;

/** Takes addresses in from a file: looks first, then asks each to confirm, or not where the person says how they agreed. */
export function ImportDialog(props: { opened: boolean; list: List; onClose: () => void }) {
  return (
    <Modal
      opened={props.opened}
      onClose={props.onClose}
      title="Import addresses"
      centered
      size={520}
      closeButtonProps={{ 'aria-label': 'Close' }}
      overlayProps={{ color: 'var(--overlay)', backgroundOpacity: 1 }}
    >
      <ImportForm {...props} />
    </Modal>
  );
}

function ImportForm({ list, onClose }: { list: List; onClose: () => void }) {
  const [csv, setCsv] = useState('');
  const [agreed, setAgreed] = useState<'ask' | 'agreed'>('ask');
  const [consent, setConsent] = useState('');
  const looking = useMutation({
    mutationFn: async (file: File) => {
      const text = await file.text();
      setCsv(text);
      return api.subscribers.import({ listId: list.id, csv: text, dryRun: true });
    },
  });
  const importing = useChange(api.subscribers.import, { refreshes: [ALL], says: 'Addresses imported', after: onClose });
  const found = looking.data;
  const short = agreed === 'agreed' && consent.trim().length < 10;
  return (
    <form
      className="form"
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        importing.mutate({ listId: list.id, csv, ...(agreed === 'agreed' ? { consent: consent.trim() } : {}) });
      }}
    >
      <FileInput
        label="CSV file"
        description="With a column named email, or with addresses alone"
        placeholder="Choose a file"
        accept=".csv,text/csv,text/plain"
        onChange={(file) => file && looking.mutate(file)}
      />
      {found && <FoundWords found={found} />}
      {found && found.added > 0 && (
        <Radio.Group
          label="Did these people agree?"
          value={agreed}
          onChange={(value) => setAgreed(value === 'agreed' ? 'agreed' : 'ask')}
        >
          <div className="stack" data-gap="small">
            <Radio value="ask" label="Ask each by mail to confirm" />
            <Radio value="agreed" label="They agreed already, and I can show it" />
          </div>
        </Radio.Group>
      )}
      {agreed === 'agreed' && (
        <Textarea
          label="How they agreed"
          description="Kept with each address, such as: ticked the box in our shop in 2026"
          autosize
          minRows={2}
          value={consent}
          onChange={(event) => setConsent(event.currentTarget.value)}
        />
      )}
      {(looking.error ?? importing.error) && (
        <ErrorNotice title="Not imported" error={looking.error ?? importing.error} />
      )}
      <div className="dialog-actions">
        <Button onClick={onClose}>Cancel</Button>
        <Button type="submit" look="primary" busy={importing.isPending} disabled={!found || found.added === 0 || short}>
          {found ? `Import ${counted(found.added, 'address', 'addresses')}` : 'Import'}
        </Button>
      </div>
    </form>
  );
}

function FoundWords({ found }: { found: Found }) {
  return (
    <div role="status">
      <p>
        {counted(found.added, 'new address', 'new addresses')}
        {found.known > 0 && `, ${found.known} on the list already`}
        {found.ended > 0 && `, ${found.ended} who left or bounced and stay out`}.
      </p>
      {found.bad.length > 0 && (
        <p className="sub">
          Left out:{' '}
          {found.bad
            .slice(0, 5)
            .map(({ line }) => `line ${line}`)
            .join(', ')}
          {found.bad.length > 5 && ` and ${found.bad.length - 5} more`}. {found.bad[0]?.reason}
        </p>
      )}
    </div>
  );
}
