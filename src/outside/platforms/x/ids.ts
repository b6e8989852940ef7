/** X's ids are snowflakes: they carry the millisecond at which the thing was made. */

const EPOCH = 1_288_834_974_657n;

/** When the post with this id was created. */
export function timeOf(id: string): Date {
  return new Date(Number((BigInt(id) >> 22n) + EPOCH));
}

/** The address of a post. X forwards it to the one with the author's handle, which a grant does not know. */
export function urlOf(id: string): string {
  return `https://x.com/i/web/status/${id}`;
}

/** The id of the post behind an address of x.com or twitter.com; null when it is no post's. */
export function idOfUrl(url: string): string | null {
  const found =
    /^https?:\/\/(?:www\.|mobile\.)?(?:x|twitter)\.com\/(?:i\/web|i|\w{1,20})\/status\/(\d{1,19})(?:[/?#]|$)/i;
  return found.exec(url.trim())?.[1] ?? null;
}
