import '#web/styles/forms.css';
import { FileInput, Modal, TextInput } from '@mantine/core';
import { useState } from 'react';
import { api } from '#web/api.ts';
import { useChange } from '#web/change.ts';
import { Button } from '#web/parts/button.tsx';
import { ErrorNotice } from '#web/parts/error-notice.tsx';
import { templatesKey } from './queries.ts';

/** Brings a template in from a file or a link. It is checked first, and is words only. */
export function ImportDialog({ onClose }: { onClose: () => void }) {
  const [file, setFile] = useState<File | null>(null);
  const [link, setLink] = useState('');
  const bringing = useChange(
    async () => api.templates.import(file ? { file: await file.text() } : { link: link.trim() }),
    { refreshes: [templatesKey], says: 'The template is here.', after: onClose },
  );
  return (
    <Modal
      opened
      onClose={onClose}
      title="Bring a template in"
      centered
      size={480}
      closeButtonProps={{ 'aria-label': 'Close' }}
      overlayProps={{ color: 'var(--overlay)', backgroundOpacity: 1 }}
    >
      <form
        className="stack"
        onSubmit={(event) => {
          event.preventDefault();
          bringing.mutate(undefined);
        }}
      >
        <FileInput
          label="File"
          description="Saved under Templates, here or in another Fanfare."
          accept="application/json,.json"
          placeholder="Choose a file"
          value={file}
          onChange={setFile}
          clearable
        />
        <TextInput
          label="Or a link"
          type="url"
          placeholder="https://…/shared-templates/…"
          maxLength={2000}
          disabled={file !== null}
          value={link}
          onChange={(event) => setLink(event.currentTarget.value)}
        />
        {bringing.error && <ErrorNotice title="It was not brought in" error={bringing.error} />}
        <div className="dialog-actions">
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" look="primary" busy={bringing.isPending} disabled={!file && link.trim() === ''}>
            Bring it in
          </Button>
        </div>
      </form>
    </Modal>
  );
}
