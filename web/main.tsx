import '@fontsource-variable/inter/index.css';
import '@fontsource-variable/geist-mono/index.css';
import './styles/index.css';
import { MantineProvider } from '@mantine/core';
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { RouterProvider } from '@tanstack/react-router';
import { setNonce } from 'get-nonce';
import { lazy, StrictMode, Suspense } from 'react';
import { createRoot } from 'react-dom/client';
import { useIdle } from './idle.ts';
import { makeRouter } from './router.tsx';
import { cssVariables, schemeManager, theme } from './theme.ts';
import { speakChosen } from './words.ts';

const queries = new QueryClient({
  // A refusal is an answer: only a server that did not answer at all is asked again.
  defaultOptions: { queries: { staleTime: 15_000, retry: (tries, error) => error instanceof TypeError && tries < 2 } },
});
const router = makeRouter(queries);
const Notifications = lazy(() => import('@mantine/notifications').then((file) => ({ default: file.Notifications })));

/** Nothing is told before the page is drawn; what comes earlier waits. */
function Toasts() {
  return (
    useIdle() && (
      <Suspense fallback={null}>
        <Notifications position="bottom-right" limit={4} />
      </Suspense>
    )
  );
}

// Styles that parts of the page make while it runs are let through by the nonce of the page's own answer.
const nonce = document.querySelector<HTMLMetaElement>('meta[property="csp-nonce"]')?.nonce ?? '';
setNonce(nonce);

// No await at the top level: what other parts share with the entry would then be packed apart, 10 kB more.
void speakChosen().then(() =>
  createRoot(document.getElementById('app')!).render(
    <StrictMode>
      <MantineProvider
        theme={theme}
        cssVariablesResolver={cssVariables}
        colorSchemeManager={schemeManager}
        defaultColorScheme="auto"
        getStyleNonce={() => nonce}
      >
        <QueryClientProvider client={queries}>
          <RouterProvider router={router} />
          <Toasts />
        </QueryClientProvider>
      </MantineProvider>
    </StrictMode>,
  ),
);
