/** Bytes to text, by what the server, the bytes or the page itself say about their encoding. */

export type Decoded = { text: string } | { undecodable: string };

/**
 * Decodes a body. Order: byte order mark, `charset` of the content type, a `meta` tag in the first 4 KB (HTML
 * standard: 1 KB; pages in the wild are later), the XML declaration, UTF-8 when it is valid, else windows-1252 as
 * browsers do. A name nobody knows gives way to the next.
 *
 * @returns the text, or what hinders: an encoding nobody knows, or bytes which are no text at all.
 */
export function decodeText(bytes: Uint8Array, contentType: string): Decoded {
  const marked = byteOrderMark(bytes);
  const said = marked
    ? [marked]
    : [charsetOf(contentType), ...charsetsInside(bytes)].filter((one) => one !== undefined);
  const decoder = said.map(decoderFor).find((one) => one !== undefined);
  const [declared] = said;
  const text = decoder ? decoder.decode(bytes) : validUtf8(bytes);
  if (text !== undefined) return looksBinary(text) ? { undecodable: 'it holds bytes that are no text' } : { text };
  if (declared !== undefined) return { undecodable: `it says it is written in “${declared.slice(0, 30)}”` };
  const guessed = new TextDecoder('windows-1252').decode(bytes);
  return looksBinary(guessed) ? { undecodable: 'it holds bytes that are no text' } : { text: guessed };
}

function byteOrderMark(bytes: Uint8Array): string | undefined {
  if (bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf) return 'utf-8';
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return 'utf-16le';
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return 'utf-16be';
  return undefined;
}

function charsetOf(contentType: string): string | undefined {
  return /;\s*charset\s*=\s*["']?([^\s"';,]+)/i.exec(contentType)?.[1]?.toLowerCase();
}

/** What the text says of its own encoding, the strongest word first; what stands in a comment says nothing. */
function charsetsInside(bytes: Uint8Array): string[] {
  const head = new TextDecoder('latin1').decode(bytes.subarray(0, 4_096)).replace(/<!--[\s\S]*?(?:-->|$)/g, '');
  const tags = [...head.matchAll(/<meta\s[^>]{0,300}/gi)].map(
    ([tag]) => /charset\s*=\s*["']?\s*([a-z0-9_:.-]+)/i.exec(tag)?.[1],
  );
  const declaration = /^\s*<\?xml\s[^>]{0,200}?encoding\s*=\s*["']([a-z0-9_:.-]+)/i.exec(head)?.[1];
  return [...tags, declaration].flatMap((name) => {
    // A page whose tag could be read byte by byte is not UTF-16, whatever the tag says (HTML standard 13.2.3.3).
    return name ? [/^utf-16/i.test(name) ? 'utf-8' : name.toLowerCase()] : [];
  });
}

function decoderFor(label: string): TextDecoder | undefined {
  try {
    return new TextDecoder(label);
  } catch {
    return undefined;
  }
}

function validUtf8(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

/** More than one character in twenty that no text has: control characters, or the mark of an undecodable byte. */
function looksBinary(text: string): boolean {
  const sample = text.slice(0, 20_000);
  let odd = 0;
  for (let i = 0; i < sample.length; i++) {
    const code = sample.charCodeAt(i);
    if (code === 0xfffd || code === 0x7f || (code < 0x20 && code !== 9 && code !== 10 && code !== 12 && code !== 13))
      odd++;
  }
  return odd * 20 > sample.length;
}
