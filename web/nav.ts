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
import type { PlainName } from './words.ts';

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
  label: PlainName;
  icon: LucideIcon;
  /** The letter that leads here after G; a capital is typed with Shift, for the page beside the one with the small letter. */
  key: string;
  /** Which of the shell's counts stands beside it. */
  count?: 'suggestions' | 'drafts' | 'inbox' | 'byHand';
}

export interface PlaceGroup {
  title?: PlainName;
  places: Place[];
}

/** The sidebar, the palette's pages and the G shortcuts are all cut from this one list. */
export const groups: PlaceGroup[] = [
  { places: [{ to: '/', label: 'place.home', icon: House, key: 'h' }] },
  {
    title: 'stage.understand',
    places: [
      { to: '/app', label: 'place.app', icon: AppWindow, key: 'A' },
      { to: '/knowledge', label: 'place.knowledge', icon: BookOpen, key: 'k' },
      { to: '/voice', label: 'place.voice', icon: MessageSquareQuote, key: 'V' },
      { to: '/audiences', label: 'place.audiences', icon: UsersRound, key: 'U' },
      { to: '/keywords', label: 'place.keywords', icon: Search, key: 'K' },
      { to: '/competitors', label: 'place.competitors', icon: Swords, key: 'C' },
    ],
  },
  {
    title: 'stage.plan',
    places: [
      { to: '/calendar', label: 'place.calendar', icon: CalendarDays, key: 'c' },
      { to: '/compose', label: 'place.compose', icon: PenLine, key: 'w' },
      { to: '/posts', label: 'place.posts', icon: Rows3, key: 'p', count: 'drafts' },
      { to: '/templates', label: 'place.templates', icon: LayoutTemplate, key: 'T' },
      { to: '/strategy', label: 'place.strategy', icon: MapIcon, key: 's' },
      { to: '/campaigns', label: 'place.campaigns', icon: Flag, key: 'S' },
      { to: '/launch', label: 'place.launch', icon: Rocket, key: 'u' },
    ],
  },
  {
    title: 'stage.distribute',
    places: [
      { to: '/inbox', label: 'place.inbox', icon: Inbox, key: 'b', count: 'inbox' },
      { to: '/by-hand', label: 'place.byHand', icon: Hand, key: 'd', count: 'byHand' },
      { to: '/newsletter', label: 'place.newsletter', icon: Mail, key: 'n' },
      { to: '/automations', label: 'place.automations', icon: Zap, key: 'a' },
      { to: '/channels', label: 'place.channels', icon: Megaphone, key: 'r' },
      { to: '/links', label: 'place.links', icon: Link, key: 'l' },
      { to: '/affiliates', label: 'place.affiliates', icon: Handshake, key: 'e' },
    ],
  },
  {
    title: 'stage.measure',
    places: [
      { to: '/analytics', label: 'place.analytics', icon: ChartNoAxesColumn, key: 'y' },
      { to: '/revenue', label: 'place.revenue', icon: CircleDollarSign, key: 'm' },
      { to: '/attribution', label: 'place.attribution', icon: Split, key: 't' },
      { to: '/returns', label: 'place.returns', icon: Scale, key: 'o' },
      { to: '/funnels', label: 'place.funnels', icon: Filter, key: 'j' },
      { to: '/cohorts', label: 'place.cohorts', icon: Grid3x3, key: 'v' },
      { to: '/customers', label: 'place.customers', icon: UserRound, key: 'q' },
      { to: '/presence', label: 'place.presence', icon: Users, key: 'x' },
      { to: '/success', label: 'place.success', icon: Target, key: 'z' },
    ],
  },
  {
    title: 'stage.grow',
    places: [
      { to: '/insights', label: 'place.insights', icon: Activity, key: 'I' },
      { to: '/suggestions', label: 'place.suggestions', icon: Lightbulb, key: 'i', count: 'suggestions' },
      { to: '/alerts', label: 'place.alerts', icon: BellRing, key: 'L' },
      { to: '/experiments', label: 'place.experiments', icon: FlaskConical, key: 'E' },
      { to: '/reports', label: 'place.reports', icon: FileText, key: 'R' },
      { to: '/flow', label: 'place.flow', icon: RefreshCw, key: 'f' },
    ],
  },
];

export const settings: Place = { to: '/settings', label: 'place.settings', icon: Settings, key: ',' };

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
