import { Popover, Textarea } from '@mantine/core';
import { ArrowLeft, ArrowRight, TriangleAlert, X } from 'lucide-react';
import type { KeyboardEvent } from 'react';
import { IconButton } from '#web/parts/button.tsx';
import type { DraftMedia, DraftPart } from './draft.ts';
import { mediaAddress } from './uploads.ts';
import { useWriting } from './writing.ts';

/** What a description may have where no platform says less: what we keep. */
const MOST_ALT = 1000;

/** The pictures and videos of a part, each with its description, in their order. */
export function PartMedia({ part }: { part: DraftPart }) {
  const { readOnly, actions } = useWriting();
  if (part.media.length === 0) return null;
  const move = (from: number, step: number) => {
    const to = from + step;
    if (to < 0 || to >= part.media.length) return;
    actions.setMedia(part.key, (media) => {
      const next = [...media];
      next.splice(to, 0, ...next.splice(from, 1));
      return next;
    });
    actions.announce(`Picture ${to + 1} of ${part.media.length}`);
  };
  const typed = (event: KeyboardEvent, index: number) => {
    if (!event.altKey || readOnly) return;
    const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (!step) return;
    event.preventDefault();
    event.stopPropagation();
    move(index, step);
  };
  return (
    <ul className="part-media" aria-label="Pictures and videos">
      {part.media.map((media, index) => (
        <li key={media.assetId} onKeyDown={(event) => typed(event, index)}>
          <Thumbnail media={media} />
          <AltText part={part} media={media} name={`${nameOf(media)} ${index + 1}`} />
          {!readOnly && (
            <span className="part-media-tools">
              {part.media.length > 1 && (
                <>
                  <IconButton label="Earlier" disabled={index === 0} onClick={() => move(index, -1)}>
                    <ArrowLeft size={14} />
                  </IconButton>
                  <IconButton label="Later" disabled={index === part.media.length - 1} onClick={() => move(index, 1)}>
                    <ArrowRight size={14} />
                  </IconButton>
                </>
              )}
              <IconButton
                label={`Remove ${nameOf(media).toLowerCase()} ${index + 1}`}
                onClick={() => actions.setMedia(part.key, (all) => all.filter((_, at) => at !== index))}
              >
                <X size={14} />
              </IconButton>
            </span>
          )}
        </li>
      ))}
    </ul>
  );
}

function Thumbnail({ media }: { media: DraftMedia }) {
  const { workspaceId } = useWriting();
  const address = mediaAddress(workspaceId, media.assetId);
  if (!address) return <span className="part-media-empty" />;
  if (media.kind === 'video') return <video src={address} muted preload="metadata" />;
  return <img src={address} alt={media.altText ?? ''} />;
}

/** The badge on a picture that says whether it is described, and opens the field for it. */
function AltText({ part, media, name }: { part: DraftPart; media: DraftMedia; name: string }) {
  const { platforms, readOnly, actions } = useWriting();
  const limit = Math.min(MOST_ALT, ...platforms.flatMap(({ limits }) => limits.altTextLength ?? []));
  const length = [...(media.altText ?? '')].length;
  return (
    <Popover position="bottom-start" width={320} shadow="none" withinPortal trapFocus returnFocus disabled={readOnly}>
      <Popover.Target>
        <button type="button" className="alt-badge" data-tone={media.altText ? undefined : 'warn'} disabled={readOnly}>
          {!media.altText && <TriangleAlert size={12} aria-hidden="true" />}
          ALT
          <span className="hidden-text">
            , {media.altText ? 'change' : 'describe'} {name.toLowerCase()}
          </span>
        </button>
      </Popover.Target>
      <Popover.Dropdown p={14} aria-label={`Describe ${name.toLowerCase()}`}>
        <Textarea
          label="What it shows, for people who cannot see it"
          autosize
          minRows={3}
          maxRows={8}
          maxLength={limit}
          data-autofocus
          value={media.altText ?? ''}
          onChange={(event) => {
            const altText = event.currentTarget.value || null;
            actions.setMedia(part.key, (all) =>
              all.map((each) => (each.assetId === media.assetId ? { ...each, altText } : each)),
            );
          }}
        />
        <p className="sub num alt-left">{limit - length} left</p>
      </Popover.Dropdown>
    </Popover>
  );
}

function nameOf(media: DraftMedia): string {
  return media.kind === 'video' ? 'Video' : media.kind === 'gif' ? 'GIF' : 'Picture';
}
