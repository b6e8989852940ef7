import { Drawer } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { ExternalLink } from 'lucide-react';
import { type ReactNode, useState } from 'react';
import { api } from '#web/api.ts';
import { useApp } from '#web/app.tsx';
import { useChange } from '#web/change.ts';
import { count, counted, day, money, percent } from '#web/format.ts';
import { LinkForm } from '#web/pages/distribute/links/link-form.tsx';
import { channelsKey, linksKey, plainUrl } from '#web/pages/distribute/links/queries.ts';
import { shareOf } from '#web/pages/measure/attribution/words.ts';
import { between, inMoney, type Ratio, ratioWords } from '#web/pages/measure/returns/words.ts';
import { Button } from '#web/parts/button.tsx';
import { ConfirmDialog } from '#web/parts/confirm-dialog.tsx';
import { Notice } from '#web/parts/error-notice.tsx';
import { Loaded } from '#web/parts/loaded.tsx';
import { SkeletonLines } from '#web/parts/skeleton.tsx';
import { StatusBadge } from '#web/parts/status-badge.tsx';
import { ChannelForm } from './channel-form.tsx';
import { months } from './channel-table.tsx';
import { Manners } from './manners.tsx';
import { type Channel, type Figures, statusLook, statusWords } from './words.ts';
import '#web/pages/distribute/links/links.css';

/** One channel: next step, numbers, manners, links. */
export function ChannelDrawer({
  channel,
  figures,
  currency,
  range,
  onClose,
}: {
  channel: Channel | undefined;
  /** What it brought and cost in the range; undefined = nothing. */
  figures: Figures | undefined;
  currency: string;
  range: string;
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
        <InFull channel={channel} onClose={onClose}>
          <Brought figures={figures} currency={currency} range={range} />
        </InFull>
      ) : (
        <Notice title="There is no such channel">It may have been removed.</Notice>
      )}
    </Drawer>
  );
}

function InFull({ channel, onClose, children }: { channel: Channel; onClose: () => void; children: ReactNode }) {
  const app = useApp();
  const [dialog, setDialog] = useState<'change' | 'link' | 'remove'>();
  const { place } = channel;
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
      {children}
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

function Brought({ figures, currency, range }: { figures: Figures | undefined; currency: string; range: string }) {
  if (!figures) return <p className="sub">Nothing came from here and nothing was spent in this range: {range}.</p>;
  const { cost, ratios, minutes } = figures;
  return (
    <section aria-label="What it brought">
      <p className="sub">{range}</p>
      <dl className="channel-numbers num">
        <Figure name="Visits" value={count(figures.visits)} />
        <Figure name="Clicks on links" value={count(figures.clicks)} />
        <Figure name="Signups" value={shareOf(figures.signups)} />
        <Figure name="Customers" value={shareOf(figures.customers)} />
        <Figure name="Revenue" value={money(figures.revenueMinor, currency)} />
        <Figure name="Cost" value={cost.allMinor === '0' ? 'None written down' : money(cost.allMinor, currency)} />
        {minutes > 0 && <Figure name="Own time" value={`${(minutes / 60).toFixed(1)} h`} />}
        <Figure name="Cost per signup" {...said(ratios.cpa, inMoney(currency))} />
        <Figure name="Came back" {...said(ratios.mer, (value) => `${percent(value)} of the cost`)} />
        <Figure name="Pays back in" {...said(ratios.paybackMonths, months)} />
      </dl>
    </section>
  );
}

function said(ratio: Ratio, write: (value: number) => string): { value: string; note?: string } {
  const words = ratioWords(ratio, write);
  if (words === null) return { value: 'Not known', ...(ratio.reason ? { note: ratio.reason } : {}) };
  const span = between(ratio, write);
  return { value: words, ...(span ? { note: `95 % sure: ${span}` } : {}) };
}

function Figure({ name, value, note }: { name: string; value: string; note?: string }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>
        {value}
        {note && <div className="sub">{note}</div>}
      </dd>
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
