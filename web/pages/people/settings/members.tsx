import { Modal, NativeSelect, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useQuery } from '@tanstack/react-query';
import { Plus } from 'lucide-react';
import { useState } from 'react';
import { api } from '#web/api.ts';
import { useChange } from '#web/change.ts';
import { day, relative } from '#web/format.ts';
import { Avatar } from '#web/parts/avatar.tsx';
import { Button } from '#web/parts/button.tsx';
import { Card } from '#web/parts/card.tsx';
import { ConfirmDialog } from '#web/parts/confirm-dialog.tsx';
import { CopyField } from '#web/parts/copy-field.tsx';
import { EmptyState } from '#web/parts/empty-state.tsx';
import { ErrorNotice } from '#web/parts/error-notice.tsx';
import { Loaded } from '#web/parts/loaded.tsx';
import { SkeletonLines } from '#web/parts/skeleton.tsx';
import { StatusBadge } from '#web/parts/status-badge.tsx';
import { MemberRow, membersQuery, roleWords } from './member.tsx';

type Invitation = Awaited<ReturnType<typeof api.invitations.list>>['invitations'][number];

const invitationsQuery = {
  queryKey: ['invitations.list'],
  queryFn: async () => (await api.invitations.list({})).invitations,
} as const;

/** Who works in this workspace, and who is asked to. */
export function MembersSection() {
  const members = useQuery(membersQuery);
  const owns = members.data?.some(({ you, role }) => you && role === 'owner') ?? false;
  const skeleton = (
    <div className="card-body">
      <SkeletonLines lines={4} />
    </div>
  );
  return (
    <>
      <Card title="Members">
        <Loaded query={members} skeleton={skeleton}>
          {(all) => (
            <ul>
              {all.map((member) => (
                <MemberRow key={member.userId} value={member} owns={owns} alone={all.length === 1} />
              ))}
            </ul>
          )}
        </Loaded>
      </Card>
      {owns && <Invitations />}
    </>
  );
}

function Invitations() {
  const invitations = useQuery(invitationsQuery);
  const [inviting, setInviting] = useState(false);
  const invite = (
    <Button look="primary" onClick={() => setInviting(true)}>
      <Plus size={15} aria-hidden="true" />
      Invite somebody
    </Button>
  );
  return (
    <Card title="Invitations">
      <Loaded query={invitations}>
        {(all) =>
          all.length === 0 ? (
            <EmptyState title="Nobody is invited" ghost={false} action={invite}>
              An editor plans, writes and publishes. A viewer looks at everything and changes nothing.
            </EmptyState>
          ) : (
            <>
              <ul>
                {all.map((invitation) => (
                  <InvitationRow key={invitation.id} value={invitation} />
                ))}
              </ul>
              <div className="card-body">{invite}</div>
            </>
          )
        }
      </Loaded>
      <Invite opened={inviting} onClose={() => setInviting(false)} />
    </Card>
  );
}

function InvitationRow({ value }: { value: Invitation }) {
  const [asking, setAsking] = useState(false);
  const withdrawing = useChange(api.invitations.withdraw, {
    refreshes: [invitationsQuery.queryKey],
    says: 'Invitation withdrawn',
    after: () => setAsking(false),
  });
  return (
    <li className="account">
      <div className="account-head">
        <Avatar name={value.email} size={28} />
        <div className="account-name">
          <strong className="clip">{value.email}</strong>
          <span className="sub">
            {roleWords[value.role][0]}, invited {day(value.createdAt)}
            {value.invitedBy && ` by ${value.invitedBy}`}
          </span>
        </div>
        <div className="row-tools">
          {value.expired ? (
            <StatusBadge status="withdrawn" word="Expired" />
          ) : (
            <span className="sub num">good until {day(value.expiresAt)}</span>
          )}
          <Button
            size="small"
            look="danger"
            aria-label={`Withdraw the invitation of ${value.email}`}
            onClick={() => setAsking(true)}
          >
            Withdraw
          </Button>
        </div>
      </div>
      <ConfirmDialog
        opened={asking}
        title={`Withdraw the invitation of ${value.email}`}
        confirm="Withdraw invitation"
        danger
        busy={withdrawing.isPending}
        error={withdrawing.error}
        onConfirm={() => withdrawing.mutate({ invitationId: value.id })}
        onClose={() => setAsking(false)}
      >
        The link is good for nothing from then on.
      </ConfirmDialog>
    </li>
  );
}

function Invite({ opened, onClose }: { opened: boolean; onClose: () => void }) {
  const form = useForm({
    initialValues: { email: '', role: 'editor' as 'editor' | 'viewer' },
    validate: { email: (value) => (/^\S+@\S+$/.test(value) ? null : 'Type an e-mail address') },
  });
  const inviting = useChange(api.invitations.create, { refreshes: [invitationsQuery.queryKey] });
  const close = () => {
    onClose();
    inviting.reset();
    form.reset();
  };
  const made = inviting.data;
  return (
    <Modal
      opened={opened}
      onClose={close}
      title={made ? 'The invitation' : 'Invite somebody'}
      centered
      size={460}
      closeButtonProps={{ 'aria-label': 'Close' }}
      overlayProps={{ color: 'var(--overlay)', backgroundOpacity: 1 }}
    >
      {made ? (
        <div className="stack">
          <p>{made.message}</p>
          <CopyField label="invitation link" value={made.link} />
          <p className="sub">
            Good for one person, until {day(made.expiresAt)} ({relative(made.expiresAt)}). It is not shown again.
          </p>
          <div className="dialog-actions">
            <Button look="primary" onClick={close}>
              Done
            </Button>
          </div>
        </div>
      ) : (
        <form
          className="form"
          noValidate
          onSubmit={form.onSubmit(({ email, role }) => inviting.mutate({ email: email.trim(), role }))}
        >
          <TextInput label="E-mail" type="email" data-autofocus {...form.getInputProps('email')} />
          <NativeSelect
            label="As"
            data={(['editor', 'viewer'] as const).map((role) => ({
              value: role,
              label: `${roleWords[role][0]}: ${roleWords[role][1]}`,
            }))}
            {...form.getInputProps('role')}
          />
          {inviting.error && <ErrorNotice title="Not invited" error={inviting.error} />}
          <div className="dialog-actions">
            <Button onClick={close}>Cancel</Button>
            <Button type="submit" look="primary" busy={inviting.isPending}>
              Invite
            </Button>
          </div>
        </form>
      )}
    </Modal>
  );
}
