import { Modal } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { useAddress } from '#web/address.ts';
import { api } from '#web/api.ts';
import { useChange } from '#web/change.ts';
import { counted } from '#web/format.ts';
import { usePlatforms } from '#web/pages/plan/templates/queries.ts';
import { Button } from '#web/parts/button.tsx';
import { ErrorNotice } from '#web/parts/error-notice.tsx';
import { Loaded } from '#web/parts/loaded.tsx';
import { SkeletonLines } from '#web/parts/skeleton.tsx';

/** Begins with a template, filled with what is known of the app: each platform in its words, each claim with its fact. */
export function TemplateChoice({ appId }: { appId: string }) {
  const [opened, setOpened] = useState(false);
  return (
    <>
      <Button onClick={() => setOpened(true)}>Start from a template</Button>
      <Modal
        opened={opened}
        onClose={() => setOpened(false)}
        title="Start from a template"
        size={560}
        closeButtonProps={{ 'aria-label': 'Close' }}
        overlayProps={{ color: 'var(--overlay)', backgroundOpacity: 1 }}
      >
        {opened && <Choices appId={appId} onWritten={() => setOpened(false)} />}
      </Modal>
    </>
  );
}

function Choices({ appId, onWritten }: { appId: string; onWritten: () => void }) {
  const templates = useQuery({ queryKey: ['templates', 'list'], queryFn: () => api.templates.list({}) });
  const platforms = usePlatforms();
  const [, open] = useAddress('post', null);
  const [at] = useAddress('at', null);
  const [campaignId] = useAddress('campaign', null);
  const proposedFor = at && !Number.isNaN(Date.parse(at)) ? new Date(at).toISOString() : null;
  const filling = useChange(
    (templateId: string) => api.templates.use({ templateId, appId, platforms, proposedFor, campaignId }),
    {
      refreshes: [['posts'], ['templates']],
      after: ({ id }) => {
        onWritten();
        open(id);
      },
    },
  );
  return (
    <Loaded query={templates} title="The templates did not load" skeleton={<SkeletonLines lines={5} />}>
      {({ templates: all }) => {
        const inUse = all.filter(({ retiredAt }) => !retiredAt);
        return (
          <>
            {filling.error && <ErrorNotice title="It was not filled in" error={filling.error} />}
            {inUse.length === 0 && <p className="sub">There are no templates.</p>}
            <ul className="template-choices">
              {inUse.map((template) => (
                <li key={template.id}>
                  <button type="button" disabled={filling.isPending} onClick={() => filling.mutate(template.id)}>
                    <span>
                      {template.name}
                      <span className="sub">
                        {template.parts.length > 1 && ` ${counted(template.parts.length, 'post')}`}
                      </span>
                    </span>
                    <span className="sub clip">{template.parts[0]}</span>
                  </button>
                </li>
              ))}
            </ul>
            <p className="sub">
              <Link to="/templates">All templates, with what their posts brought</Link>
            </p>
          </>
        );
      }}
    </Loaded>
  );
}
