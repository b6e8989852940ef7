import {
  Archive,
  Check,
  CircleAlert,
  CircleDashed,
  CircleHelp,
  CircleSlash,
  Clock,
  Eye,
  Hand,
  type LucideIcon,
  Pause,
  Play,
  RefreshCw,
  Send,
} from 'lucide-react';

type Tone = 'accent' | 'pos' | 'warn' | 'neg' | 'dashed' | undefined;

/** Every state of the product in a word, an icon and a tone: never by colour alone. */
const states: Record<string, [word: string, icon: LucideIcon, tone: Tone]> = {
  draft: ['Draft', CircleDashed, 'dashed'],
  review: ['Needs your OK', Eye, 'warn'],
  in_review: ['In review', Eye, 'warn'],
  approved: ['Approved', Check, 'accent'],
  scheduled: ['Scheduled', Clock, 'accent'],
  publishing: ['Going out', Send, 'accent'],
  published: ['Published', Check, 'pos'],
  failed: ['Failed', CircleAlert, 'neg'],
  withdrawn: ['Withdrawn', CircleSlash, undefined],
  unknown: ['Checking', CircleHelp, 'warn'],
  assisted: ['For you to post', Hand, 'warn'],
  active: ['Active', Play, 'pos'],
  paused: ['Paused', Pause, 'warn'],
  completed: ['Completed', Check, undefined],
  cancelled: ['Cancelled', CircleSlash, undefined],
  proposed: ['Proposed', Eye, 'warn'],
  accepted: ['Accepted', Check, 'accent'],
  in_progress: ['In progress', RefreshCw, 'accent'],
  done: ['Done', Check, 'pos'],
  dismissed: ['Dismissed', CircleSlash, undefined],
  connected: ['Connected', Check, 'pos'],
  reconnect: ['Reconnect', CircleAlert, 'neg'],
  archived: ['Archived', Archive, undefined],
  confirmed: ['Confirmed', Check, 'pos'],
};

/** A state as a small badge. An unlisted state is shown as it is written, without colour. */
export function StatusBadge({ status, word }: { status: string; word?: string }) {
  const [known, Icon, tone] = states[status] ?? [status.replaceAll('_', ' '), CircleDashed, undefined];
  return (
    <span className="tag" data-tone={tone}>
      <Icon size={12} aria-hidden="true" />
      {word ?? known}
    </span>
  );
}
