/**
 * Public repositories by the open APIs of GitHub (REST, version 2022-11-28), GitLab (v4) and Codeberg (Forgejo, v1), as
 * documented in November 2026. Nothing is signed in, so GitHub answers 60 requests an hour from one address: one reading
 * makes at most three, and what has not changed is asked for by its ETag.
 */
import { z } from 'zod';
import { type ApiAnswer, callApi, isNoAnswer } from './http.ts';

/** Base addresses of the APIs. */
export type RepositoryApis = { github: string; gitlab: string; codeberg: string };

export type Release = { name: string; text: string; url: string; publishedAt: string };

export type RepositoryAbout = {
  description: string | null;
  homepage: string | null;
  stars: number | null;
  topics: string[];
  licence: string | null;
  archived: boolean;
};

export type RepositoryRead = {
  about: RepositoryAbout | null;
  /** `unchanged` = as the given ETag says; null = it has none. */
  readme: { text: string; etag: string | null } | 'unchanged' | null;
  /** Newest first, at most ten. */
  releases: Release[];
};

/** In words why nothing could be read. `until` = when it may be asked again, when the service says so. */
export type RepositoryRefusal = { reason: string; until: Date | null };

const README_NAMES = ['README.md', 'readme.md', 'README.rst', 'README'];
const LARGEST = 1_000_000;
const MOST_REDIRECTS = 2;

/**
 * Reads what a repository says of itself. Never throws.
 *
 * @param repository `https://github.com/owner/name`, or the same on gitlab.com or codeberg.org
 * @param known the ETag of its README from an earlier reading
 */
export async function readRepository(
  repository: string,
  options: { apis: RepositoryApis; known?: string | null },
): Promise<{ ok: true; value: RepositoryRead } | { ok: false; refusal: RepositoryRefusal }> {
  const { hostname, pathname } = new URL(repository);
  const path = pathname.replace(/^\/|\/$/g, '');
  const host = hostname.replace(/^www\./, '');
  const hosts: Record<string, Service | undefined> = {
    'github.com': github(options.apis.github, path),
    'gitlab.com': gitlab(options.apis.gitlab, path),
    'codeberg.org': codeberg(options.apis.codeberg, path),
  };
  const service = hosts[host];
  if (!service) return refused('Its host is not one whose repositories can be read in public.');
  const about = await ask(service, service.about);
  if ('refusal' in about) return { ok: false, refusal: about.refusal };
  const read: RepositoryRead = { about: aboutOf(about.answer), readme: null, releases: [] };
  for (const address of service.readmes) {
    const readme = await ask(service, address, {
      ...service.raw,
      ...(options.known ? { 'if-none-match': options.known } : {}),
    });
    if ('refusal' in readme) {
      if (readme.missing) continue;
      return { ok: false, refusal: readme.refusal };
    }
    const { status, text, headers } = readme.answer;
    read.readme = status === 304 ? 'unchanged' : { text: text.slice(0, LARGEST), etag: headers.get('etag') };
    break;
  }
  const releases = await ask(service, service.releases);
  if ('answer' in releases) read.releases = releasesOf(releases.answer, repository);
  return { ok: true, value: read };
}

type Service = {
  name: string;
  about: string;
  readmes: string[];
  releases: string;
  raw: Record<string, string>;
};

function github(api: string, path: string): Service {
  const root = `${api}/repos/${path}`;
  return {
    name: 'GitHub',
    about: root,
    readmes: [`${root}/readme`],
    releases: `${root}/releases?per_page=10`,
    raw: { accept: 'application/vnd.github.raw+json' },
  };
}

function gitlab(api: string, path: string): Service {
  const root = `${api}/projects/${encodeURIComponent(path)}`;
  const readmes = README_NAMES.map((name) => `${root}/repository/files/${encodeURIComponent(name)}/raw?ref=HEAD`);
  return { name: 'GitLab', about: root, readmes, releases: `${root}/releases?per_page=10`, raw: {} };
}

function codeberg(api: string, path: string): Service {
  const root = `${api}/repos/${path}`;
  const readmes = README_NAMES.map((name) => `${root}/raw/${name}`);
  return { name: 'Codeberg', about: root, readmes, releases: `${root}/releases?limit=10`, raw: {} };
}

async function ask(
  service: Service,
  url: string,
  headers: Record<string, string> = {},
  redirects = 0,
): Promise<{ answer: ApiAnswer } | { refusal: RepositoryRefusal; missing: boolean }> {
  const { name } = service;
  const answer = await callApi({ method: 'GET', url, headers, timeoutMs: 10_000, maxBytes: 3_000_000 });
  if (isNoAnswer(answer)) return { refusal: { reason: answer.reason, until: null }, missing: false };
  if (answer.status === 200 || answer.status === 304) return { answer };
  // A repository that was renamed or handed on answers with its new address.
  const location = answer.headers.get('location');
  const moved = location && URL.canParse(location, url) ? new URL(location, url) : null;
  if (
    answer.status >= 300 &&
    answer.status < 400 &&
    moved?.origin === new URL(url).origin &&
    redirects < MOST_REDIRECTS
  )
    return ask(service, moved.href, headers, redirects + 1);
  const until = waitUntil(answer);
  if (answer.status === 429 || (answer.status === 403 && until))
    return {
      refusal: {
        reason: `${name} has had too many requests from this address${until ? `, until ${until.toISOString().slice(11, 16)} UTC` : ''}. What was read before is kept; read again later.`,
        until,
      },
      missing: false,
    };
  const reason =
    answer.status === 404 || answer.status === 451
      ? `${name} knows no public repository or file under this address.`
      : `${name} answered with an error (HTTP ${answer.status}). Read again later.`;
  return { refusal: { reason, until: null }, missing: answer.status === 404 };
}

/** GitHub: `x-ratelimit-reset` in Unix seconds once `x-ratelimit-remaining` is 0; all: `retry-after` in seconds. */
function waitUntil({ headers }: ApiAnswer): Date | null {
  const after = Number(headers.get('retry-after') ?? Number.NaN);
  if (Number.isFinite(after)) return new Date(Date.now() + Math.min(after, 86_400) * 1_000);
  const reset = Number(headers.get('x-ratelimit-reset') ?? headers.get('ratelimit-reset') ?? Number.NaN);
  if (headers.get('x-ratelimit-remaining') !== '0' || !Number.isFinite(reset)) return null;
  return new Date(reset * 1_000);
}

const aboutShape = z.object({
  description: z.string().nullish(),
  homepage: z.string().nullish(),
  website: z.string().nullish(),
  stargazers_count: z.int().nullish(),
  stars_count: z.int().nullish(),
  star_count: z.int().nullish(),
  topics: z.array(z.string()).nullish(),
  license: z.object({ name: z.string().nullish() }).nullish().catch(null),
  archived: z.boolean().nullish(),
});

function aboutOf(answer: ApiAnswer): RepositoryAbout | null {
  const parsed = aboutShape.safeParse(answer.json());
  if (!parsed.success) return null;
  const { description, homepage, website, topics, license, archived, ...stars } = parsed.data;
  return {
    description: description || null,
    homepage: homepage || website || null,
    stars: stars.stargazers_count ?? stars.stars_count ?? stars.star_count ?? null,
    topics: topics?.slice(0, 20) ?? [],
    licence: license?.name ?? null,
    archived: archived ?? false,
  };
}

const releaseShape = z.object({
  name: z.string().nullish(),
  tag_name: z.string(),
  body: z.string().nullish(),
  description: z.string().nullish(),
  html_url: z.string().nullish(),
  published_at: z.string().nullish(),
  released_at: z.string().nullish(),
  draft: z.boolean().nullish(),
});

function releasesOf(answer: ApiAnswer, repository: string): Release[] {
  const list = answer.json();
  if (!Array.isArray(list)) return [];
  return list.slice(0, 10).flatMap((one) => {
    const parsed = releaseShape.safeParse(one);
    const when = parsed.data?.published_at ?? parsed.data?.released_at;
    if (!parsed.success || parsed.data.draft || !when) return [];
    const { name, tag_name, body, description, html_url } = parsed.data;
    const text = (body ?? description ?? '').slice(0, 20_000);
    return [{ name: name || tag_name, text, url: html_url ?? `${repository}/releases`, publishedAt: when }];
  });
}

function refused(reason: string): { ok: false; refusal: RepositoryRefusal } {
  return { ok: false, refusal: { reason, until: null } };
}
