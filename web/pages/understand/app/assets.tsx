import { Modal, NativeSelect, Textarea, TextInput } from '@mantine/core';
import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { Link, useNavigate } from '@tanstack/react-router';
import { Upload } from 'lucide-react';
import { useRef, useState } from 'react';
import { api } from '#web/api.ts';
import { useHouse } from '#web/app.tsx';
import { useChange } from '#web/change.ts';
import { count, counted, day } from '#web/format.ts';
import { filesOf, upload } from '#web/pages/plan/compose/uploads.ts';
import { Button } from '#web/parts/button.tsx';
import { Card } from '#web/parts/card.tsx';
import { ConfirmDialog } from '#web/parts/confirm-dialog.tsx';
import { EmptyState } from '#web/parts/empty-state.tsx';
import { ErrorNotice } from '#web/parts/error-notice.tsx';
import { Loaded } from '#web/parts/loaded.tsx';
import { Segmented } from '#web/parts/segmented.tsx';
import { SkeletonCard, SkeletonLines } from '#web/parts/skeleton.tsx';
import type { Asset } from './queries.ts';

const kinds = { logo: 'Logos', screenshot: 'Screenshots', image: 'Images', gif: 'GIFs', video: 'Videos' } as const;
const all = [
  { value: 'all', label: 'All' },
  ...(Object.keys(kinds) as Asset['kind'][]).map((kind) => ({ value: kind, label: kinds[kind] })),
] as const;
const key = ['assets'];

/** Logos, screenshots, images and videos: added once, described once, used in any post. */
export function AssetsTab({ appId }: { appId: string }) {
  const [kind, setKind] = useState<(typeof all)[number]['value']>('all');
  const [opened, setOpened] = useState<string>();
  const chooser = useRef<HTMLInputElement>(null);
  const wanted = { appId, limit: 40, ...(kind === 'all' ? {} : { kind }) };
  const assets = useInfiniteQuery({
    queryKey: [...key, 'page', wanted],
    initialPageParam: undefined as string | undefined,
    queryFn: ({ pageParam }) => api.assets.list({ ...wanted, ...(pageParam ? { cursor: pageParam } : {}) }),
    getNextPageParam: (page) => page.cursor ?? undefined,
  });
  const adding = useChange(
    async (files: File[]) => {
      for (const file of files) await upload(file, appId);
      return files.length;
    },
    { refreshes: [key], says: 'Added. Say what they show, for people who cannot see them.' },
  );
  const add = (files: File[]) => files.length > 0 && adding.mutate(files);
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: dropping is one way of two; the button is for everybody.
    <div
      className="stack"
      onDragOver={(event) => event.preventDefault()}
      onDrop={(event) => {
        event.preventDefault();
        add(filesOf(event.dataTransfer));
      }}
    >
      <div className="facts-bar line">
        <div className="tabs-scroll">
          <Segmented label="Kind of file" options={[...all]} value={kind} onChange={setKind} />
        </div>
        <div className="facts-bar-actions">
          <input
            ref={chooser}
            type="file"
            accept="image/*,video/*"
            multiple
            hidden
            aria-label="Choose files"
            onChange={(event) => add([...(event.currentTarget.files ?? [])])}
          />
          <Button look="primary" busy={adding.isPending} onClick={() => chooser.current?.click()}>
            <Upload size={14} aria-hidden="true" />
            Upload
          </Button>
        </div>
      </div>
      {adding.error && <ErrorNotice title="Not added" error={adding.error} />}
      <Loaded query={assets} skeleton={<SkeletonCard height={320} />}>
        {({ pages }) => {
          const found = pages.flatMap((page) => page.assets);
          if (found.length === 0)
            return (
              <>
                <h2 className="hidden-text">Assets</h2>
                <EmptyState
                  ghost={false}
                  title={kind === 'all' ? 'No pictures yet' : `No ${kinds[kind].toLowerCase()} yet`}
                  action={
                    <Button look="primary" onClick={() => chooser.current?.click()}>
                      Upload
                    </Button>
                  }
                >
                  Logos, screenshots and videos stay here for every post. Drop them anywhere on this page.
                </EmptyState>
              </>
            );
          return (
            <ul className="asset-grid">
              {found.map((asset) => (
                <Tile key={asset.id} asset={asset} onOpen={() => setOpened(asset.id)} />
              ))}
            </ul>
          );
        }}
      </Loaded>
      {assets.hasNextPage && (
        <Button busy={assets.isFetchingNextPage} onClick={() => void assets.fetchNextPage()}>
          Show more
        </Button>
      )}
      {opened && <AssetDialog assetId={opened} appId={appId} onClose={() => setOpened(undefined)} />}
    </div>
  );
}

function Tile({ asset, onOpen }: { asset: Asset; onOpen: () => void }) {
  const name = asset.title ?? asset.altText ?? `${kinds[asset.kind].slice(0, -1)} without a description`;
  return (
    <li>
      <button type="button" className="asset-tile" onClick={onOpen}>
        <span className="asset-picture">
          {asset.kind === 'video' ? (
            <video src={asset.url} muted preload="metadata" />
          ) : (
            <img src={asset.url} alt="" loading="lazy" />
          )}
        </span>
        <span className="asset-name">{name}</span>
        <span className="sub num">
          {asset.width && asset.height ? `${asset.width} × ${asset.height}` : asset.mediaType}
          {asset.uses > 0 ? `, in ${counted(asset.uses, 'post')}` : ', not used yet'}
        </span>
        {!asset.altText && (
          <span className="tag" data-tone="warn">
            No description
          </span>
        )}
      </button>
    </li>
  );
}

function AssetDialog({ assetId, appId, onClose }: { assetId: string; appId: string; onClose: () => void }) {
  const asset = useQuery({ queryKey: [...key, 'one', assetId], queryFn: () => api.assets.get({ assetId }) });
  return (
    <Modal
      opened
      onClose={onClose}
      title="File"
      centered
      size={620}
      closeButtonProps={{ 'aria-label': 'Close' }}
      overlayProps={{ color: 'var(--overlay)', backgroundOpacity: 1 }}
    >
      <Loaded query={asset} skeleton={<SkeletonLines lines={8} />}>
        {(found) => <AssetForm asset={found} appId={appId} onClose={onClose} />}
      </Loaded>
    </Modal>
  );
}

function AssetForm({
  asset,
  appId,
  onClose,
}: {
  asset: Awaited<ReturnType<typeof api.assets.get>>;
  appId: string;
  onClose: () => void;
}) {
  const { timeZone } = useHouse();
  const go = useNavigate();
  const [altText, setAltText] = useState(asset.altText ?? '');
  const [title, setTitle] = useState(asset.title ?? '');
  const [kind, setKind] = useState(asset.kind);
  const [asking, setAsking] = useState(false);
  const refreshes = [key];
  const saving = useChange(api.assets.describe, { refreshes, says: 'Saved', after: onClose });
  const removing = useChange(api.assets.remove, { refreshes, says: 'Removed', after: onClose });
  const posting = useChange(api.posts.create, {
    refreshes: [key, ['posts']],
    after: ({ id }) => void go({ to: '/compose/$postId', params: { postId: id } }),
  });
  const moving = asset.kind === 'video' || asset.kind === 'gif';
  const error = saving.error ?? removing.error ?? posting.error;
  return (
    <div className="stack">
      <div className="asset-large">
        {asset.kind === 'video' ? (
          // biome-ignore lint/a11y/useMediaCaption: what people upload here has no captions of its own.
          <video src={asset.url} controls preload="metadata" />
        ) : (
          <img src={asset.url} alt={asset.altText ?? ''} />
        )}
      </div>
      <p className="sub num">
        {asset.width && asset.height && `${asset.width} × ${asset.height}, `}
        {count(Math.ceil(asset.bytes / 1000))} kB, added {day(asset.createdAt, timeZone)}
      </p>
      <Textarea
        label="What it shows"
        description="Read to people who cannot see it"
        autosize
        minRows={2}
        maxLength={1000}
        value={altText}
        onChange={(event) => setAltText(event.currentTarget.value)}
      />
      <div className="pair">
        <TextInput
          label="What you call it"
          maxLength={200}
          value={title}
          onChange={(event) => setTitle(event.currentTarget.value)}
        />
        <NativeSelect
          label="Kind"
          disabled={moving}
          value={kind}
          onChange={(event) => setKind(event.currentTarget.value as Asset['kind'])}
          data={(moving ? [asset.kind] : (['logo', 'screenshot', 'image'] as const)).map((value) => ({
            value,
            label: kinds[value].slice(0, -1),
          }))}
        />
      </div>
      <Card title="Where it is used">
        {asset.usedIn.length === 0 && <p className="table-empty">In no post yet.</p>}
        <ul className="fact-group">
          {asset.usedIn.map((post) => (
            <li className="fact" key={`${post.id} ${post.platform}`}>
              <Link to="/posts/$postId" params={{ postId: post.id }}>
                {post.title}
              </Link>
              <span className="sub">
                {post.platform}, {post.status.replace('_', ' ')}
              </span>
            </li>
          ))}
        </ul>
      </Card>
      {error && <ErrorNotice title="Not done" error={error} />}
      <div className="dialog-actions">
        <Button look="quiet" disabled={asset.uses > 0} onClick={() => setAsking(true)}>
          Remove
        </Button>
        <Button
          busy={posting.isPending}
          onClick={() =>
            posting.mutate({
              appId,
              variants: [
                { platform: 'x', parts: [{ text: altText || title || 'A picture', media: [{ assetId: asset.id }] }] },
              ],
            })
          }
        >
          Use in a new post
        </Button>
        <Button
          look="primary"
          busy={saving.isPending}
          onClick={() =>
            saving.mutate({
              assetId: asset.id,
              altText: altText || null,
              title: title || null,
              ...(kind === asset.kind || kind === 'gif' || kind === 'video' ? {} : { kind }),
            })
          }
        >
          Save
        </Button>
      </div>
      <ConfirmDialog
        opened={asking}
        title="Remove this file?"
        confirm="Remove file"
        danger
        busy={removing.isPending}
        onConfirm={() => removing.mutate({ assetId: asset.id })}
        onClose={() => setAsking(false)}
      >
        It stands in no post, and cannot be brought back.
      </ConfirmDialog>
    </div>
  );
}
