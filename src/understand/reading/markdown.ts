/** Markdown to HTML, as far as reading the words of a README needs it. The result is read, never shown. */

/** Headings, paragraphs, lists and links; raw HTML passes; blocks of code and pictures are left out. */
export function markdownToHtml(markdown: string): string {
  const html: string[] = [];
  let paragraph: string[] = [];
  let item: string[] | null = null;
  let fence: string | null = null;
  let listed = false;

  const endItem = () => {
    if (item) html.push(`<li>${inline(item.join(' '))}</li>`);
    item = null;
  };
  const endList = () => {
    endItem();
    if (listed) html.push('</ul>');
    listed = false;
  };
  const endParagraph = () => {
    if (paragraph.length > 0) html.push(`<p>${inline(paragraph.join('\n'))}</p>`);
    paragraph = [];
  };

  for (const line of markdown.split(/\r?\n/)) {
    const text = line.trim();
    const [, mark] = /^(`{3,10}|~{3,10})/.exec(text) ?? [];
    if (mark || fence !== null) {
      if (fence === null) fence = mark ?? null;
      else if (text.startsWith(fence)) fence = null;
      endParagraph();
      continue;
    }
    const [, hashes, heading] = /^(#{1,6})\s+(.*)$/.exec(text) ?? [];
    const [, bullet] = /^(?:[-*+]|\d{1,3}[.)])\s+(.*)$/.exec(text) ?? [];
    if (text === '') {
      endParagraph();
      endItem();
    } else if (hashes && heading !== undefined) {
      endParagraph();
      endList();
      html.push(`<h${hashes.length}>${inline(heading.replace(/ #{1,6}$/, ''))}</h${hashes.length}>`);
    } else if (/^(?:={2,}|-{2,})$/.test(text) && paragraph.length === 1) {
      const level = text.startsWith('=') ? 1 : 2;
      html.push(`<h${level}>${inline(paragraph[0] ?? '')}</h${level}>`);
      paragraph = [];
    } else if (bullet !== undefined) {
      endParagraph();
      endItem();
      if (!listed) html.push('<ul>');
      listed = true;
      item = [bullet];
    } else if (item) (item as string[]).push(text);
    else {
      endList();
      paragraph.push(text.replace(/^(?:>\s?)+/, ''));
    }
  }
  endParagraph();
  endList();
  return html.join('\n');
}

/** Pictures dropped, code and links unwrapped, emphasis taken off. Every repetition is bounded. */
function inline(text: string): string {
  return text
    .replace(/!\[[^\]\n]{0,300}\]\([^)\n]{0,1000}\)/g, '')
    .replace(/`([^`\n]{1,300})`/g, (_, code: string) => code.replace(/&/g, '&amp;').replace(/</g, '&lt;'))
    .replace(/\[([^[\]\n]{0,300})\]\(\s*<?([^\s)>"]{1,1000})[^)\n]{0,200}\)/g, '<a href="$2">$1</a>')
    .replace(/\*\*|__(?=\p{L})|(?<=\p{L})__/gu, '')
    .replace(/(^|[\s(])[*_](\S[^*_\n]{0,300})[*_](?=[\s).,;:!?]|$)/g, '$1$2');
}
