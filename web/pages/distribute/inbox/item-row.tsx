import { Star } from 'lucide-react';
import { relative } from '#web/format.ts';
import { Avatar } from '#web/parts/avatar.tsx';
import { PlatformIcon } from '#web/parts/platform-icon.tsx';
import type { Item } from './queries.ts';
import { answerWords, kindWords, nameOf } from './words.ts';

/** One of the list: who wrote what about which post, and whether it is answered. */
export function ItemRow({ item, chosen, onOpen }: { item: Item; chosen: boolean; onOpen: () => void }) {
  const { contact, account, post, answer } = item;
  const said = answerWords(answer);
  return (
    <button
      type="button"
      className="inbox-row"
      aria-current={chosen || undefined}
      data-unread={item.readAt === null || undefined}
      onClick={onOpen}
    >
      <Avatar name={nameOf(contact)} size={32} />
      <span className="inbox-row-text">
        <span className="inbox-row-head">
          <strong className="clip">{nameOf(contact)}</strong>
          {contact?.advocateSince && <Star size={12} role="img" aria-label="advocate" className="inbox-star" />}
          <span className="sub clip">{contact ? `@${contact.handle}` : ''}</span>
          <time className="num" dateTime={item.receivedAt.toISOString()}>
            {relative(item.receivedAt)}
          </time>
        </span>
        <span className="inbox-row-words">{item.text || 'Without words'}</span>
        <span className="inbox-row-meta">
          <PlatformIcon platform={account.platform} size={12} />
          <span className="clip">
            {kindWords[item.kind]} {post ? `“${post.title}”` : `@${account.handle}`}
          </span>
          {said && (
            <span className="tag" data-tone={said.tone}>
              {said.word}
            </span>
          )}
          {item.readAt === null && <span className="hidden-text">unread</span>}
        </span>
      </span>
    </button>
  );
}
