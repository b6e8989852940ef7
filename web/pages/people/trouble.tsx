import { type ErrorComponentProps, useRouter } from '@tanstack/react-router';
import { lazy, Suspense } from 'react';
import { LinkButton } from '#web/parts/button.tsx';
import { ErrorNotice } from '#web/parts/error-notice.tsx';
import { Page } from '#web/parts/page.tsx';
import { reasonOf } from '#web/refusal.ts';

// Needed by few; the page of trouble itself comes with the first bytes.
const NoWorkspace = lazy(() => import('./new-workspace.tsx').then((file) => ({ default: file.NoWorkspace })));

/** What stands in a page's place when it could not be shown. The frame around it stays. */
export function ErrorPage({ error, reset }: ErrorComponentProps) {
  const router = useRouter();
  const again = () => {
    reset();
    void router.invalidate();
  };
  if (reasonOf(error) === 'no_workspace')
    return (
      <Suspense>
        <NoWorkspace />
      </Suspense>
    );
  return (
    <Page title="This page did not load">
      <ErrorNotice title="What happened" error={error} onRetry={again} />
    </Page>
  );
}

export function NotFoundPage() {
  return (
    <Page
      title="There is nothing at this address"
      intro="It may have been removed, or the link has a typo."
      actions={<LinkButton to="/">Go home</LinkButton>}
    />
  );
}
