import { NativeSelect, Switch, Textarea, TextInput } from '@mantine/core';
import { type ReactNode, type SyntheticEvent, useState } from 'react';
import { count } from '#web/format.ts';
import { Counter } from './counter.tsx';
import type { Body, ReplySettings } from './draft.ts';
import { fillsOf, type PlatformInfo } from './measure.ts';
import { useWriting } from './writing.ts';

const replyWords: Record<NonNullable<ReplySettings>, string> = {
  everyone: 'Everyone',
  following: 'People you follow',
  mentioned: 'People you mention',
  subscribers: 'Your subscribers',
  verified: 'Verified accounts',
};

/** What goes with the words where a platform has a place for it: a headline, the first reply, who may answer, where. */
export function MoreSettings({
  body,
  longPosts,
  onChange,
}: {
  body: Body;
  /** Whether an account it goes to may publish long posts. */
  longPosts: boolean;
  onChange: (set: Partial<Body>, about: string) => void;
}) {
  const { platforms, readOnly, sample } = useWriting();
  const having = (which: (limits: PlatformInfo['limits']) => unknown) =>
    platforms.filter(({ limits }) => which(limits));
  /** What one of several would refuse is set where the others have words of their own. */
  const shared = (some: PlatformInfo[]) => (some.length === platforms.length ? some : []);
  const titled = having((limits) => limits.title);
  const replied = having((limits) => limits.firstReply);
  const placed = having((limits) => limits.community);
  const settled = having((limits) => limits.replySettings.length > 0);
  const choices = (settled[0]?.limits.replySettings ?? []).filter((choice) =>
    settled.every(({ limits }) => limits.replySettings.includes(choice)),
  );
  const partly = [replied, placed, settled].some((some) => some.length > 0 && shared(some).length === 0);
  const [filled] = useState(() => Boolean(body.firstReply || body.community || body.replySettings || body.title));
  const needed = titled.length > 0 || placed.some(({ limits }) => limits.community!.required);
  const titleLimit = Math.min(300, ...titled.map(({ limits }) => limits.title!.length));
  const fields: ReactNode[] = [];
  if (titled.length > 0)
    fields.push(
      <TextInput
        key="title"
        label={`Headline on ${namesOf(titled)}`}
        description={`Up to ${count(titleLimit)} characters; the title above when left empty.`}
        value={body.title}
        maxLength={titleLimit}
        readOnly={readOnly}
        onChange={(event) => onChange({ title: event.currentTarget.value }, 'title')}
      />,
    );
  if (shared(placed).length > 0)
    fields.push(
      <TextInput
        key="community"
        label={placed.map(({ name, limits }) => `${limits.community!.label} on ${name}`).join(', ')}
        description={
          placed.some(({ limits }) => limits.community!.required) ? 'Needed there.' : 'Left empty: your own page.'
        }
        value={body.community}
        maxLength={200}
        readOnly={readOnly}
        onChange={(event) => onChange({ community: event.currentTarget.value }, 'community')}
      />,
    );
  if (shared(settled).length > 0)
    fields.push(
      <NativeSelect
        key="replies"
        label="Who may reply"
        value={body.replySettings ?? 'everyone'}
        disabled={readOnly}
        data={choices.map((value) => ({ value, label: replyWords[value] }))}
        onChange={(event) => {
          const value = event.currentTarget.value as NonNullable<ReplySettings>;
          onChange({ replySettings: value === 'everyone' ? null : value }, 'replies');
        }}
      />,
    );
  const long = platforms.filter(({ limits }) => limits.lengthWithLongPosts);
  if (longPosts && long.length > 0)
    fields.push(
      <Switch
        key="long"
        label={`Long post on ${namesOf(long)}`}
        description={`Up to ${count(long[0]!.limits.lengthWithLongPosts!)} characters in one post.`}
        checked={body.longPost}
        disabled={readOnly}
        onChange={(event) => onChange({ longPost: event.currentTarget.checked }, 'long')}
      />,
    );
  const reply = shared(replied).length > 0;
  if (!reply && fields.length === 0 && !partly) return null;
  return (
    <details className="more-settings" open={filled || needed} onToggle={intoView}>
      <summary>{reply ? 'First reply and settings' : 'Settings'}</summary>
      <div>
        {reply && (
          <div className="first-reply">
            <Textarea
              label="First reply"
              description="Posted under it at once. A link there costs as much as in the post."
              autosize
              minRows={1}
              value={body.firstReply}
              readOnly={readOnly}
              onChange={(event) => onChange({ firstReply: event.currentTarget.value }, 'reply')}
            />
            {body.firstReply !== '' && <Counter fills={fillsOf(body.firstReply, replied, sample, body.longPost)} />}
          </div>
        )}
        {fields.length > 0 && <div className="settings-fields">{fields}</div>}
        {partly && (
          <p className="sub">What only one of the platforms has is set under its tab, once it has its own words.</p>
        )}
      </div>
    </details>
  );
}

/** What was opened at the foot of the page is seen at once. */
export function intoView({ currentTarget, nativeEvent }: SyntheticEvent<HTMLDetailsElement, ToggleEvent>): void {
  const opened = nativeEvent.newState === 'open' && currentTarget.contains(document.activeElement);
  if (opened) currentTarget.scrollIntoView({ block: 'nearest' });
}

function namesOf(platforms: readonly PlatformInfo[]): string {
  return platforms.map(({ name }) => name).join(', ');
}
