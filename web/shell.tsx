import { useComputedColorScheme, useMantineColorScheme } from '@mantine/core';
import { openSpotlight } from '@mantine/spotlight';
import { Link, useRouterState } from '@tanstack/react-router';
import {
  CalendarDays,
  ChartNoAxesColumn,
  ChevronDown,
  ChevronsUpDown,
  Ellipsis,
  House,
  Moon,
  Plus,
  Search,
  Settings,
  Sun,
} from 'lucide-react';
import { lazy, type ReactNode, Suspense, useEffect, useRef, useState } from 'react';
import { money } from './format.ts';
import { useIdle } from './idle.ts';
import { commandKey } from './keys.ts';
import { groups, isHere, type Place, type PlacePath, settings } from './nav.ts';
import { Avatar } from './parts/avatar.tsx';
import { IconButton } from './parts/button.tsx';
import { type PlainName, useWords } from './words.ts';

const menus = () => import('./shell-menus.tsx');
const SwitcherMenu = lazy(() => menus().then((file) => ({ default: file.SwitcherMenu })));
const PersonMenu = lazy(() => menus().then((file) => ({ default: file.PersonMenu })));
const MoreSheet = lazy(() => menus().then((file) => ({ default: file.MoreSheet })));

/** What the frame shows of the person's data. It fetches nothing itself. */
export interface ShellProps {
  person: { name: string; email: string };
  apps: { id: string; name: string; logoUrl?: string | null }[];
  appId?: string;
  onApp?: (id: string) => void;
  onAddApp?: () => void;
  /** The way to the person's other workspaces, at the end of the menu of apps. */
  workspaces?: ReactNode;
  counts?: { suggestions?: number; drafts?: number; inbox?: number; byHand?: number };
  /** The X API this month, in minor units. `limit` missing: no budget set. */
  spend?: { spent: string; limit?: string | null; currency: string; posts?: number };
  demo?: boolean;
  /** The bell, with what has happened and nobody has read. */
  bell?: ReactNode;
  /** Whether publishing runs, in the foot; and across the top when it does not. */
  health?: ReactNode;
  banner?: ReactNode;
  onSignOut: () => void;
  children: ReactNode;
}

/** The frame around every page a signed-in person sees. */
export function Shell(props: ShellProps) {
  const [more, setMore] = useState(false);
  const idle = useIdle();
  const path = useRouterState({ select: (state) => state.location.pathname });
  const { say, language } = useWords();
  // What is not in the catalogue yet is English, and says so to whoever reads it aloud.
  const rest = language === 'en' ? undefined : 'en';
  return (
    <div className="shell">
      <a className="skip" href="#content">
        {say('shell.skip')}
      </a>
      <aside className="side" aria-label={say('shell.sidebar')}>
        <Switcher {...props} />
        <button type="button" className="find" onClick={openSpotlight} aria-keyshortcuts="Meta+K Control+K">
          <Search size={15} aria-hidden="true" />
          {say('shell.find')}
          <kbd>{commandKey()}K</kbd>
        </button>
        <Places path={path} counts={props.counts} />
        <SideFoot {...props} />
      </aside>
      <div className="main">
        {props.demo && (
          <aside className="demo-note" aria-label={say('shell.aboutDemo')}>
            {say('shell.demo')}
          </aside>
        )}
        <div lang={rest} style={{ display: 'contents' }}>
          {props.banner}
        </div>
        <main id="content" tabIndex={-1} lang={rest}>
          {props.children}
        </main>
      </div>
      <TabBar path={path} onMore={() => setMore(true)} />
      {(more || idle) && (
        <Suspense fallback={null}>
          <MoreSheet opened={more} onClose={() => setMore(false)}>
            <Switcher {...props} />
            <Places path={path} counts={props.counts} />
            <SideFoot {...props} />
          </MoreSheet>
        </Suspense>
      )}
    </div>
  );
}

function Switcher({ apps, appId, onApp, onAddApp, workspaces }: ShellProps) {
  const { say } = useWords();
  const app = apps.find((each) => each.id === appId) ?? apps[0];
  return (
    <WithMenu
      button={(asked) => (
        <button type="button" className="switcher" onClick={asked}>
          <AppMark app={app} />
          <span className="clip">{app?.name ?? 'Fanfare'}</span>
          <ChevronsUpDown size={15} aria-hidden="true" />
          <span className="hidden-text">{say('shell.switchApp')}</span>
        </button>
      )}
      menu={(button, opened) => (
        <SwitcherMenu
          apps={apps}
          chosen={app?.id}
          onApp={onApp}
          onAddApp={onAddApp}
          workspaces={workspaces}
          opened={opened}
        >
          {button}
        </SwitcherMenu>
      )}
    />
  );
}

/** A button whose menu arrives after the page is drawn, or at once when it is clicked. */
function WithMenu({
  button,
  menu,
}: {
  button: (asked?: () => void) => ReactNode;
  menu: (button: ReactNode, opened: boolean) => ReactNode;
}) {
  const idle = useIdle();
  const [asked, setAsked] = useState(false);
  const alone = button(() => setAsked(true));
  return idle || asked ? <Suspense fallback={alone}>{menu(button(), asked)}</Suspense> : alone;
}

export function AppMark({ app }: { app?: { name: string; logoUrl?: string | null } }) {
  const [broken, setBroken] = useState<string>();
  if (app?.logoUrl && app.logoUrl !== broken) {
    return (
      <i className="mark">
        <img src={app.logoUrl} alt="" onError={() => setBroken(app.logoUrl ?? undefined)} />
      </i>
    );
  }
  return (
    <i className="mark" data-letter aria-hidden="true" style={{ fontStyle: 'normal' }}>
      {(app?.name ?? 'Fanfare')[0]?.toUpperCase()}
    </i>
  );
}

function Places({ path, counts = {} }: { path: string; counts?: ShellProps['counts'] }) {
  const { say } = useWords();
  const [folded, setFolded] = useState(readFolded);
  const fold = (title: PlainName) => {
    const next = folded.includes(title) ? folded.filter((each) => each !== title) : [...folded, title];
    localStorage.setItem(foldedName, next.join());
    setFolded(next);
  };
  return (
    <nav aria-label={say('shell.pages')}>
      {groups.map(({ title, places }) => {
        const holdsHere = places.some((place) => isHere(place, path));
        const open = title === undefined || holdsHere || !folded.includes(title);
        return (
          <div className="nav" key={title ?? 'home'}>
            {title && (
              <h2>
                <button type="button" aria-expanded={open} disabled={holdsHere} onClick={() => fold(title)}>
                  {say(title)}
                  <ChevronDown size={12} aria-hidden="true" />
                </button>
              </h2>
            )}
            {open &&
              places.map((place) => (
                <PlaceLink
                  key={place.to}
                  place={place}
                  here={isHere(place, path)}
                  count={place.count && counts[place.count]}
                />
              ))}
          </div>
        );
      })}
    </nav>
  );
}

const foldedName = 'fanfare-folded';

/** Names of the groups that were folded away, across visits. */
function readFolded(): string[] {
  return localStorage.getItem(foldedName)?.split(',') ?? [];
}

function PlaceLink({ place, here, count }: { place: Place; here: boolean; count?: number }) {
  const { say } = useWords();
  const link = useRef<HTMLAnchorElement>(null);
  // The list is longer than a low screen, and the lines below it arrive later and make it lower.
  useEffect(() => {
    const list = link.current?.closest('nav');
    if (!here || !list) return;
    const show = new ResizeObserver(() => link.current?.scrollIntoView({ block: 'nearest' }));
    show.observe(list);
    return () => show.disconnect();
  }, [here]);
  return (
    <Link ref={link} to={place.to} activeProps={{}} aria-current={here ? 'page' : undefined}>
      <place.icon size={16} strokeWidth={1.75} aria-hidden="true" />
      {say(place.label)}
      {count ? <b className="num">{count}</b> : null}
    </Link>
  );
}

function SideFoot({ person, spend, bell, health, onSignOut }: ShellProps) {
  const { say, language } = useWords();
  return (
    <div className="side-foot">
      <div lang={language === 'en' ? undefined : 'en'} style={{ display: 'contents' }}>
        {health}
      </div>
      {spend && <Quota {...spend} />}
      <div className="me">
        <WithMenu
          button={(asked) => (
            <button type="button" className="me-name" onClick={asked}>
              <Avatar name={person.name} />
              <span className="clip">{person.name}</span>
            </button>
          )}
          menu={(button, opened) => (
            <PersonMenu email={person.email} onSignOut={onSignOut} opened={opened}>
              {button}
            </PersonMenu>
          )}
        />
        {bell}
        <SchemeSwitch />
        <Link to={settings.to} className="icon-button" aria-label={say('place.settings')} title={say('place.settings')}>
          <Settings size={16} strokeWidth={1.75} />
        </Link>
      </div>
    </div>
  );
}

function SchemeSwitch() {
  const dark = useComputedColorScheme('light') === 'dark';
  const { setColorScheme } = useMantineColorScheme();
  const { say } = useWords();
  return (
    <IconButton
      label={say(dark ? 'shell.light' : 'shell.dark')}
      onClick={() => setColorScheme(dark ? 'light' : 'dark')}
    >
      {dark ? <Sun size={16} strokeWidth={1.75} /> : <Moon size={16} strokeWidth={1.75} />}
    </IconButton>
  );
}

function Quota({ spent, limit, currency }: NonNullable<ShellProps['spend']>) {
  const { say, locale } = useWords();
  const part = limit && Number(limit) > 0 ? Number(spent) / Number(limit) : undefined;
  const tone = part === undefined || part < 0.8 ? undefined : part < 1 ? 'warn' : 'neg';
  return (
    <Link to="/settings/$section" params={{ section: 'spend' }} className="quota">
      <span className="num">
        <span>{say('shell.spend')}</span>
        <span>
          {money(spent, currency, { locale })}
          {limit ? ` / ${money(limit, currency, { whole: true, locale })}` : ''}
        </span>
      </span>
      {part !== undefined && (
        <span className="bar" data-tone={tone}>
          <i style={{ width: `${Math.min(1, part) * 100}%` }} />
        </span>
      )}
      {part !== undefined && part >= 1 && <em>{say('shell.spent')}</em>}
    </Link>
  );
}

function TabBar({ path, onMore }: { path: string; onMore: () => void }) {
  const { say } = useWords();
  const tab = (to: PlacePath, label: PlainName, Icon: typeof House) => (
    <Link to={to} aria-current={path === to ? 'page' : undefined} activeProps={{}}>
      <Icon size={20} strokeWidth={1.75} aria-hidden="true" />
      {say(label)}
    </Link>
  );
  return (
    <nav className="tab-bar" aria-label={say('shell.mainPages')}>
      {tab('/', 'place.home', House)}
      {tab('/calendar', 'place.calendar', CalendarDays)}
      <Link to="/compose" className="tab-plus" aria-label={say('shell.newPost')} activeProps={{}}>
        <i>
          <Plus size={20} />
        </i>
      </Link>
      {tab('/analytics', 'place.analytics', ChartNoAxesColumn)}
      <button type="button" onClick={onMore}>
        <Ellipsis size={20} strokeWidth={1.75} aria-hidden="true" />
        {say('shell.more')}
      </button>
    </nav>
  );
}
