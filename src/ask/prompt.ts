import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';

/** A prompt as a file: `version` is its number and the hash of its words (`2@0f3c9a1b`), and is kept with every answer. */
export type Prompt = { version: string; text: string };

const read = new Map<string, Promise<Prompt>>();

/** Reads a prompt's file, once a process. Throws when its front matter gives no number. */
export function promptOf(file: URL): Promise<Prompt> {
  const known = read.get(file.href) ?? readFile(file, 'utf8').then((text) => parsePrompt(text, file.pathname));
  read.set(file.href, known);
  return known;
}

function parsePrompt(file: string, name: string): Prompt {
  const [, head = '', body = ''] = /^---\n(.*?)\n---\n(.*)$/s.exec(file) ?? [];
  const number = /^version: *(\d+)$/m.exec(head)?.[1];
  if (!number) throw new Error(`${name} gives no version in its front matter.`);
  const text = body.trim();
  return { version: `${number}@${createHash('sha256').update(text).digest('hex').slice(0, 8)}`, text };
}
