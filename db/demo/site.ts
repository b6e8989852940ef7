import { readFileSync } from 'node:fs';
import { openPretendWeb } from '#src/outside/web/pretend.ts';
import type { Web } from '#src/outside/web.ts';
import { rivalPages } from './rivals.ts';

/** Where the demo's app lives. `.example` is reserved: nobody can ever be behind it. */
export const APP_URL = 'https://driftlog.example/';

const PAGES = { '': 'home', features: 'features', pricing: 'pricing', about: 'about' };

/** The web as the demo sees it: the pages of its app and of those it is compared with, and nothing else. */
export function demoWeb(now: () => Date): Web {
  const pages = Object.entries(PAGES).map(
    ([path, name]) => [`${APP_URL}${path}`, readFileSync(new URL(`./${name}.html`, import.meta.url), 'utf8')] as const,
  );
  return openPretendWeb(new Map([...pages, ...rivalPages(0)]), now);
}
