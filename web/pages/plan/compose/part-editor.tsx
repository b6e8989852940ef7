import { Braces, ChartBarBig, GripVertical, Image, Link2, Trash2 } from 'lucide-react';
import { type DragEvent, memo, type Ref, useRef, useState } from 'react';
import { Avatar } from '#web/parts/avatar.tsx';
import { IconButton } from '#web/parts/button.tsx';
import { ErrorNotice } from '#web/parts/error-notice.tsx';
import { Claims } from './claims.tsx';
import { Counter } from './counter.tsx';
import { type Claim, type DraftPart, LINK } from './draft.ts';
import { type Fill, fillsOf } from './measure.ts';
import { MediaPicker } from './media-picker.tsx';
import { OverLimit } from './over-limit.tsx';
import { type FieldHandle, PartField } from './part-field.tsx';
import { PartMedia } from './part-media.tsx';
import { newPoll, PollEditor, pollLimits } from './poll-editor.tsx';
import { filesOf, upload } from './uploads.ts';
import { useWriting } from './writing.ts';

/** One post of a thread: its text, what hangs on it, and its tools. */
export const PartEditor = memo(function PartEditor({
  part,
  index,
  of,
  claims,
  grip,
}: {
  part: DraftPart;
  index: number;
  of: number;
  claims: readonly Claim[];
  /** By what it is dragged. */
  grip: Ref<HTMLButtonElement>;
}) {
  const { appId, author, platforms, longPost, sample, postId, readOnly, actions } = useWriting();
  const field = useRef<FieldHandle>(null);
  const [picking, setPicking] = useState(false);
  const [waiting, setWaiting] = useState(0);
  const [troubles, setTroubles] = useState<{ name: string; error: unknown }[]>([]);
  const name = of === 1 ? 'Post' : `Post ${index + 1} of ${of}`;
  const fills = fillsOf(part.text, platforms, sample, longPost);
  const send = async (files: File[]) => {
    setTroubles([]);
    setWaiting((now) => now + files.length);
    for (const file of files) {
      try {
        const media = await upload(file, appId);
        actions.setMedia(part.key, (all) => [...all.filter((each) => each.assetId !== media.assetId), media]);
        actions.announce(`${file.name} is uploaded`);
      } catch (error) {
        setTroubles((now) => [...now, { name: file.name, error }]);
      }
      setWaiting((now) => now - 1);
    }
  };
  const dropped = (event: DragEvent) => {
    const files = filesOf(event.dataTransfer);
    if (files.length === 0 || readOnly || part.poll) return;
    event.preventDefault();
    void send(files);
  };
  return (
    <>
      <div className="part-side">
        <Avatar name={author.name} url={author.avatarUrl} size={40} />
        {index < of - 1 && <span className="part-line" />}
      </div>
      {/* biome-ignore lint/a11y/noStaticElementInteractions: dropping a file is one way of three; the button is for everybody. */}
      <div
        className="part-main"
        onDragOver={(event) => event.dataTransfer.types.includes('Files') && event.preventDefault()}
        onDrop={dropped}
      >
        <PartField
          ref={field}
          part={part}
          name={name}
          first={index === 0}
          of={of}
          claims={claims}
          fill={fills[0]}
          onFiles={(files) => !part.poll && void send(files)}
        />
        <Claims text={part.text} claims={claims} postId={readOnly ? undefined : postId} />
        <PartMedia part={part} />
        {waiting > 0 && (
          <p className="sub" role="status">
            Uploading
          </p>
        )}
        {troubles.map(({ name: file, error }) => (
          <ErrorNotice key={file} title={`${file} was not uploaded`} error={error} />
        ))}
        {part.poll && <PollEditor part={part} poll={part.poll} />}
        {!readOnly && <OverLimit part={part} fills={fills} />}
        <Tools
          part={part}
          name={name}
          of={of}
          fills={fills}
          grip={grip}
          onMedia={() => setPicking(true)}
          onInsert={(text) => field.current?.insert(text)}
        />
      </div>
      {picking && (
        <MediaPicker
          opened
          onClose={() => setPicking(false)}
          onPick={(media) => actions.setMedia(part.key, (all) => [...all, ...media.filter(isNew(all))])}
          onFiles={(files) => void send(files)}
        />
      )}
    </>
  );
});

function Tools({
  part,
  name,
  of,
  fills,
  grip,
  onMedia,
  onInsert,
}: {
  part: DraftPart;
  name: string;
  of: number;
  fills: Fill[];
  grip: Ref<HTMLButtonElement>;
  onMedia: () => void;
  onInsert: (text: string) => void;
}) {
  const { platforms, readOnly, actions } = useWriting();
  const takesMedia = platforms.some(({ limits }) => limits.media);
  const takesPolls = pollLimits(platforms) !== undefined;
  if (readOnly) {
    return (
      <div className="part-tools">
        <Counter fills={fills} />
      </div>
    );
  }
  return (
    <div className="part-tools">
      {takesMedia && (
        <IconButton
          label={part.poll ? 'A post with a poll takes no pictures' : 'Add pictures or a video'}
          disabled={part.poll !== null}
          onClick={onMedia}
        >
          <Image size={16} strokeWidth={1.75} />
        </IconButton>
      )}
      {takesPolls && (
        <IconButton
          label={part.media.length > 0 ? 'A post with pictures takes no poll' : 'Add a poll'}
          disabled={part.poll !== null || part.media.length > 0}
          onClick={() => actions.setPoll(part.key, newPoll)}
        >
          <ChartBarBig size={16} strokeWidth={1.75} />
        </IconButton>
      )}
      <IconButton label="Insert what is known of your app" onClick={() => onInsert('{{')}>
        <Braces size={16} strokeWidth={1.75} />
      </IconButton>
      <IconButton label="Insert the tracked link" onClick={() => onInsert(LINK)}>
        <Link2 size={16} strokeWidth={1.75} />
      </IconButton>
      <Counter fills={fills} />
      <IconButton
        label={`Remove ${name}`}
        disabled={of === 1 && part.text === '' && part.media.length === 0 && !part.poll}
        onClick={() => actions.remove(part.key)}
      >
        <Trash2 size={16} strokeWidth={1.75} />
      </IconButton>
      {of > 1 && (
        <button
          ref={grip}
          type="button"
          className="icon-button part-grip"
          aria-label={`Move ${name}`}
          aria-keyshortcuts="ArrowUp ArrowDown"
          title="Drag to another place, or press the arrow keys"
          onKeyDown={(event) => {
            const step = ({ ArrowUp: -1, ArrowDown: 1 } as const)[event.key];
            if (!step) return;
            event.preventDefault();
            const { currentTarget } = event;
            actions.move(part.key, step);
            currentTarget.focus();
          }}
        >
          <GripVertical size={16} strokeWidth={1.75} aria-hidden="true" />
        </button>
      )}
    </div>
  );
}

function isNew(all: DraftPart['media']) {
  return (media: DraftPart['media'][number]) => !all.some((each) => each.assetId === media.assetId);
}
