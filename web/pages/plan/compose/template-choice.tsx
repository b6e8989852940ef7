import { Modal } from '@mantine/core';
import { useMutation, useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { api } from '#web/api.ts';
import { counted } from '#web/format.ts';
import { Button } from '#web/parts/button.tsx';
import { ErrorNotice } from '#web/parts/error-notice.tsx';
import { Loaded } from '#web/parts/loaded.tsx';
import { SkeletonLines } from '#web/parts/skeleton.tsx';

export interface Filled {
  templateId: string;
  parts: string[];
}

/** Begins with a template, filled with what is known of the app. What is missing stays open in its place. */
export function TemplateChoice({ appId, onFilled }: { appId: string; onFilled: (filled: Filled) => void }) {
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
        {opened && (
          <Choices
            appId={appId}
            onFilled={(filled) => {
              setOpened(false);
              onFilled(filled);
            }}
          />
        )}
      </Modal>
    </>
  );
}

function Choices({ appId, onFilled }: { appId: string; onFilled: (filled: Filled) => void }) {
  const templates = useQuery({ queryKey: ['templates', 'list'], queryFn: () => api.templates.list({}) });
  const filling = useMutation({
    mutationFn: (templateId: string) => api.templates.preview({ templateId, appId }),
    onSuccess: ({ parts }, templateId) => onFilled({ templateId, parts: parts.map(({ text }) => text) }),
  });
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
