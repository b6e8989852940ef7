import { Checkbox, Modal } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { FileUp } from 'lucide-react';
import { useRef, useState } from 'react';
import { api } from '#web/api.ts';
import { useApp, useHouse } from '#web/app.tsx';
import { counted, dateTime } from '#web/format.ts';
import { Button } from '#web/parts/button.tsx';
import { DataTable } from '#web/parts/data-table.tsx';
import { ErrorNotice, Notice } from '#web/parts/error-notice.tsx';
import { PlatformIcon } from '#web/parts/platform-icon.tsx';

type Result = Awaited<ReturnType<typeof api.calendar.importCsv>>;
type Choice = { schedules: boolean; again: boolean; evenIfSimilar: boolean };

/** A table of posts comes in: first what would become of each row, then for real. */
export function ImportDialog({ onClose }: { onClose: () => void }) {
  const app = useApp();
  const { timeZone } = useHouse();
  const queries = useQueryClient();
  const input = useRef<HTMLInputElement>(null);
  const [file, setFile] = useState<{ name: string; csv: string }>();
  const [choice, setChoice] = useState<Choice>({ schedules: true, again: false, evenIfSimilar: false });
  const trial = useMutation({
    mutationFn: (wanted: Choice & { csv: string }) =>
      api.calendar.importCsv({ appId: app.id, dryRun: true, ...wanted }),
  });
  const real = useMutation({
    mutationFn: (wanted: Choice & { csv: string }) =>
      api.calendar.importCsv({ appId: app.id, dryRun: false, ...wanted }),
    onSuccess: async (result) => {
      await queries.invalidateQueries();
      if (!result.imported) return;
      notifications.show({ message: `${counted(result.posts, 'post')} imported` });
      onClose();
    },
  });
  const result = real.data ?? trial.data;
  const choose = (chosen: Partial<Choice>) => {
    const next = { ...choice, ...chosen };
    setChoice(next);
    real.reset();
    if (file) trial.mutate({ ...next, csv: file.csv });
  };
  const open = async (given: File | undefined) => {
    if (!given) return;
    const csv = await given.text();
    setFile({ name: given.name, csv });
    real.reset();
    trial.mutate({ ...choice, again: false, csv });
  };
  const ready = result && result.problems.length === 0 && result.rows.length > 0;
  return (
    <Modal
      opened
      onClose={onClose}
      title="Import a table"
      centered
      size={760}
      closeButtonProps={{ 'aria-label': 'Close' }}
      overlayProps={{ color: 'var(--overlay)', backgroundOpacity: 1 }}
    >
      <div className="stack">
        <p className="sub">
          A CSV file whose first line names its columns: text, and as you like date, time, time zone, account, platform,
          title, link, campaign, tags. The parts of a thread stand between lines of “---”. With an account a row is
          scheduled there, without a date into its next free slot; without an account it becomes a draft. Every row
          makes a new post; what is planned already stays as it is.
        </p>
        <div className="line">
          <Button onClick={() => input.current?.click()}>
            <FileUp size={15} aria-hidden="true" /> {file ? 'Another file' : 'Choose a file'}
          </Button>
          {file && <span className="clip">{file.name}</span>}
          <input
            ref={input}
            type="file"
            accept=".csv,text/csv,.tsv,.txt"
            aria-label="CSV file"
            hidden
            onChange={(event) => void open(event.currentTarget.files?.[0])}
          />
        </div>
        {file && (
          <div className="cal-choices">
            <Checkbox
              label="Schedule rows that name an account"
              checked={choice.schedules}
              onChange={(event) => choose({ schedules: event.currentTarget.checked })}
            />
            <Checkbox
              label="Also what reads like another post"
              checked={choice.evenIfSimilar}
              onChange={(event) => choose({ evenIfSimilar: event.currentTarget.checked })}
            />
          </div>
        )}
        {trial.isPending && (
          <p className="sub" role="status">
            Reading the file…
          </p>
        )}
        {(trial.error ?? real.error) && <ErrorNotice title="Not imported" error={trial.error ?? real.error} />}
        {result && <Found result={result} timeZone={timeZone} />}
        {result?.importedBefore && (
          <Checkbox
            label={`This file was imported ${dateTime(result.importedBefore, timeZone)}. Import it once more`}
            checked={choice.again}
            onChange={(event) => choose({ again: event.currentTarget.checked })}
          />
        )}
      </div>
      <div className="dialog-actions">
        <Button onClick={onClose}>Cancel</Button>
        <Button
          look="primary"
          busy={real.isPending}
          disabled={!ready || !file || (result.importedBefore !== null && !choice.again)}
          onClick={() => file && real.mutate({ ...choice, csv: file.csv })}
        >
          {ready ? `Import ${counted(result.posts, 'post')}` : 'Import'}
        </Button>
      </div>
    </Modal>
  );
}

function Found({ result, timeZone }: { result: Result; timeZone: string }) {
  if (result.problems.length > 0)
    return (
      <>
        <Notice tone="neg" title={`${counted(result.problems.length, 'row')} cannot be imported`}>
          Nothing is written until all rows are right. Mend them in the file and choose it again.
        </Notice>
        <div className="import-table">
          <DataTable
            caption="Rows that cannot be imported"
            rows={result.problems.map((problem, key) => ({ ...problem, key }))}
            rowKey={({ key }) => String(key)}
            columns={[
              { key: 'line', head: 'Line', width: '56px', align: 'right', cell: ({ line }) => line },
              { key: 'column', head: 'Column', width: '92px', cell: ({ column }) => column?.replace('_', ' ') ?? '' },
              { key: 'reason', head: 'What to mend', cell: ({ reason }) => reason },
            ]}
          />
        </div>
      </>
    );
  return (
    <>
      <p className="num">
        {counted(result.posts, 'post')}: {result.scheduled} scheduled, {counted(result.drafts, 'draft')}.
      </p>
      <div className="import-table">
        <DataTable
          caption="What becomes of the rows"
          rows={result.rows}
          rowKey={({ line, platform, account }) => `${line} ${platform} ${account}`}
          empty="There is no row in this file."
          columns={[
            { key: 'line', head: 'Line', width: '56px', align: 'right', cell: ({ line }) => line },
            {
              key: 'post',
              head: 'Post',
              cell: ({ title, platform, account }) => (
                <span className="import-post">
                  <PlatformIcon platform={platform} size={12} />
                  {account && <span className="sub">@{account}</span>}
                  <span className="clip">{title}</span>
                </span>
              ),
            },
            {
              key: 'at',
              head: 'When',
              width: '170px',
              cell: ({ at, becomes }) =>
                `${becomes === 'draft' ? 'Draft' : ''}${becomes === 'draft' && at ? ', ' : ''}${at ? dateTime(at, timeZone) : ''}`,
            },
          ]}
        />
      </div>
    </>
  );
}
