import '#web/styles/forms.css';
import { Modal, NativeSelect } from '@mantine/core';
import { useState } from 'react';
import { api } from '#web/api.ts';
import { useChange } from '#web/change.ts';
import { saveFile } from '#web/file.ts';
import { counted, day } from '#web/format.ts';
import { Button } from '#web/parts/button.tsx';
import { CopyField } from '#web/parts/copy-field.tsx';
import { ErrorNotice } from '#web/parts/error-notice.tsx';
import { type Template, templatesKey } from './queries.ts';

const endings = { 7: '7 days', 30: '30 days', 90: '90 days', 365: 'One year' } as const;

/** Gives a template away: as a file, or by a link that can be ended. */
export function ShareDialog({ template, onClose }: { template: Template; onClose: () => void }) {
  const { id: templateId, name, links } = template;
  const [days, setDays] = useState('90');
  const sharing = useChange(api.templates.share, { refreshes: [templatesKey] });
  const ending = useChange(api.templates.unshare, { refreshes: [templatesKey], after: () => sharing.reset() });
  const saving = useChange(api.templates.export, {
    refreshes: [],
    after: (file) => saveFile(`${name}.template.json`, templateBlob(file)),
  });
  const error = sharing.error ?? ending.error ?? saving.error;
  return (
    <Modal
      opened
      onClose={onClose}
      title={`Share ${name}`}
      centered
      size={480}
      closeButtonProps={{ 'aria-label': 'Close' }}
      overlayProps={{ color: 'var(--overlay)', backgroundOpacity: 1 }}
    >
      <div className="stack">
        <p className="sub">
          Its text and its variables go along, nothing of your app or your numbers. Whoever has the link reads it as it
          stands on that day and can bring it into their own Fanfare.
        </p>
        {sharing.data ? (
          <>
            <CopyField label="link to the template" value={sharing.data.url} />
            <p className="sub">
              Copy it now: it is shown only this once. It works until {day(sharing.data.expiresAt)}.
            </p>
          </>
        ) : (
          <NativeSelect
            label="A link ends after"
            value={days}
            data={Object.entries(endings).map(([value, label]) => ({ value, label }))}
            onChange={(event) => setDays(event.currentTarget.value)}
          />
        )}
        {links > 0 && (
          <p className="sub">
            {counted(links, 'link')} {links === 1 ? 'leads' : 'lead'} to it.{' '}
            <Button look="quiet" size="small" busy={ending.isPending} onClick={() => ending.mutate({ templateId })}>
              End all links
            </Button>
          </p>
        )}
        {error && <ErrorNotice title="That did not work" error={error} />}
        <div className="dialog-actions">
          <Button busy={saving.isPending} onClick={() => saving.mutate({ templateId })}>
            Save as file
          </Button>
          {!sharing.data && (
            <Button
              look="primary"
              busy={sharing.isPending}
              onClick={() => sharing.mutate({ templateId, days: Number(days) })}
            >
              Make a link
            </Button>
          )}
        </div>
      </div>
    </Modal>
  );
}

function templateBlob(file: unknown): Blob {
  return new Blob([`${JSON.stringify(file, null, 2)}\n`], { type: 'application/json' });
}
