import { Modal } from '@mantine/core';
import { useState } from 'react';
import { api } from '#web/api.ts';
import { useChange } from '#web/change.ts';
import { Button } from '#web/parts/button.tsx';
import { ErrorNotice } from '#web/parts/error-notice.tsx';
import { PostsField } from './posts-field.tsx';
import { type Experiment, experimentsKey } from './queries.ts';

/** Posts to be dealt to the arms of a running experiment, and where each went. */
export function MorePosts({ experiment, onClose }: { experiment: Experiment; onClose: () => void }) {
  const [postIds, setPostIds] = useState<string[]>([]);
  const dealing = useChange(api.experiments.deal, {
    refreshes: [experimentsKey],
    says: 'Dealt by lot',
    after: onClose,
  });
  return (
    <Modal
      opened
      onClose={onClose}
      title={`Add posts to ${experiment.name}`}
      centered
      size={480}
      closeButtonProps={{ 'aria-label': 'Close' }}
      overlayProps={{ color: 'var(--overlay)', backgroundOpacity: 1 }}
    >
      <div className="stack">
        <PostsField
          appId={experiment.appId}
          label="Posts"
          description={`Dealt by lot to ${experiment.arms.join(', ')}. Write each for the arm it gets before it goes out.`}
          value={postIds}
          onChange={setPostIds}
        />
        {dealing.error && <ErrorNotice title="Not added" error={dealing.error} />}
        <div className="dialog-actions">
          <Button onClick={onClose}>Cancel</Button>
          <Button
            look="primary"
            busy={dealing.isPending}
            disabled={postIds.length === 0}
            onClick={() => dealing.mutate({ experimentId: experiment.id, postIds })}
          >
            Deal them
          </Button>
        </div>
      </div>
    </Modal>
  );
}
