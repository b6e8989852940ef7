import { Drawer } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { ExternalLink } from 'lucide-react';
import { useState } from 'react';
import { api } from '#web/api.ts';
import { useApp } from '#web/app.tsx';
import { useChange } from '#web/change.ts';
import { count, counted, day, money, percent } from '#web/format.ts';
import { LinkForm } from '#web/pages/distribute/links/link-form.tsx';
import { channelsKey, linksKey, plainUrl } from '#web/pages/distribute/links/queries.ts';
import { Button } from '#web/parts/button.tsx';
import { ConfirmDialog } from '#web/parts/confirm-dialog.tsx';
import { Notice } from '#web/parts/error-notice.tsx';
import { Loaded } from '#web/parts/loaded.tsx';
import { SkeletonLines } from '#web/parts/skeleton.tsx';
import { StatusBadge } from '#web/parts/status-badge.tsx';
import { ChannelForm } from './channel-form.tsx';
import { Manners } from './manners.tsx';
import { type Channel, statusLook, statusWords } from './words.ts';
import '#web/pages/distribute/links/links.css';

/** One channel: next step, numbers, manners, links. */
export function ChannelDrawer({
  channel,
  floor,
  onClose,
}: {
  channel: Channel | undefined;
  floor: number;
  onClose: () => void;
}) {
  return (
    <Drawer
      opened
      onClose={onClose}
      position="right"
      size={520}
      title={channel?.name ?? 'Channel'}
      closeButtonProps={{ 'aria-label': 'Close' }}
      overlayProps={{ color: 'var(--overlay)', backgroundOpacity: 1 }}
    >
      {channel ? (
        <InFull channel={channel} floor={floor} onClose={onClose} />
      ) : (
        <Notice title="There is no such channel">It may have been removed.</Notice>
      )}
    </Drawer>
  );
}

function InFull({ channel, floor, onClose }: { channel: Channel; floor: number; onClose: () => void }) {
  const app = useApp();
  const [dialog, setDialog] = useState<'change' | 'link' | 'remove'>();
  const { numbers, place } = channel;
  const stepping = useChange(api.channels.update, { refreshes: [channelsKey], says: 'Saved' });
  const removing = useChange(api.channels.remove, {
    refreshes: [channelsKey, linksKey],
    says: 'Channel removed',
    after: onClose,
  });
  return (
    <div className="stack" data-gap="large">
      <div className="line">
        <StatusBadge status={statusLook[channel.status]} word={statusWords[channel.status]} />
        {place?.submitUrl && (
          <a className="button" data-size="small" href={place.submitUrl} target="_blank" rel="noreferrer">
            <ExternalLink size={13} aria-hidden="true" /> Open there
          </a>
        )}
        <Button size="small" onClick={() => setDialog('change')}>
          Change
        </Button>
        <Button size="small" look="danger" onClick={() => setDialog('remove')}>
          Remove
        </Button>
      </div>
      {channel.nextStep && channel.status !== 'dropped' && (
        <section className="next-step" aria-label="Next step">
          <div>
            <strong>{channel.nextStep}</strong>
            {channel.nextStepOn && <span className="sub num">by {day(channel.nextStepOn, 'UTC')}</span>}
          </div>
          <Button
            size="small"
            busy={stepping.isPending}
            onClick={() =>
              stepping.mutate({
                channelId: channel.id,
                nextStep: null,
                nextStepOn: null,
                ...(channel.status === 'idea' ? { status: 'preparing' as const } : {}),
              })
            }
          >
            Done
          </Button>
        </section>
      )}
      <dl className="channel-numbers num">
        <Figure name="Visits" value={count(numbers.visits)} />
        <Figure name="Clicks on links" value={count(numbers.clicks)} />
        <Figure name="Signups" value={count(numbers.signups)} />
        <Figure name="Customers" value={count(numbers.customers)} />
        <Figure name="Revenue" value={money(numbers.revenue.minor, numbers.revenue.currency)} />
        <Figure
          name="Cost"
          value={
            numbers.cost.minor === '0' && numbers.otherCost.length === 0
              ? 'None written down'
              : [numbers.cost, ...numbers.otherCost].map((one) => money(one.minor, one.currency)).join(' + ')
          }
        />
        {numbers.minutes > 0 && <Figure name="Own time" value={`${(numbers.minutes / 60).toFixed(1)} h`} />}
        <Figure
          name="Cost per signup"
          value={
            numbers.costPerSignup
              ? money(numbers.costPerSignup.minor, numbers.costPerSignup.currency)
              : 'Not enough data'
          }
        />
        <Figure
          name="Came back"
          value={numbers.payback === null ? 'Not enough data' : `${percent(numbers.payback)} of the cost`}
        />
      </dl>
      {!numbers.enough && (
        <p className="sub">
          Cost per signup is worked out from {floor} signups on, when a cost is written down for this channel.
        </p>
      )}
      {place ? (
        <Manners place={place} />
      ) : (
        <div className="manners">
          {channel.customs && (
            <>
              <h4>Usual there</h4>
              <p className="channel-words">{channel.customs}</p>
            </>
          )}
          {channel.limits && (
            <>
              <h4>Limits</h4>
              <p className="channel-words">{channel.limits}</p>
            </>
          )}
        </div>
      )}
      <Links channel={channel} onMake={() => setDialog('link')} />
      {dialog === 'change' && <ChannelForm appId={app.id} channel={channel} onClose={() => setDialog(undefined)} />}
      {dialog === 'link' && <LinkForm appId={app.id} channelId={channel.id} onClose={() => setDialog(undefined)} />}
      <ConfirmDialog
        opened={dialog === 'remove'}
        title={`Remove “${channel.name}”`}
        confirm="Remove channel"
        danger
        busy={removing.isPending}
        error={removing.error}
        onConfirm={() => removing.mutate({ channelId: channel.id })}
        onClose={() => setDialog(undefined)}
      >
        Its links stay and go on counting, without a channel.
      </ConfirmDialog>
    </div>
  );
}

function Figure({ name, value }: { name: string; value: string }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{value}</dd>
    </div>
  );
}

function Links({ channel, onMake }: { channel: Channel; onMake: () => void }) {
  const links = useQuery({
    queryKey: [...linksKey, 'of', channel.id],
    queryFn: async () => (await api.links.list({ channelId: channel.id, limit: 10 })).links,
  });
  return (
    <section className="stack" data-gap="small" aria-label="Links">
      <div className="line">
        <h3>Links</h3>
        <span className="sub num">{counted(channel.numbers.links, 'link')}</span>
        <Button size="small" onClick={onMake}>
          New link
        </Button>
      </div>
      <Loaded query={links} title="The links did not load" skeleton={<SkeletonLines lines={3} />}>
        {(rows) =>
          rows.length === 0 ? (
            <p className="sub">
              Visits from here are known by where they come from. A link of its own also counts those who arrive without
              a trace.
            </p>
          ) : (
            <ul className="click-sources">
              {rows.map((link) => (
                <li key={link.id}>
                  <Link to="/links" search={{ link: link.id } as never} className="clip">
                    {plainUrl(link.url)}
                  </Link>
                  <span className="num">{count(link.clicks)}</span>
                </li>
              ))}
            </ul>
          )
        }
      </Loaded>
    </section>
  );
}
