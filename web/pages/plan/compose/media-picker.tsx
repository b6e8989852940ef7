import { Modal } from '@mantine/core';
import { useInfiniteQuery } from '@tanstack/react-query';
import { Check, Upload } from 'lucide-react';
import { useRef, useState } from 'react';
import { api } from '#web/api.ts';
import { counted } from '#web/format.ts';
import { Button } from '#web/parts/button.tsx';
import { ErrorNotice } from '#web/parts/error-notice.tsx';
import { Skeleton } from '#web/parts/skeleton.tsx';
import type { DraftMedia } from './draft.ts';
import { filesOf, kindOf } from './uploads.ts';

type Asset = Awaited<ReturnType<typeof api.assets.list>>['assets'][number];

/** Chooses from the pictures and videos there are, or takes new ones by choice or drop. */
export function MediaPicker({
  opened,
  onClose,
  onPick,
  onFiles,
}: {
  opened: boolean;
  onClose: () => void;
  onPick: (media: DraftMedia[]) => void;
  onFiles: (files: File[]) => void;
}) {
  return (
    <Modal
      opened={opened}
      onClose={onClose}
      title="Pictures and videos"
      size={640}
      closeButtonProps={{ 'aria-label': 'Close' }}
      overlayProps={{ color: 'var(--overlay)', backgroundOpacity: 1 }}
    >
      <Choices onClose={onClose} onPick={onPick} onFiles={onFiles} />
    </Modal>
  );
}

function Choices({ onClose, onPick, onFiles }: Omit<Parameters<typeof MediaPicker>[0], 'opened'>) {
  const [chosen, setChosen] = useState<Asset[]>([]);
  const chooser = useRef<HTMLInputElement>(null);
  const assets = useInfiniteQuery({
    queryKey: ['assets', 'list'],
    initialPageParam: undefined as string | undefined,
    queryFn: ({ pageParam }) => api.assets.list({ limit: 40, ...(pageParam ? { cursor: pageParam } : {}) }),
    getNextPageParam: (page) => page.cursor ?? undefined,
  });
  const take = (files: File[]) => {
    if (files.length === 0) return;
    onFiles(files);
    onClose();
  };
  const toggle = (asset: Asset) =>
    setChosen((now) => (now.includes(asset) ? now.filter((each) => each !== asset) : [...now, asset]));
  const all = assets.data?.pages.flatMap((page) => page.assets) ?? [];
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: dropping is one way of three; the button is for everybody.
    <div
      className="media-picker"
      onDragOver={(event) => event.preventDefault()}
      onDrop={(event) => {
        event.preventDefault();
        take(filesOf(event.dataTransfer));
      }}
    >
      <input
        ref={chooser}
        type="file"
        accept="image/*,video/*"
        multiple
        hidden
        aria-label="Choose files"
        onChange={(event) => take([...(event.currentTarget.files ?? [])])}
      />
      <button type="button" className="media-drop" onClick={() => chooser.current?.click()}>
        <Upload size={18} aria-hidden="true" />
        <span>Upload, or drop files here</span>
      </button>
      {assets.isPending && <Skeleton height={90} />}
      {assets.error && (
        <ErrorNotice title="Your files did not load" error={assets.error} onRetry={() => void assets.refetch()} />
      )}
      {assets.data && all.length === 0 && (
        <p className="sub">Nothing here yet. What you upload stays for later posts.</p>
      )}
      <ul className="media-grid">
        {all.map((asset) => (
          <li key={asset.id}>
            <button
              type="button"
              aria-pressed={chosen.includes(asset)}
              aria-label={asset.altText ?? `${asset.kind} without a description`}
              onClick={() => toggle(asset)}
            >
              {asset.kind === 'video' ? (
                <video src={asset.url} muted preload="metadata" />
              ) : (
                <img src={asset.url} alt="" />
              )}
              {chosen.includes(asset) && <Check size={16} aria-hidden="true" />}
            </button>
          </li>
        ))}
      </ul>
      <div className="dialog-actions">
        {assets.hasNextPage && (
          <Button look="quiet" busy={assets.isFetchingNextPage} onClick={() => void assets.fetchNextPage()}>
            Show more
          </Button>
        )}
        <Button onClick={onClose}>Cancel</Button>
        <Button
          look="primary"
          disabled={chosen.length === 0}
          onClick={() => {
            onPick(chosen.map(mediaOf));
            onClose();
          }}
        >
          {chosen.length === 0 ? 'Add' : `Add ${counted(chosen.length, 'file')}`}
        </Button>
      </div>
    </div>
  );
}

function mediaOf({ id, mediaType, bytes, width, height, milliseconds, altText }: Asset): DraftMedia {
  return { assetId: id, kind: kindOf(mediaType), mediaType, bytes, width, height, milliseconds, altText };
}
