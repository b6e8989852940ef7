import { NumberInput, Switch } from '@mantine/core';
import { useState } from 'react';
import { api } from '#web/api.ts';
import { useChange } from '#web/change.ts';
import { Card } from '#web/parts/card.tsx';
import { ErrorNotice } from '#web/parts/error-notice.tsx';

type Post = Awaited<ReturnType<typeof api.posts.get>>;

/** A post that did well may go out again: into queue times that would stay empty, after a rest. */
export function Again({ post }: { post: Post }) {
  const [days, setDays] = useState<number | string>(post.coolDownDays);
  const changing = useChange(api.posts.update, { refreshes: [['posts']], says: 'Saved' });
  const change = (set: { evergreen?: boolean; coolDownDays?: number }) =>
    changing.mutate({ postId: post.id, version: post.version, ...set });
  return (
    <Card title="Posting it again" padded>
      <div className="stack" data-gap="small">
        <Switch
          label="Evergreen"
          description="It fills queue times that would stay empty."
          checked={post.evergreen}
          disabled={changing.isPending}
          onChange={(event) => change({ evergreen: event.currentTarget.checked })}
        />
        {post.evergreen && (
          <NumberInput
            label="Days of rest in between"
            min={1}
            max={3650}
            hideControls
            value={days}
            onChange={setDays}
            onBlur={() => {
              const wanted = Number(days);
              if (wanted >= 1 && wanted !== post.coolDownDays) change({ coolDownDays: wanted });
            }}
          />
        )}
        {changing.error && <ErrorNotice title="Not saved" error={changing.error} />}
      </div>
    </Card>
  );
}
