import '@fontsource-variable/inter/index.css';
import '@fontsource-variable/geist-mono/index.css';
import './styles/index.css';
import { MantineProvider } from '@mantine/core';
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import {
  createMemoryHistory,
  createRootRoute,
  createRoute,
  createRouter,
  Outlet,
  RouterProvider,
} from '@tanstack/react-router';
import { createRoot } from 'react-dom/client';
import { GalleryHome } from './gallery-home.tsx';
import { GalleryMeasure } from './gallery-measure.tsx';
import { GalleryParts } from './gallery-parts.tsx';
import { KeysHelp } from './help.tsx';
import { Palette } from './palette.tsx';
import { Shell } from './shell.tsx';
import { cssVariables, schemeManager, theme } from './theme.ts';
import { speakChosen } from './words.ts';

// Every part with sample data, for looking at: `npx vite web`, then /gallery.html (home), /gallery.html?parts and
// /gallery.html?measure.
const root = createRootRoute({ component: Frame });
const children = [
  createRoute({ getParentRoute: () => root, path: '$', component: GalleryParts }),
  createRoute({ getParentRoute: () => root, path: '/measure', component: GalleryMeasure }),
];
const home = createRoute({ getParentRoute: () => root, path: '/', component: GalleryHome });
const router = createRouter({
  routeTree: root.addChildren([...children, home]),
  history: createMemoryHistory({ initialEntries: [`/${location.search.slice(1)}`] }),
});

function Frame() {
  return (
    <Shell
      person={{ name: 'Maya Lind', email: 'maya@outpost.example' }}
      apps={[
        { id: 'outpost', name: 'Outpost' },
        { id: 'papertrail', name: 'Papertrail' },
      ]}
      counts={{ suggestions: 7, drafts: 3 }}
      spend={{ spent: '468', limit: '750', currency: 'USD' }}
      onAddApp={() => undefined}
      onSignOut={() => undefined}
    >
      <Outlet />
      <Palette
        recentPosts={[
          { id: '1', text: 'Month 9 numbers: MRR, churn, and what broke' },
          { id: '2', text: 'The “boring” SEO page that brings 31% of our signups' },
        ]}
        onHelp={() => undefined}
      />
      <KeysHelp opened={location.search === '?keys'} onClose={() => undefined} />
    </Shell>
  );
}

void speakChosen().then(() =>
  createRoot(document.getElementById('app')!).render(
    <MantineProvider
      theme={theme}
      cssVariablesResolver={cssVariables}
      colorSchemeManager={schemeManager}
      defaultColorScheme="auto"
    >
      {/* The gallery's own little router is not the registered one. */}
      <QueryClientProvider client={new QueryClient()}>
        <RouterProvider router={router as never} />
      </QueryClientProvider>
    </MantineProvider>,
  ),
);
