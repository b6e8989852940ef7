import '#web/styles/forms.css';
import { Modal, NativeSelect, Switch, TextInput } from '@mantine/core';
import { useQueries, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { api } from '#web/api.ts';
import { useChange } from '#web/change.ts';
import { day, relative } from '#web/format.ts';
import { Button } from '#web/parts/button.tsx';
import { CopyField } from '#web/parts/copy-field.tsx';
import { ErrorNotice } from '#web/parts/error-notice.tsx';
import { type View, viewsKey, viewsQuery } from './queries.ts';
import { isSame, type Settings, savedOf, settingsOf } from './settings.ts';

const endings = { 7: '7 days', 30: '30 days', 90: '90 days', 365: 'One year', 0: 'Never' } as const;

/** Makes links to what the page shows, and ends them. */
export function ShareDialog({ current, label, onClose }: { current: Settings; label: string; onClose: () => void }) {
  const views = useQuery(viewsQuery);
  const same = views.data?.find((view) => {
    const settings = settingsOf(view.settings);
    return settings !== undefined && isSame(settings, current);
  });
  const [typed, setTyped] = useState<string>();
  const name = typed ?? same?.name ?? `Traffic, ${label.toLowerCase()}`;
  const [ends, setEnds] = useState('90');
  const [withMoney, setWithMoney] = useState(false);
  const sharing = useChange(
    async () => {
      const viewId =
        same && same.name === name.trim()
          ? same.viewId
          : (await api.views.save({ name: name.trim(), page: 'analytics', settings: savedOf(current) })).viewId;
      const expiresAt = ends === '0' ? null : new Date(Date.now() + Number(ends) * 86_400_000).toISOString();
      return await api.views.share({ viewId, expiresAt, withMoney });
    },
    { refreshes: [viewsKey] },
  );
  return (
    <Modal
      opened
      onClose={onClose}
      title="Share what you see"
      centered
      size={480}
      closeButtonProps={{ 'aria-label': 'Close' }}
      overlayProps={{ color: 'var(--overlay)', backgroundOpacity: 1 }}
    >
      <div className="stack">
        <p className="sub">
          Whoever has the link sees these figures as they are on the day they look: this range, these filters, nothing
          else. They need no account and can change nothing.
        </p>
        {sharing.data ? (
          <>
            <CopyField label="read-only link" value={sharing.data.url} />
            <p className="sub">
              Copy it now: it is shown only this once.{' '}
              {sharing.data.expiresAt ? `It works until ${day(sharing.data.expiresAt)}.` : 'It works until you end it.'}
            </p>
          </>
        ) : (
          <form
            className="form"
            onSubmit={(event) => {
              event.preventDefault();
              sharing.mutate(undefined);
            }}
          >
            <div className="pair">
              <TextInput
                label="Name on the page"
                value={name}
                maxLength={80}
                onChange={(event) => setTyped(event.currentTarget.value)}
              />
              <NativeSelect
                label="Ends after"
                value={ends}
                data={Object.entries(endings)
                  .sort(([one], [other]) => (Number(one) || 1e9) - (Number(other) || 1e9))
                  .map(([value, words]) => ({ value, label: words }))}
                onChange={(event) => setEnds(event.currentTarget.value)}
              />
            </div>
            <Switch
              label="Show revenue, too"
              checked={withMoney}
              onChange={(event) => setWithMoney(event.currentTarget.checked)}
            />
            {sharing.error && <ErrorNotice title="The link was not made" error={sharing.error} />}
            <div className="form-foot">
              <Button
                type="submit"
                look="primary"
                busy={sharing.isPending}
                disabled={name.trim() === '' || views.isPending}
                data-autofocus
              >
                Create link
              </Button>
            </div>
          </form>
        )}
        <OpenLinks views={(views.data ?? []).filter(({ shares }) => shares > 0)} />
      </div>
    </Modal>
  );
}

/** Every link that works now, with an end to it. */
function OpenLinks({ views }: { views: View[] }) {
  const shares = useQueries({
    queries: views.map(({ viewId }) => ({
      queryKey: [...viewsKey, 'shares', viewId],
      queryFn: () => api.views.shares({ viewId }),
    })),
  });
  const revoking = useChange(api.views.revoke, { refreshes: [viewsKey], says: 'The link works no more' });
  const open = views.flatMap((view, index) =>
    (shares[index]?.data?.shares ?? []).filter((share) => share.open).map((share) => ({ view, share })),
  );
  if (open.length === 0) return null;
  return (
    <section className="note-list">
      <h3>Links that work</h3>
      <ul>
        {open.map(({ view, share }) => (
          <li key={share.shareId} className="share-row">
            <span>
              <span className="clip">{view.name}</span>
              <span className="sub">
                {share.withMoney ? 'with revenue, ' : ''}
                {share.expiresAt ? `ends ${day(share.expiresAt)}` : 'has no end'},{' '}
                {share.lastReadAt ? `last opened ${relative(share.lastReadAt)}` : 'not opened yet'}
              </span>
            </span>
            <Button
              size="small"
              look="danger"
              busy={revoking.isPending && revoking.variables?.shareId === share.shareId}
              onClick={() => revoking.mutate({ shareId: share.shareId })}
            >
              End it<span className="hidden-text"> ({view.name})</span>
            </Button>
          </li>
        ))}
      </ul>
      {revoking.error && <ErrorNotice title="The link still works" error={revoking.error} />}
    </section>
  );
}
