/**
 * The sandbox's memory: one file of JSON lines, appended to and never rewritten. It survives the death of the process
 * and can be shared by several: what counts is the order of the lines, on which all readers agree.
 */
import { mkdir, open, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';

const line = z.object({
  id: z.string(),
  userId: z.string(),
  text: z.string(),
  replyTo: z.string().nullable(),
  at: z.iso.datetime(),
  /** Given for a made-up post: whom it reaches. Without it, chance decides. */
  audience: z.object({ reach: z.number().min(0), pull: z.number().min(0) }).optional(),
});

export type StoredPost = z.output<typeof line>;

/** The same text again within this time is a duplicate, in milliseconds. */
export const DUPLICATE_WITHIN = 10 * 60_000;

/**
 * Adds a post and waits until it is on the disk. False when it is a duplicate, of an earlier line or of one that
 * another process wrote at the same moment: the line that came first stands, later ones are not posts.
 */
export async function append(folder: string, post: StoredPost): Promise<boolean> {
  await mkdir(folder, { recursive: true });
  const before = await readPosts(folder);
  if (before.some((other) => repeats(other, post))) return false;
  const file = await open(fileIn(folder), 'a+');
  try {
    // A process that died while writing leaves half a line: end it, so that ours stands alone.
    const { size } = await file.stat();
    const last = Buffer.alloc(1);
    if (size > 0) await file.read(last, 0, 1, size - 1);
    await file.write(`${size === 0 || last[0] === 0x0a ? '' : '\n'}${JSON.stringify(post)}\n`);
    await file.sync();
  } finally {
    await file.close();
  }
  return (await readPosts(folder)).some((stored) => stored.id === post.id);
}

/** All posts of all accounts in the order in which they were written, without duplicates and torn lines. */
export async function readPosts(folder: string): Promise<StoredPost[]> {
  const posts: StoredPost[] = [];
  for (const text of (await readIfThere(fileIn(folder))).split('\n')) {
    const post = parseLine(text);
    if (post && !posts.some((other) => repeats(other, post))) posts.push(post);
  }
  return posts;
}

function fileIn(folder: string): string {
  return join(folder, 'posts.jsonl');
}

function repeats(earlier: StoredPost, post: StoredPost): boolean {
  return (
    earlier.userId === post.userId &&
    earlier.text === post.text &&
    Math.abs(Date.parse(post.at) - Date.parse(earlier.at)) < DUPLICATE_WITHIN
  );
}

function parseLine(text: string): StoredPost | null {
  if (text === '') return null;
  try {
    return line.parse(JSON.parse(text));
  } catch {
    return null;
  }
}

async function readIfThere(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return '';
    throw error;
  }
}
