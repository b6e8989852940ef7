import type { QueryClient } from '@tanstack/react-query';
import {
  createRootRouteWithContext,
  createRoute,
  createRouter,
  lazyRouteComponent,
  Outlet,
  redirect,
} from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { setupQuery } from './api.ts';
import { ErrorPage, NotFoundPage } from './pages/people/trouble.tsx';
import { SkeletonPage } from './parts/skeleton.tsx';
import { sessionQuery } from './session.ts';

const root = createRootRouteWithContext<{ queries: QueryClient }>()({
  component: Outlet,
  notFoundComponent: () => (
    <main>
      <NotFoundPage />
    </main>
  ),
});

/** Everything inside the frame is for people who signed in; the others are led to where they can. */
const inside = createRoute({
  getParentRoute: () => root,
  id: 'inside',
  component: lazyRouteComponent(() => import('./layout.tsx'), 'Layout'),
  // Of the way in itself, when the server is away: there is no frame yet.
  errorComponent: (props) => (
    <main>
      <ErrorPage {...props} />
    </main>
  ),
  beforeLoad: async ({ context, location }) => {
    const person = await context.queries.ensureQueryData(sessionQuery);
    if (person) return { person };
    const { ownerExists } = await context.queries.fetchQuery(setupQuery);
    throw ownerExists ? redirect({ to: '/sign-in', search: { next: location.href } }) : redirect({ to: '/setup' });
  },
});

const page = <Path extends string, Name extends string>(
  path: Path,
  load: () => Promise<Record<Name, () => ReactNode>>,
  name: Name,
) => createRoute({ getParentRoute: () => inside, path, component: lazyRouteComponent(load, name) });

const outside = {
  signIn: createRoute({
    getParentRoute: () => root,
    path: '/sign-in',
    // Named even when it is refused: what is missing here, the router would take from the address as it stands.
    validateSearch: (search): { next?: string | undefined } => ({
      next: isOwnPath(search.next) ? search.next : undefined,
    }),
    component: lazyRouteComponent(() => import('./pages/people/sign-in.tsx'), 'SignInPage'),
  }),
  setup: createRoute({
    getParentRoute: () => root,
    path: '/setup',
    component: lazyRouteComponent(() => import('./pages/people/setup.tsx'), 'SetupPage'),
  }),
  resetPassword: createRoute({
    getParentRoute: () => root,
    path: '/reset-password',
    component: lazyRouteComponent(() => import('./pages/people/reset-password.tsx'), 'ResetPasswordPage'),
  }),
  join: createRoute({
    getParentRoute: () => root,
    path: '/join',
    component: lazyRouteComponent(() => import('./pages/people/join.tsx'), 'JoinPage'),
  }),
  shared: createRoute({
    getParentRoute: () => root,
    path: '/shared/$token',
    component: lazyRouteComponent(() => import('./pages/measure/shared.tsx'), 'SharedPage'),
  }),
  sharedTemplate: createRoute({
    getParentRoute: () => root,
    path: '/shared-templates/$token',
    component: lazyRouteComponent(() => import('./pages/plan/shared-template.tsx'), 'SharedTemplatePage'),
  }),
};

const docs = lazyRouteComponent(() => import('./pages/docs.tsx'), 'DocsPage');

const routes = root.addChildren([
  createRoute({ getParentRoute: () => root, path: '/docs', component: docs }),
  createRoute({ getParentRoute: () => root, path: '/docs/$', component: docs }),
  outside.signIn,
  outside.setup,
  outside.resetPassword,
  outside.join,
  outside.shared,
  outside.sharedTemplate,
  inside.addChildren([
    page('/', () => import('./pages/measure/home.tsx'), 'HomePage'),
    page('/welcome', () => import('./pages/understand/welcome.tsx'), 'WelcomePage'),
    page('/app', () => import('./pages/understand/app.tsx'), 'AppPage'),
    page('/knowledge', () => import('./pages/understand/knowledge.tsx'), 'KnowledgePage'),
    page('/knowledge/$group', () => import('./pages/understand/knowledge-group.tsx'), 'KnowledgeGroupPage'),
    page('/voice', () => import('./pages/understand/voice.tsx'), 'VoicePage'),
    page('/audiences', () => import('./pages/understand/audiences.tsx'), 'AudiencesPage'),
    page('/audiences/$id', () => import('./pages/understand/audience.tsx'), 'AudiencePage'),
    page('/keywords', () => import('./pages/understand/keywords.tsx'), 'KeywordsPage'),
    page('/competitors', () => import('./pages/understand/competitors.tsx'), 'CompetitorsPage'),
    page('/competitors/$id', () => import('./pages/understand/competitor.tsx'), 'CompetitorPage'),
    page('/templates', () => import('./pages/plan/templates.tsx'), 'TemplatesPage'),
    page('/strategy', () => import('./pages/plan/strategy.tsx'), 'StrategyPage'),
    page('/campaigns', () => import('./pages/plan/campaigns.tsx'), 'CampaignsPage'),
    page('/campaigns/$id', () => import('./pages/plan/campaign.tsx'), 'CampaignPage'),
    page('/compose', () => import('./pages/plan/compose.tsx'), 'ComposePage'),
    page('/compose/$postId', () => import('./pages/plan/compose.tsx'), 'ComposePage'),
    page('/calendar', () => import('./pages/plan/calendar.tsx'), 'CalendarPage'),
    page('/posts', () => import('./pages/distribute/posts.tsx'), 'PostsPage'),
    page('/posts/$postId', () => import('./pages/distribute/post.tsx'), 'PostPage'),
    page('/newsletter', () => import('./pages/distribute/newsletter.tsx'), 'NewsletterPage'),
    page('/automations', () => import('./pages/distribute/automations.tsx'), 'AutomationsPage'),
    page('/inbox', () => import('./pages/distribute/inbox.tsx'), 'InboxPage'),
    page('/by-hand', () => import('./pages/distribute/by-hand.tsx'), 'ByHandPage'),
    page('/launch', () => import('./pages/plan/launch.tsx'), 'LaunchPage'),
    page('/channels', () => import('./pages/distribute/channels.tsx'), 'ChannelsPage'),
    page('/links', () => import('./pages/distribute/links.tsx'), 'LinksPage'),
    page('/affiliates', () => import('./pages/distribute/affiliates.tsx'), 'AffiliatesPage'),
    page('/analytics', () => import('./pages/measure/analytics.tsx'), 'AnalyticsPage'),
    page('/attribution', () => import('./pages/measure/attribution.tsx'), 'AttributionPage'),
    page('/returns', () => import('./pages/measure/returns.tsx'), 'ReturnsPage'),
    page('/revenue', () => import('./pages/measure/revenue.tsx'), 'RevenuePage'),
    page('/presence', () => import('./pages/measure/presence.tsx'), 'PresencePage'),
    page('/funnels', () => import('./pages/measure/funnels.tsx'), 'FunnelsPage'),
    page('/cohorts', () => import('./pages/measure/cohorts.tsx'), 'CohortsPage'),
    page('/customers', () => import('./pages/measure/customers.tsx'), 'CustomersPage'),
    page('/success', () => import('./pages/measure/success.tsx'), 'SuccessPage'),
    page('/insights', () => import('./pages/grow/insights.tsx'), 'InsightsPage'),
    page('/experiments', () => import('./pages/grow/experiments.tsx'), 'ExperimentsPage'),
    page('/suggestions', () => import('./pages/grow/suggestions.tsx'), 'SuggestionsPage'),
    page('/alerts', () => import('./pages/grow/alerts.tsx'), 'AlertsPage'),
    page('/reports', () => import('./pages/grow/reports.tsx'), 'ReportsPage'),
    page('/reports/$id', () => import('./pages/grow/report.tsx'), 'ReportPage'),
    page('/flow', () => import('./pages/grow/flow.tsx'), 'FlowPage'),
    page('/settings/$section', () => import('./pages/people/settings.tsx'), 'SettingsPage'),
    page('/reference', () => import('./pages/people/reference.tsx'), 'ReferencePage'),
    createRoute({
      getParentRoute: () => inside,
      path: '/settings',
      beforeLoad: () => {
        throw redirect({ to: '/settings/$section', params: { section: 'accounts' } });
      },
    }),
  ]),
]);

export function makeRouter(queries: QueryClient) {
  return createRouter({
    routeTree: routes,
    context: { queries },
    defaultPreload: 'intent',
    defaultPreloadStaleTime: 0,
    defaultPendingComponent: SkeletonPage,
    defaultErrorComponent: ErrorPage,
    defaultNotFoundComponent: NotFoundPage,
    scrollRestoration: true,
  });
}

declare module '@tanstack/react-router' {
  interface Register {
    router: ReturnType<typeof makeRouter>;
  }
}

/** A way back may lead anywhere in this app and nowhere else, as the browser itself reads it. */
function isOwnPath(path: unknown): path is string {
  return typeof path === 'string' && path.startsWith('/') && new URL(path, location.origin).origin === location.origin;
}
