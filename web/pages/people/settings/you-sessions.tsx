import { useQuery } from '@tanstack/react-query';
import { Laptop, Smartphone } from 'lucide-react';
import { useState } from 'react';
import { api } from '#web/api.ts';
import { useChange } from '#web/change.ts';
import { counted, day, relative } from '#web/format.ts';
import { Button } from '#web/parts/button.tsx';
import { Card } from '#web/parts/card.tsx';
import { ConfirmDialog } from '#web/parts/confirm-dialog.tsx';
import { ErrorNotice } from '#web/parts/error-notice.tsx';
import { Loaded } from '#web/parts/loaded.tsx';
import { SkeletonLines } from '#web/parts/skeleton.tsx';
import { StatusBadge } from '#web/parts/status-badge.tsx';
import { browserOf } from './browser-of.ts';

type Session = Awaited<ReturnType<typeof api.sessions.list>>['sessions'][number];

export const sessionsQuery = {
  queryKey: ['sessions.list'],
  queryFn: async () => (await api.sessions.list({})).sessions,
} as const;

export function SessionsCard() {
  const sessions = useQuery(sessionsQuery);
  const [asking, setAsking] = useState(false);
  const ending = useChange(() => api.sessions.revokeOthers({}), {
    refreshes: [sessionsQuery.queryKey],
    says: 'The other browsers are signed out',
    after: () => setAsking(false),
  });
  const others = (sessions.data?.length ?? 1) - 1;
  return (
    <Card
      title="Signed-in browsers"
      action={
        others > 0 && (
          <Button size="small" onClick={() => setAsking(true)}>
            Sign the others out
          </Button>
        )
      }
    >
      <Loaded
        query={sessions}
        skeleton={
          <div className="card-body">
            <SkeletonLines lines={3} />
          </div>
        }
      >
        {(all) => (
          <ul>
            {all
              .toSorted((a, b) => Number(b.current) - Number(a.current))
              .map((session) => (
                <SessionRow key={session.id} value={session} />
              ))}
          </ul>
        )}
      </Loaded>
      <ConfirmDialog
        opened={asking}
        title="Sign the others out"
        confirm={`Sign out ${counted(others, 'browser')}`}
        danger
        busy={ending.isPending}
        error={ending.error}
        onConfirm={() => ending.mutate(undefined)}
        onClose={() => setAsking(false)}
      >
        Only this browser stays signed in. If one of them was not yours, change your password too.
      </ConfirmDialog>
    </Card>
  );
}

function SessionRow({ value }: { value: Session }) {
  const ending = useChange(api.sessions.revoke, { refreshes: [sessionsQuery.queryKey], says: 'Signed out there' });
  const { name, phone } = browserOf(value.userAgent ?? '');
  const Icon = phone ? Smartphone : Laptop;
  return (
    <li className="account">
      <div className="account-head">
        <Icon size={16} strokeWidth={1.75} aria-hidden="true" />
        <div className="account-name">
          <strong>{name}</strong>
          <span className="sub num">
            {value.address && `${value.address}, `}since {day(value.signedInAt)}
          </span>
        </div>
        {value.current ? (
          <StatusBadge status="connected" word="This browser" />
        ) : (
          <>
            <span className="sub num">{relative(value.seenAt)}</span>
            <Button
              size="small"
              busy={ending.isPending}
              aria-label={`Sign out ${name}`}
              onClick={() => ending.mutate({ sessionId: value.id })}
            >
              Sign out
            </Button>
          </>
        )}
      </div>
      {ending.error && <ErrorNotice title="Not signed out" error={ending.error} />}
    </li>
  );
}
