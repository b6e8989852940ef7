import { refuse } from '#src/refusal.ts';

/**
 * The address of a repository: `owner/name` is one on GitHub. Other servers with the same feed (GitHub Enterprise,
 * Gitea, Forgejo) are named by their whole address.
 *
 * @throws Refusal for what is neither
 */
export function repositoryOf(text: string): string {
  const short = /^([A-Za-z0-9][A-Za-z0-9-]{0,38})\/([A-Za-z0-9._-]{1,100})$/.exec(text.trim());
  if (short) return `https://github.com/${short[1]}/${short[2]?.replace(/\.git$/, '')}`;
  const url = URL.canParse(text.trim()) ? new URL(text.trim()) : null;
  const [owner, name] = url?.pathname.split('/').filter(Boolean) ?? [];
  if (!url || !/^https?:$/.test(url.protocol) || url.username || !owner || !name)
    throw refuse('invalid', 'repository', 'Name the repository as owner/name, or give its address.');
  return `${url.origin}/${owner}/${name.replace(/\.git$/, '')}`;
}

/** The Atom feed of a repository's releases: public, without a key (https://github.com/<owner>/<name>/releases.atom). */
export function releasesFeedOf(repository: string): string {
  return `${repositoryOf(repository)}/releases.atom`;
}

/** A version stands in so many characters; more would take the search for it long. */
const LONGEST = 500;

/**
 * Whether a release reads like a pre-release. The feed does not say; by Semantic Versioning §9 a pre-release has a
 * hyphen after its version (2.0.0-beta.1), and many projects write 2.0rc1 or 2.0b1 (PEP 440). The tag is the last part
 * of the link.
 */
export function isPreRelease(link: string, title: string): boolean {
  const tag = readable(/\/tag\/([^?#]+)$/.exec(link.slice(0, LONGEST))?.[1] ?? '') || title.slice(0, LONGEST);
  return /\d+\.\d+(?:\.\d+)*(?:-[0-9A-Za-z]|[._]?(?:a|b|rc|alpha|beta|dev|pre|preview|nightly)\.?\d*\b)/i.test(tag);
}

/** A part of an address with its escapes resolved; as it is when they are broken. */
function readable(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
