import { Drawer } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Download } from 'lucide-react';
import { useState } from 'react';
import { api } from '#web/api.ts';
import { useApp, useHouse } from '#web/app.tsx';
import { useChange } from '#web/change.ts';
import { saveFile } from '#web/file.ts';
import { count, counted, dateTime, day, relative } from '#web/format.ts';
import { Button } from '#web/parts/button.tsx';
import { CopyField } from '#web/parts/copy-field.tsx';
import { ErrorNotice, errorWords, Notice } from '#web/parts/error-notice.tsx';
import { Loaded } from '#web/parts/loaded.tsx';
import { SkeletonLines } from '#web/parts/skeleton.tsx';
import { LinkForm } from './link-form.tsx';
import { type Link, linksKey, plainUrl } from './queries.ts';

const DAYS = 30;

/** One link: to copy, to print, to change, and who followed it. */
export function LinkDrawer({
  linkId,
  links,
  onClose,
}: {
  linkId: string;
  links: readonly Link[];
  onClose: () => void;
}) {
  const link = links.find((one) => one.id === linkId);
  return (
    <Drawer
      opened
      onClose={onClose}
      position="right"
      size={480}
      title={link ? plainUrl(link.url) : 'Link'}
      closeButtonProps={{ 'aria-label': 'Close' }}
      overlayProps={{ color: 'var(--overlay)', backgroundOpacity: 1 }}
    >
      {link ? (
        <LinkInFull link={link} />
      ) : (
        <Notice title="This link is not in the list">Search for it, or show more of the list.</Notice>
      )}
    </Drawer>
  );
}

function LinkInFull({ link }: { link: Link }) {
  const app = useApp();
  const { timeZone: zone } = useHouse();
  const [changing, setChanging] = useState(false);
  const ending = useChange(api.links.update, {
    refreshes: [linksKey],
    says: link.ended ? 'Link opened' : 'Link ended',
  });
  return (
    <div className="stack" data-gap="large">
      <CopyField label="link" value={link.url} />
      <dl className="link-facts">
        <Fact name="Leads to">
          <a href={link.destination} target="_blank" rel="noreferrer">
            {plainUrl(link.destination)}
          </a>
        </Fact>
        {utmWords(link) && <Fact name="With">{utmWords(link)}</Fact>}
        {link.post && <Fact name="Post">{link.post.title}</Fact>}
        {link.channel && <Fact name="Channel">{link.channel.name}</Fact>}
        {link.campaign && <Fact name="Campaign">{link.campaign.name}</Fact>}
        {link.affiliate && <Fact name="Affiliate">{link.affiliate.name}</Fact>}
        <Fact name="Made">{day(link.createdAt, zone)}</Fact>
        {link.expiresAt && (
          <Fact name={link.ended ? 'Ended' : 'Ends'}>
            {dateTime(link.expiresAt, zone)}
            {link.fallbackUrl && `, then to ${plainUrl(link.fallbackUrl)}`}
          </Fact>
        )}
      </dl>
      {ending.error && <ErrorNotice title="Not saved" error={ending.error} />}
      <div className="line">
        <Button onClick={() => setChanging(true)}>Change</Button>
        {link.ended ? (
          <Button busy={ending.isPending} onClick={() => ending.mutate({ linkId: link.id, expiresAt: null })}>
            Open it again
          </Button>
        ) : (
          <Button
            look="danger"
            busy={ending.isPending}
            onClick={() => ending.mutate({ linkId: link.id, expiresAt: new Date().toISOString() })}
          >
            End it now
          </Button>
        )}
      </div>
      <Clicks linkId={link.id} />
      <QrCode link={link} />
      <History linkId={link.id} zone={zone} />
      {changing && <LinkForm appId={app.id} link={link} onClose={() => setChanging(false)} />}
    </div>
  );
}

function Fact({ name, children }: { name: string; children: React.ReactNode }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

function Clicks({ linkId }: { linkId: string }) {
  const clicks = useQuery({
    queryKey: [...linksKey, 'clicks', linkId],
    queryFn: () => api.links.clicks({ linkId, days: DAYS }),
  });
  return (
    <section className="stack" data-gap="small" aria-label="Clicks">
      <Loaded query={clicks} title="The clicks did not load" skeleton={<SkeletonLines lines={5} />}>
        {({ days, visitors, sources, others }) => {
          const people = days.reduce((sum, one) => sum + one.people, 0);
          const most = Math.max(1, ...days.map((one) => one.people));
          const rest = others.reduce((sum, one) => sum + one.clicks, 0);
          return (
            <>
              <h3>Clicks in {DAYS} days</h3>
              <p className="sub num">
                {counted(people, 'click')} by people
                {people > 0 && `, ${counted(visitors, 'visitor')} told apart by day`}
                {rest > 0 && `; ${counted(rest, 'more')} by bots and previews`}
              </p>
              <div className="click-days" aria-hidden="true">
                {days.map((one) => (
                  <i
                    key={one.day}
                    style={{ height: `${(one.people / most) * 100}%` }}
                    title={`${one.day}: ${one.people}`}
                  />
                ))}
              </div>
              {sources.length > 0 && (
                <ul className="click-sources">
                  {sources.map((source) => (
                    <li key={source.host ?? ''}>
                      <span className="clip">{source.host ?? 'The browser or app did not say'}</span>
                      <span className="num">{count(source.clicks)}</span>
                    </li>
                  ))}
                </ul>
              )}
              <p className="sub">Countries are not known: no address is kept.</p>
            </>
          );
        }}
      </Loaded>
    </section>
  );
}

function QrCode({ link }: { link: Link }) {
  const [failure, setFailure] = useState<string>();
  const drawn = useQuery({
    queryKey: [...linksKey, 'qr', link.id, link.url],
    queryFn: () => api.links.qr({ linkId: link.id }),
    staleTime: Number.POSITIVE_INFINITY,
  });
  const save = async (format: 'svg' | 'png') => {
    setFailure(undefined);
    try {
      const { svg, png, fileName } = await api.links.qr({ linkId: link.id, format });
      if (svg) saveFile(fileName, new Blob([svg], { type: 'image/svg+xml' }));
      if (png)
        saveFile(fileName, new Blob([Uint8Array.from(atob(png), (sign) => sign.charCodeAt(0))], { type: 'image/png' }));
    } catch (error) {
      setFailure(errorWords(error));
    }
  };
  return (
    <section className="link-qr" aria-label="QR code">
      <Loaded query={drawn} title="The QR code did not load" skeleton={<SkeletonLines lines={4} />}>
        {({ svg }) => (
          <>
            <img src={`data:image/svg+xml,${encodeURIComponent(svg ?? '')}`} alt={`QR code of ${link.url}`} />
            <div className="stack" data-gap="small">
              <h3>QR code</h3>
              <p className="sub">For paper and slides. It stays the same when the destination changes.</p>
              <div className="line">
                <Button size="small" onClick={() => void save('svg')}>
                  <Download size={13} aria-hidden="true" /> SVG
                </Button>
                <Button size="small" onClick={() => void save('png')}>
                  <Download size={13} aria-hidden="true" /> PNG
                </Button>
              </div>
              {failure && (
                <p className="sub down" role="alert">
                  {failure}
                </p>
              )}
            </div>
          </>
        )}
      </Loaded>
    </section>
  );
}

const fieldWords = {
  destination: 'Led to',
  fallback_url: 'After its end led to',
  expires_at: 'Ended',
  utm: 'Had the parameters',
} as const;

function History({ linkId, zone }: { linkId: string; zone: string }) {
  const history = useQuery({
    queryKey: [...linksKey, 'history', linkId],
    queryFn: async () => (await api.links.history({ linkId })).changes,
  });
  return (
    <Loaded query={history} title="The history did not load" skeleton={<SkeletonLines lines={2} />}>
      {(changes) =>
        changes.length > 0 && (
          <section className="stack" data-gap="small" aria-label="History">
            <h3>Before</h3>
            <ul className="link-history">
              {changes.map((change) => (
                <li key={`${change.field} ${change.changedAt.toISOString()}`}>
                  <span>
                    {fieldWords[change.field]}{' '}
                    <b>
                      {change.field === 'expires_at' && change.from
                        ? dateTime(change.from, zone)
                        : (change.from ?? 'nothing')}
                    </b>
                  </span>
                  <span className="sub num">
                    until {relative(change.changedAt)}
                    {change.changedBy && `, changed by ${change.changedBy}`}
                  </span>
                </li>
              ))}
            </ul>
          </section>
        )
      }
    </Loaded>
  );
}

function utmWords(link: Link): string {
  return [link.utmSource, link.utmMedium, link.utmCampaign, link.utmContent, link.utmTerm].filter(Boolean).join(' / ');
}
