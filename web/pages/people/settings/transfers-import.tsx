import { NativeSelect } from '@mantine/core';
import { keepPreviousData, useMutation, useQuery } from '@tanstack/react-query';
import { FileUp } from 'lucide-react';
import { type DragEvent, useId, useState } from 'react';
import { api } from '#web/api.ts';
import type { App } from '#web/app.tsx';
import { useChange } from '#web/change.ts';
import { percent } from '#web/format.ts';
import { Button } from '#web/parts/button.tsx';
import { Card } from '#web/parts/card.tsx';
import { ErrorNotice, Notice } from '#web/parts/error-notice.tsx';
import { SkeletonLines } from '#web/parts/skeleton.tsx';
import {
  type Content,
  columnsOf,
  contentWords,
  formatWords,
  type Preview,
  sendFile,
  transfersQuery,
} from './transfers-queries.ts';

/** How one gets the file, source by source. */
const sources: [name: string, how: string][] = [
  [
    'X archive',
    'X: Settings, Your account, Download an archive of your data. Send the zip file as it comes. Your posts come in with likes and reposts, so that voice, times and templates learn from them.',
  ],
  [
    'Plausible',
    'Plausible: Site settings, Imports and exports, Export data. Send the zip file. Its days stand in your charts up to your first own day.',
  ],
  [
    'Umami',
    'Umami cloud: Settings, Data, Export. Your own server: the table website_event as CSV. Row by row it becomes visits and events.',
  ],
  [
    'Google Analytics',
    'GA4: a report or exploration with the dimension Date, Share, Download file, CSV. One file for each report.',
  ],
  ['CSV', 'Events, signups, payments, numbers of posts, or costs. Any column names: you say which is what.'],
  ['Fanfare export', 'All of another workspace, into an empty one. For owners.'],
];

type Asked = { content?: Content; columns?: Record<string, string> };

/** A file is sent, looked into, and brought in only when the person has seen what is in it. */
export function ImportCard({ app }: { app: App | null }) {
  const [part, setPart] = useState(0);
  const [sent, setSent] = useState<{ id: string; name: string } | null>(null);
  const sending = useMutation({
    mutationFn: (file: File) => sendFile(file, setPart),
    onSuccess: ({ id }, file) => setSent({ id, name: file.name }),
  });
  const again = () => {
    sending.reset();
    setSent(null);
    setPart(0);
  };
  return (
    <Card title="Import" sub={app ? `into ${app.name}` : undefined} padded>
      {sent ? (
        <Look key={sent.id} transferId={sent.id} name={sent.name} app={app} onDone={again} />
      ) : (
        <div className="stack">
          {sending.error && <ErrorNotice title="The file was not taken" error={sending.error} />}
          <DropZone busy={sending.isPending} part={part} onFile={(file) => sending.mutate(file)} />
          <ul className="transfer-sources">
            {sources.map(([name, how]) => (
              <li key={name}>
                <strong>{name}</strong>
                <p className="sub">{how}</p>
              </li>
            ))}
          </ul>
        </div>
      )}
    </Card>
  );
}

function DropZone({ busy, part, onFile }: { busy: boolean; part: number; onFile: (file: File) => void }) {
  const id = useId();
  const [over, setOver] = useState(false);
  const drop = (event: DragEvent) => {
    event.preventDefault();
    setOver(false);
    const file = event.dataTransfer.files[0];
    if (file && !busy) onFile(file);
  };
  return (
    <label
      htmlFor={id}
      className="transfer-drop"
      data-over={over || undefined}
      onDragOver={(event) => {
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={drop}
    >
      <FileUp size={22} strokeWidth={1.5} aria-hidden="true" />
      {busy ? (
        <>
          <strong>Sending, {percent(part)}</strong>
          <progress value={part} max={1} aria-label="Sent" />
        </>
      ) : (
        <>
          <strong>Drop a file here, or choose one</strong>
          <span className="sub">zip or CSV, up to 4 GB. Nothing is brought in before you have seen what is in it.</span>
        </>
      )}
      <input
        id={id}
        type="file"
        accept=".zip,.csv,.tsv,.txt"
        disabled={busy}
        onChange={({ currentTarget }) => {
          const file = currentTarget.files?.[0];
          if (file) onFile(file);
          currentTarget.value = '';
        }}
      />
    </label>
  );
}

function Look({
  transferId,
  name,
  app,
  onDone,
}: {
  transferId: string;
  name: string;
  app: App | null;
  onDone: () => void;
}) {
  const [asked, setAsked] = useState<Asked>({});
  // Looking writes nothing, so it may be asked again as often as the person chooses other columns.
  const looking = useQuery({
    queryKey: ['transfers.preview', transferId, asked],
    queryFn: () => api.transfers.preview({ transferId, ...asked }),
    placeholderData: keepPreviousData,
    staleTime: Number.POSITIVE_INFINITY,
    retry: false,
  });
  const starting = useChange(api.transfers.start, {
    refreshes: [transfersQuery.queryKey],
    says: 'The import has begun',
    after: onDone,
  });
  const leaving = useChange(api.transfers.cancel, { refreshes: [], after: onDone });
  const seen = looking.data;
  const away = (
    <Button busy={leaving.isPending} onClick={() => leaving.mutate({ transferId })}>
      Leave it
    </Button>
  );
  if (looking.error && !seen)
    return (
      <div className="stack">
        <ErrorNotice title={`“${name}” cannot be brought in`} error={looking.error} />
        <div className="form-foot">{away}</div>
      </div>
    );
  if (!seen) return <SkeletonLines lines={5} />;
  const needsApp = seen.format !== 'archive' && !app;
  const ready =
    !seen.obstacle && seen.missing.length === 0 && !needsApp && (seen.format !== 'csv' || seen.content !== null);
  const start = () =>
    starting.mutate({
      transferId,
      format: seen.format,
      ...(seen.format !== 'archive' && app ? { appId: app.id } : {}),
      ...(seen.content ? { content: seen.content, columns: seen.columns } : {}),
    });
  return (
    <div className="stack">
      <p>
        <strong>{name}</strong> is: {formatWords[seen.format]}
        {seen.content ? `, ${contentWords[seen.content].toLowerCase()}` : ''}.
      </p>
      {seen.found.map((sentence) => (
        <p key={sentence}>{sentence}</p>
      ))}
      {seen.format === 'csv' && <Mapping seen={seen} onChange={setAsked} />}
      {seen.refused.length > 0 && (
        <Notice title="Some rows would not be taken" tone="warn">
          {seen.refused
            .slice(0, 3)
            .map(({ line, reason }) => `Line ${line}: ${reason}`)
            .join(' ')}
        </Notice>
      )}
      {seen.obstacle && (
        <Notice title="It cannot be brought in here" tone="warn">
          {seen.obstacle}
        </Notice>
      )}
      {needsApp && <Notice title="There is no app yet">Add your app first, then send the file again.</Notice>}
      {(starting.error || looking.error) && (
        <ErrorNotice title="It has not begun" error={starting.error ?? looking.error} />
      )}
      <div className="form-foot">
        {away}
        <Button look="primary" disabled={!ready} busy={starting.isPending} onClick={start}>
          Bring it in
        </Button>
      </div>
    </div>
  );
}

function Mapping({ seen, onChange }: { seen: Preview; onChange: (asked: Asked) => void }) {
  const { content, columns } = seen;
  const choose = (column: string, own: string) => {
    const { [column]: _, ...others } = columns;
    if (content) onChange({ content, columns: own === '' ? others : { ...others, [column]: own } });
  };
  return (
    <>
      <NativeSelect
        label="What a row is"
        value={content ?? ''}
        data={[
          { value: '', label: 'Choose', disabled: true },
          ...Object.entries(contentWords).map(([value, label]) => ({ value, label })),
        ]}
        onChange={({ currentTarget }) => onChange({ content: currentTarget.value as Content })}
      />
      {content && (
        <fieldset className="transfer-columns">
          <legend>Which column of your file is what</legend>
          {columnsOf[content].map((column) => (
            <NativeSelect
              key={column}
              label={column}
              value={columns[column] ?? ''}
              error={seen.missing.includes(column) ? 'Needed' : undefined}
              data={[
                { value: '', label: 'Not in this file' },
                ...[...new Set(seen.head)].filter(Boolean).map((value) => ({ value, label: value })),
              ]}
              onChange={({ currentTarget }) => choose(column, currentTarget.value)}
            />
          ))}
        </fieldset>
      )}
      <FirstRows seen={seen} />
    </>
  );
}

function FirstRows({ seen }: { seen: Preview }) {
  if (seen.rows.length === 0) return <p className="sub">There are no rows below the names of the columns.</p>;
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a table that is wider than the page is scrolled by keys.
    <section className="transfer-rows" tabIndex={0} aria-label="First rows">
      <table>
        <caption className="sub">The first rows of the file</caption>
        <thead>
          <tr>
            {seen.head.map((name, at) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: columns of a file have no other identity.
              <th key={at} scope="col">
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {seen.rows.map((cells, line) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: rows of a file have no other identity.
            <tr key={line}>
              {cells.map((cell, at) => (
                // biome-ignore lint/suspicious/noArrayIndexKey: cells of a row have no other identity.
                <td key={at}>{cell}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
