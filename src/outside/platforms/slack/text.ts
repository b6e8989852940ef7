/** Slack's own markup, mrkdwn (https://docs.slack.dev/messaging/formatting-message-text, read November 2026). */

const LINKS = /\[([^\][\n]{1,300})\]\((https?:\/\/[^\s()<>]+)\)|https?:\/\/[^\s<>]+/g;
const TRAILING = /[.,;:!?'")\]]+$/;

/**
 * A text as Slack wants it: & < > escaped, so that nothing in it becomes a mention or a command, and links in angle
 * brackets; `[words](https://…)` becomes a link on the words.
 */
export function mrkdwn(text: string): string {
  let written = '';
  let at = 0;
  for (const found of text.matchAll(LINKS)) {
    const [whole, words, address] = found;
    const bare = address ?? whole.replace(TRAILING, '');
    written += escaped(text.slice(at, found.index));
    written += words === undefined ? `<${escaped(bare)}>` : `<${escaped(bare)}|${escaped(words).replaceAll('|', '¦')}>`;
    at = found.index + (address === undefined ? bare.length : whole.length);
  }
  return written + escaped(text.slice(at));
}

/** Both sides of a comparison: what we wrote, and what Slack gives back of it. */
export function comparable(text: string): string {
  return unescaped(
    text.replace(LINKS, (whole, words?: string, address?: string) => (address ? `${address} ${words}` : whole)),
  )
    .normalize('NFC')
    .replace(/\s+/g, ' ')
    .trim();
}

/** A message as its author wrote it, from Slack's markup. */
export function written(text: string): string {
  return unescaped(
    text.replace(/<(https?:\/\/[^|>]+)(?:\|([^>]*))?>/g, (_, address: string, words?: string) => {
      // Slack itself adds the address as words to some links; a link of ours without words must stay one.
      return words === undefined || words === address ? address : `[${words}](${address})`;
    }),
  );
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

function unescaped(text: string): string {
  return text.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&');
}
