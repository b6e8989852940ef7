import {
  Activity,
  AppWindow,
  BellRing,
  BookOpen,
  CalendarDays,
  ChartNoAxesColumn,
  CircleDollarSign,
  FileText,
  Filter,
  Flag,
  FlaskConical,
  Grid3x3,
  Hand,
  Handshake,
  House,
  Inbox,
  LayoutTemplate,
  Lightbulb,
  Link,
  type LucideIcon,
  Mail,
  Map as MapIcon,
  Megaphone,
  MessageSquareQuote,
  PenLine,
  RefreshCw,
  Rocket,
  Rows3,
  Scale,
  Search,
  Settings,
  Split,
  Swords,
  Target,
  UserRound,
  Users,
  UsersRound,
  Zap,
} from 'lucide-react';

/** The routes of `router.tsx` that stand in the navigation. */
export type PlacePath =
  | '/'
  | '/calendar'
  | '/compose'
  | '/posts'
  | '/templates'
  | '/strategy'
  | '/campaigns'
  | '/inbox'
  | '/by-hand'
  | '/newsletter'
  | '/launch'
  | '/channels'
  | '/links'
  | '/affiliates'
  | '/analytics'
  | '/attribution'
  | '/returns'
  | '/revenue'
  | '/presence'
  | '/success'
  | '/funnels'
  | '/cohorts'
  | '/customers'
  | '/insights'
  | '/experiments'
  | '/suggestions'
  | '/alerts'
  | '/reports'
  | '/app'
  | '/knowledge'
  | '/voice'
  | '/audiences'
  | '/keywords'
  | '/competitors'
  | '/flow'
  | '/automations'
  | '/settings';

export interface Place {
  to: PlacePath;
  label: string;
  icon: LucideIcon;
  /** The letter that leads here after G; a capital is typed with Shift, for the page beside the one with the small letter. */
  key: string;
  /** Which of the shell's counts stands beside it. */
  count?: 'suggestions' | 'drafts' | 'inbox' | 'byHand';
}

export interface PlaceGroup {
  title?: string;
  places: Place[];
}

/** The sidebar, the palette's pages and the G shortcuts are all cut from this one list. */
export const groups: PlaceGroup[] = [
  { places: [{ to: '/', label: 'Home', icon: House, key: 'h' }] },
  {
    title: 'Understand',
    places: [
      { to: '/app', label: 'App', icon: AppWindow, key: 'A' },
      { to: '/knowledge', label: 'Knowledge', icon: BookOpen, key: 'k' },
      { to: '/voice', label: 'Voice', icon: MessageSquareQuote, key: 'V' },
      { to: '/audiences', label: 'Audiences', icon: UsersRound, key: 'U' },
      { to: '/keywords', label: 'Keywords', icon: Search, key: 'K' },
      { to: '/competitors', label: 'Competitors', icon: Swords, key: 'C' },
    ],
  },
  {
    title: 'Plan',
    places: [
      { to: '/calendar', label: 'Calendar', icon: CalendarDays, key: 'c' },
      { to: '/compose', label: 'Compose', icon: PenLine, key: 'w' },
      { to: '/posts', label: 'Posts', icon: Rows3, key: 'p', count: 'drafts' },
      { to: '/templates', label: 'Templates', icon: LayoutTemplate, key: 'T' },
      { to: '/strategy', label: 'Strategy', icon: MapIcon, key: 's' },
      { to: '/campaigns', label: 'Campaigns', icon: Flag, key: 'S' },
      { to: '/launch', label: 'Launch', icon: Rocket, key: 'u' },
    ],
  },
  {
    title: 'Distribute',
    places: [
      { to: '/inbox', label: 'Inbox', icon: Inbox, key: 'b', count: 'inbox' },
      { to: '/by-hand', label: 'By hand', icon: Hand, key: 'd', count: 'byHand' },
      { to: '/newsletter', label: 'Newsletter', icon: Mail, key: 'n' },
      { to: '/automations', label: 'Automations', icon: Zap, key: 'a' },
      { to: '/channels', label: 'Channels', icon: Megaphone, key: 'r' },
      { to: '/links', label: 'Links', icon: Link, key: 'l' },
      { to: '/affiliates', label: 'Affiliates', icon: Handshake, key: 'e' },
    ],
  },
  {
    title: 'Measure',
    places: [
      { to: '/analytics', label: 'Analytics', icon: ChartNoAxesColumn, key: 'y' },
      { to: '/revenue', label: 'Revenue', icon: CircleDollarSign, key: 'm' },
      { to: '/attribution', label: 'Attribution', icon: Split, key: 't' },
      { to: '/returns', label: 'What posts earned', icon: Scale, key: 'o' },
      { to: '/funnels', label: 'Funnels', icon: Filter, key: 'j' },
      { to: '/cohorts', label: 'Cohorts', icon: Grid3x3, key: 'v' },
      { to: '/customers', label: 'Customers', icon: UserRound, key: 'q' },
      { to: '/presence', label: 'Presence', icon: Users, key: 'x' },
      { to: '/success', label: 'Success', icon: Target, key: 'z' },
    ],
  },
  {
    title: 'Grow',
    places: [
      { to: '/insights', label: 'Insights', icon: Activity, key: 'I' },
      { to: '/suggestions', label: 'Suggestions', icon: Lightbulb, key: 'i', count: 'suggestions' },
      { to: '/alerts', label: 'Alerts', icon: BellRing, key: 'L' },
      { to: '/experiments', label: 'Experiments', icon: FlaskConical, key: 'E' },
      { to: '/reports', label: 'Reports', icon: FileText, key: 'R' },
      { to: '/flow', label: 'What happens by itself', icon: RefreshCw, key: 'f' },
    ],
  },
];

export const settings: Place = { to: '/settings', label: 'Settings', icon: Settings, key: ',' };

export const places: Place[] = [...groups.flatMap((group) => group.places), settings];

/** The keys that lead to a place, as they are written on a keyboard. */
export function keysOf(place: Place): [string, string] {
  const small = place.key.toLowerCase();
  return ['G', small === place.key ? place.key.toUpperCase() : `⇧ ${place.key}`];
}

/** Whether a place is where the reader is: `/posts` also while one post is open, home only exactly. */
export function isHere(place: Place, path: string): boolean {
  if (place === settings) return path.startsWith('/settings');
  if (place.to === '/') return path === '/';
  return path === place.to || path.startsWith(`${place.to}/`);
}
