/** A letter as it looks: plain text, and HTML that every mail program shows. */

export type LetterWords = {
  subject: string;
  text: string;
  listName: string;
  postalAddress: string;
  readUrl: string;
  /** Null in the copy on the web, which is nobody's. */
  leaveUrl: string | null;
};

/** The plain text: the author's words, then who writes and how to leave. */
export function letterText({ text, listName, postalAddress, readUrl, leaveUrl }: LetterWords): string {
  const foot = [
    `You get this letter because you subscribed to ${listName}.`,
    ...(leaveUrl ? [`Unsubscribe: ${leaveUrl}`] : []),
    `In the browser: ${readUrl}`,
    postalAddress,
  ];
  // "-- " on a line of its own is where mail programs fold the rest (RFC 3676, 4.3).
  return `${text.trim()}\n\n-- \n${foot.join('\n')}\n`;
}

/** The same as HTML without pictures, scripts or outside files. */
export function letterHtml(words: LetterWords): string {
  const { subject, text, listName, postalAddress, readUrl, leaveUrl } = words;
  const small = 'font-size:13px;line-height:20px;color:#6b7280';
  const leave = leaveUrl ? `<a href="${escaped(leaveUrl)}" style="color:#6b7280">Unsubscribe</a> · ` : '';
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>${escaped(subject)}</title>
</head>
<body style="margin:0;padding:24px 16px;background:#ffffff;color:#111827;font:16px/26px -apple-system,'Segoe UI',Roboto,Helvetica,Arial,sans-serif">
<div style="max-width:600px;margin:0 auto">
${blocksOf(text)}
<hr style="border:0;border-top:1px solid #e5e7eb;margin:32px 0 16px">
<p style="${small}">You get this letter because you subscribed to ${escaped(listName)}.<br>
${leave}<a href="${escaped(readUrl)}" style="color:#6b7280">Read it in the browser</a></p>
<p style="${small}">${lines(escaped(postalAddress))}</p>
</div>
</body>
</html>
`;
}

/** Paragraphs are parted by empty lines; lines that begin with "- " are a list, one that begins with "# " is a heading. */
function blocksOf(text: string): string {
  return text
    .trim()
    .split(/\n[ \t]*\n+/)
    .map((block) => {
      const rows = block.split('\n');
      if (rows.every((row) => row.startsWith('- ')))
        return `<ul>${rows.map((row) => `<li>${linked(row.slice(2))}</li>`).join('')}</ul>`;
      const [first = ''] = rows;
      if (rows.length === 1 && first.startsWith('# ')) return `<h2>${linked(first.slice(2))}</h2>`;
      return `<p>${lines(linked(block))}</p>`;
    })
    .join('\n');
}

function linked(text: string): string {
  return text
    .split(/(https?:\/\/[^\s<>"]+)/)
    .map((piece, at) => {
      if (at % 2 === 0) return escaped(piece);
      const address = piece.replace(/[.,;:!?')\]]+$/, '');
      return `<a href="${escaped(address)}">${escaped(address)}</a>${escaped(piece.slice(address.length))}`;
    })
    .join('');
}

function lines(html: string): string {
  return html.replaceAll('\n', '<br>\n');
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}
