import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Navigate, Outlet, useNavigate, useRouteContext, useRouterState } from '@tanstack/react-router';
import { Suspense, useMemo, useState } from 'react';
import { setupQuery } from './api.ts';
import { AppChoice, useAppChoice } from './app.tsx';
import { KeysHelp } from './help.tsx';
import { useKeys } from './keys.ts';
import { places } from './nav.ts';
import { Palette } from './palette.tsx';
import { SkeletonPage } from './parts/skeleton.tsx';
import { signOut } from './session.ts';
import { Shell } from './shell.tsx';

/** What stands around every page inside: the frame filled with the person's data, and the keys. */
export function Layout() {
  return (
    <Suspense fallback={<SkeletonPage />}>
      <AppChoice>
        <Frame />
      </AppChoice>
    </Suspense>
  );
}

function Frame() {
  const { person } = useRouteContext({ from: '/inside' });
  const { apps, app, choose } = useAppChoice();
  const setup = useQuery(setupQuery);
  const path = useRouterState({ select: (state) => state.location.pathname });
  const queries = useQueryClient();
  const go = useNavigate();
  const [help, setHelp] = useState(false);
  useKeys(
    useMemo(
      () => ({
        c: () => void go({ to: '/compose' }),
        '?': () => setHelp(true),
        ...Object.fromEntries(places.map((place) => [`g ${place.key}`, () => void go({ to: place.to })])),
      }),
      [go],
    ),
  );
  const leave = async () => {
    await signOut();
    queries.clear();
    await go({ to: '/sign-in', search: {} });
  };
  const addApp = () => void go({ to: '/welcome' });
  // Without an app there is nothing to show but the way to one; settings and the reference stand for themselves.
  const needsApp = !app && !/^\/(welcome|settings|reference|flow)/.test(path);
  return (
    <Shell
      person={person}
      apps={apps}
      appId={app?.id}
      onApp={choose}
      onAddApp={addApp}
      demo={setup.data?.demo}
      onSignOut={() => void leave()}
    >
      {needsApp ? <Navigate to="/welcome" /> : <Outlet />}
      <Palette onAddApp={addApp} onHelp={() => setHelp(true)} />
      <KeysHelp opened={help} onClose={() => setHelp(false)} />
    </Shell>
  );
}
