import { NativeSelect } from '@mantine/core';
import { useState } from 'react';
import { api } from '#web/api.ts';
import { useChange } from '#web/change.ts';
import { day } from '#web/format.ts';
import { Avatar } from '#web/parts/avatar.tsx';
import { Button } from '#web/parts/button.tsx';
import { ConfirmDialog } from '#web/parts/confirm-dialog.tsx';
import { ErrorNotice } from '#web/parts/error-notice.tsx';

type Member = Awaited<ReturnType<typeof api.members.list>>['members'][number];
type Role = Member['role'];

export const membersQuery = {
  queryKey: ['members.list'],
  queryFn: async () => (await api.members.list({})).members,
} as const;

export const roleWords: Record<Role, [name: string, may: string]> = {
  owner: ['Owner', 'everything, with keys, money and people'],
  editor: ['Editor', 'plans, writes and publishes'],
  viewer: ['Viewer', 'looks at everything'],
};

export function MemberRow({ value, owns, alone }: { value: Member; owns: boolean; alone: boolean }) {
  const [asking, setAsking] = useState(false);
  const changing = useChange(api.members.setRole, {
    refreshes: [membersQuery.queryKey],
    says: 'Role changed',
  });
  const removing = useChange(
    async () => (value.you ? api.members.leave({}) : api.members.remove({ userId: value.userId })),
    {
      refreshes: [membersQuery.queryKey],
      says: value.you ? 'You left' : `${value.name} was removed`,
      after: () => (value.you ? location.assign('/') : setAsking(false)),
    },
  );
  const guard = value.guarded === null ? '' : value.guarded ? ', with a second factor' : ', password only';
  return (
    <li className="account">
      <div className="account-head">
        <Avatar name={value.name} size={28} />
        <div className="account-name">
          <strong>
            {value.name}
            {value.you && <span className="sub">you</span>}
          </strong>
          <span className="sub">
            {value.email}, since {day(value.joinedAt)}
            {guard}
          </span>
        </div>
        <div className="row-tools">
          {owns ? (
            <NativeSelect
              aria-label={`Role of ${value.name}`}
              data={(Object.keys(roleWords) as Role[]).map((role) => ({ value: role, label: roleWords[role][0] }))}
              value={value.role}
              disabled={changing.isPending}
              onChange={(event) => changing.mutate({ userId: value.userId, role: event.currentTarget.value as Role })}
            />
          ) : (
            <span className="sub">{roleWords[value.role][0]}</span>
          )}
          {(owns || value.you) && !alone && (
            <Button
              size="small"
              look="danger"
              aria-label={value.you ? 'Leave this workspace' : `Remove ${value.name}`}
              onClick={() => setAsking(true)}
            >
              {value.you ? 'Leave' : 'Remove'}
            </Button>
          )}
        </div>
      </div>
      {changing.error && <ErrorNotice title="Not changed" error={changing.error} />}
      <ConfirmDialog
        opened={asking}
        title={value.you ? 'Leave this workspace' : `Remove ${value.name}`}
        confirm={value.you ? 'Leave workspace' : 'Remove from workspace'}
        danger
        busy={removing.isPending}
        error={removing.error}
        onConfirm={() => removing.mutate(undefined)}
        onClose={() => setAsking(false)}
      >
        {value.you
          ? 'You see nothing of it any more, until somebody invites you again. What you made stays.'
          : 'They see nothing of it from this moment. What they made stays; API keys they made stay too, so look at those.'}
      </ConfirmDialog>
    </li>
  );
}
