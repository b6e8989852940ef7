import { TextInput } from '@mantine/core';
import { Check, ClipboardPaste, Search } from 'lucide-react';
import { useState } from 'react';
import { api } from '#web/api.ts';
import { useChange } from '#web/change.ts';
import { Button } from '#web/parts/button.tsx';
import { ErrorNotice } from '#web/parts/error-notice.tsx';
import type { Task } from './queries.ts';

const refreshes = [['assisted'], ['posts'], ['notices'], ['spend']];

/** After it was sent: its address, pasted or found. */
export function DoneForm({ task }: { task: Task }) {
  const [url, setUrl] = useState('');
  const taskId = task.id;
  const done = useChange((address: string | null) => api.assisted.done({ taskId, url: address }), {
    refreshes,
    says: 'Noted. It is measured from now on.',
  });
  const find = useChange(() => api.assisted.find({ taskId }), { refreshes });
  const [noPaste, setNoPaste] = useState(false);
  const paste = async () => {
    try {
      setUrl((await navigator.clipboard.readText()).trim());
    } catch {
      setNoPaste(true);
    }
  };
  const send = () => done.mutate(url.trim() === '' ? null : url.trim());
  return (
    <form
      className="task-done"
      onSubmit={(event) => {
        event.preventDefault();
        send();
      }}
    >
      <div className="task-address">
        <TextInput
          label="When it is out, its address"
          placeholder="https://"
          inputMode="url"
          autoComplete="off"
          value={url}
          error={
            noPaste && url === '' ? 'The browser does not allow pasting by a button. Paste into the field.' : undefined
          }
          onChange={(event) => setUrl(event.currentTarget.value)}
        />
        <Button onClick={() => void paste()}>
          <ClipboardPaste size={14} aria-hidden="true" /> Paste
        </Button>
      </div>
      <div className="line">
        <Button type="submit" look={url.trim() === '' ? 'plain' : 'primary'} busy={done.isPending}>
          <Check size={14} aria-hidden="true" /> {url.trim() === '' ? 'Done, without an address' : 'Done'}
        </Button>
        {task.looksForIt && (
          <Button busy={find.isPending} onClick={() => find.mutate(undefined)}>
            <Search size={14} aria-hidden="true" /> Find it
          </Button>
        )}
        <span className="sub" role="status">
          {find.data?.url === null
            ? 'It is not there yet. Try again in a minute, or paste its address.'
            : task.looksForIt && 'Fanfare also looks for it by itself.'}
        </span>
      </div>
      {done.error && <ErrorNotice title="It was not noted" error={done.error} />}
      {find.error && <ErrorNotice title="It could not be looked for" error={find.error} />}
    </form>
  );
}
