import {
  Handshake,
  LifeBuoy,
  type LucideIcon,
  Mail,
  Megaphone,
  MessageCircleReply,
  MousePointerClick,
  Newspaper,
  Package,
  PenLine,
  Repeat2,
  Search,
  Target,
} from 'lucide-react';

const icons: Record<string, [icon: LucideIcon, word: string]> = {
  seo: [Search, 'Search'],
  content: [PenLine, 'Content'],
  social: [Megaphone, 'Social'],
  paid: [MousePointerClick, 'Ads'],
  email: [Mail, 'E-mail'],
  product: [Package, 'Product'],
  ux: [LifeBuoy, 'Ease of use'],
  conversion: [Target, 'Conversion'],
  partnership: [Handshake, 'Partners'],
  pr: [Newspaper, 'Press and launches'],
  community: [MessageCircleReply, 'Community'],
  retention: [Repeat2, 'Retention'],
};

export const categoryNames = Object.entries(icons).map(([value, [, label]]) => ({ value, label }));

export function categoryName(category: string): string {
  return icons[category]?.[1] ?? category;
}

export function CategoryIcon({ category }: { category: string }) {
  const [Icon, word] = icons[category] ?? [PenLine, category];
  return <Icon size={15} strokeWidth={1.75} role="img" aria-label={word} />;
}

/** Five grades of impact in three bars. */
export function impactLevel(impact: number): 1 | 2 | 3 {
  return impact >= 4 ? 3 : impact >= 3 ? 2 : 1;
}
