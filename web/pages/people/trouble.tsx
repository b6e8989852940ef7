import { type ErrorComponentProps, useRouter } from '@tanstack/react-router';
import { LinkButton } from '#web/parts/button.tsx';
import { ErrorNotice } from '#web/parts/error-notice.tsx';
import { Page } from '#web/parts/page.tsx';

/** What stands in a page's place when it could not be shown. The frame around it stays. */
export function ErrorPage({ error, reset }: ErrorComponentProps) {
  const router = useRouter();
  const again = () => {
    reset();
    void router.invalidate();
  };
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
