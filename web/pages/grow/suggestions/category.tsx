import {
  Clock,
  HandCoins,
  type LucideIcon,
  Megaphone,
  MessageCircleReply,
  PenLine,
  Repeat2,
  Target,
  Users,
  Wrench,
} from 'lucide-react';

const icons: Record<string, [icon: LucideIcon, word: string]> = {
  content: [PenLine, 'Content'],
  timing: [Clock, 'Timing'],
  channel: [Megaphone, 'Channel'],
  audience: [Users, 'Audience'],
  conversion: [Target, 'Conversion'],
  retention: [Repeat2, 'Retention'],
  pricing: [HandCoins, 'Pricing'],
  technical: [Wrench, 'Technical'],
  community: [MessageCircleReply, 'Community'],
};

export function CategoryIcon({ category }: { category: string }) {
  const [Icon, word] = icons[category] ?? [PenLine, category];
  return <Icon size={15} strokeWidth={1.75} role="img" aria-label={word} />;
}

/** Five grades of impact in three bars. */
export function impactLevel(impact: number): 1 | 2 | 3 {
  return impact >= 4 ? 3 : impact >= 3 ? 2 : 1;
}
