import { useQuery } from '@tanstack/react-query';
import { Archive, Plus } from 'lucide-react';
import { useState } from 'react';
import { api } from '#web/api.ts';
import { useChange } from '#web/change.ts';
import { count, dateTime, relative } from '#web/format.ts';
import { Button, LinkButton } from '#web/parts/button.tsx';
import { Card } from '#web/parts/card.tsx';
import { EmptyState } from '#web/parts/empty-state.tsx';
import { ErrorNotice } from '#web/parts/error-notice.tsx';
import { Loaded } from '#web/parts/loaded.tsx';
import { SkeletonLines } from '#web/parts/skeleton.tsx';
import { StatusBadge } from '#web/parts/status-badge.tsx';
import { BackupsDialog } from './backups-form.tsx';
import { type Backup, type Backups, backupsQuery, bytesInWords } from './backups-query.ts';
import './backups.css';

/** Backups of the whole installation: when they are made, which there are, and when each was last proved good. */
export function BackupsSection() {
  const backups = useQuery(backupsQuery);
  return (
    <Loaded
      query={backups}
      title="The backups did not load"
      skeleton={
        <Card title="Backups">
          <div className="card-body">
            <SkeletonLines lines={5} />
          </div>
        </Card>
      }
    >
      {(all) => (
        <>
          <ScheduleCard value={all} />
          <ListCard value={all} />
        </>
      )}
    </Loaded>
  );
}

function ScheduleCard({ value }: { value: Backups }) {
  const [editing, setEditing] = useState(false);
  const { settings, folder, freeBytes } = value;
  const { hour, keep, timeZone, encrypted, nextAt } = settings;
  return (
    <Card
      title="When they are made"
      action={
        <LinkButton to="/docs/$" params={{ _splat: 'self-hosting' }} look="quiet" size="small">
          How to restore
        </LinkButton>
      }
    >
      <div className="card-body stack">
        <p>
          {hour === null
            ? 'No backups are made by themselves.'
            : `Every day at ${String(hour).padStart(2, '0')}:00 (${timeZone}), the last ${keep} are kept.`}{' '}
          {nextAt && `The next one is due ${dateTime(nextAt)}.`}
        </p>
        <p className="sub">
          {encrypted
            ? 'They are encrypted with your passphrase, and the installation’s secret is inside. Without the passphrase nobody can open them, you neither.'
            : 'They are not encrypted, so the installation’s secret is not inside: keep a copy of secret.key from the data folder as well.'}
        </p>
        <p className="sub">
          They lie in <code>{folder}</code>, where {bytesInWords(freeBytes)} are free. Copy them to another machine: a
          backup on the same disk goes with it.
        </p>
        <div>
          <Button onClick={() => setEditing(true)}>Change</Button>
        </div>
      </div>
      {editing && <BackupsDialog settings={settings} onClose={() => setEditing(false)} />}
    </Card>
  );
}

function ListCard({ value: { backups } }: { value: Backups }) {
  const making = useChange(api.backups.make, { refreshes: [backupsQuery.queryKey], says: 'A backup is being made' });
  const make = (
    <Button
      look="primary"
      busy={making.isPending}
      disabled={backups.some(({ state }) => state === 'running')}
      onClick={() => making.mutate({})}
    >
      <Plus size={15} aria-hidden="true" />
      Make a backup now
    </Button>
  );
  return (
    <Card title="Backups">
      {making.error && (
        <div className="card-body">
          <ErrorNotice title="No backup was made" error={making.error} />
        </div>
      )}
      {backups.length === 0 ? (
        <EmptyState title="No backups yet" ghost={false} action={make}>
          A backup holds every workspace with its pictures and videos in one file, as of one moment. Nothing stops while
          it is made.
        </EmptyState>
      ) : (
        <>
          <ul>
            {backups.map((backup) => (
              <BackupRow key={backup.id} value={backup} />
            ))}
          </ul>
          <div className="card-body">{make}</div>
        </>
      )}
    </Card>
  );
}

function BackupRow({ value }: { value: Backup }) {
  const verifying = useChange(api.backups.verify, {
    refreshes: [backupsQuery.queryKey],
    says: 'It is being restored and compared',
  });
  const { state, startedAt, bytes, rows, path, encrypted, error, verifiedAt, verifyError } = value;
  const about = [
    KIND[value.kind],
    ...(bytes === null ? [] : [bytesInWords(bytes)]),
    ...(rows === null ? [] : [`${count(rows)} rows`]),
    ...(encrypted ? ['encrypted'] : []),
  ];
  const wrong = error ?? verifyError ?? (verifying.error ? verifying.error.message : null);
  return (
    <li className="account">
      <div className="account-head">
        <Archive size={16} strokeWidth={1.75} aria-hidden="true" />
        <div className="account-name">
          <strong>{dateTime(startedAt)}</strong>
          <span className="sub">{about.join(', ')}</span>
        </div>
        {state === 'done' ? (
          <Button
            size="small"
            busy={verifying.isPending || value.verifying}
            onClick={() => verifying.mutate({ backupId: value.id })}
          >
            {value.verifying ? 'Verifying' : 'Verify'}
          </Button>
        ) : (
          <StatusBadge status={STATE[state][0]} word={STATE[state][1]} />
        )}
      </div>
      {state === 'done' && (
        <p className="sub backup-file">
          <code>{path}</code>, {verifiedAt ? `last verified ${relative(verifiedAt)}` : 'never verified'}
        </p>
      )}
      {wrong && (
        <p className="sub backup-file" data-tone="neg" role="alert">
          {wrong}
        </p>
      )}
    </li>
  );
}

const KIND: Record<Backup['kind'], string> = {
  scheduled: 'Daily',
  by_hand: 'Made here',
  command_line: 'Made on the command line',
};

const STATE: Record<Exclude<Backup['state'], 'done'>, [Parameters<typeof StatusBadge>[0]['status'], string]> = {
  running: ['publishing', 'Being made'],
  failed: ['failed', 'Failed'],
  removed: ['withdrawn', 'Removed, enough later ones'],
  missing: ['failed', 'File is gone'],
};
