import { useQuery } from '@tanstack/react-query';
import { api } from '#web/api.ts';
import type { ComposeCheck } from './checks.ts';
import type { Draft } from './draft.ts';

const TAG = /(?<![\p{L}\p{N}_&])#([\p{L}\p{N}_]*\p{L}[\p{L}\p{N}_]*)/gu;

/** What one's own posts say of hashtags, where they say anything: those that help, and those here that do not. */
export function useHashtags(appId: string, draft: Draft, platforms: readonly string[]): ComposeCheck[] {
  const { data } = useQuery({
    queryKey: ['hashtags', appId],
    queryFn: () => api.hashtags.list({ appId }),
    staleTime: 600_000,
  });
  const texts = [draft.base, ...Object.values(draft.own)].flatMap((body) => body?.parts.map((part) => part.text) ?? []);
  if (!data || texts.every((text) => text.trim() === '')) return [];
  const used = new Set(texts.flatMap((text) => [...text.matchAll(TAG)].map((match) => (match[1] ?? '').toLowerCase())));
  return data.tags
    .filter(({ platform }) => platforms.includes(platform))
    .flatMap(({ platform, tag, verdict, reason }): ComposeCheck[] => {
      const check = { id: `hashtag-${platform}-${tag}`, detail: reason };
      if (verdict === 'helps' && !used.has(tag)) return [{ ...check, tone: 'pos', text: `#${tag} helps your posts` }];
      if (verdict === 'hurts' && used.has(tag)) return [{ ...check, tone: 'warn', text: `#${tag} does not help you` }];
      return [];
    });
}
