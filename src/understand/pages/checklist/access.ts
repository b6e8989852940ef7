import { type Checkable, type Checked, many, short } from '#src/understand/pages/checklist.ts';

/** Language, viewport, alternative texts, encoding, icon and encryption (WCAG 2.2, 1.1.1, 1.4.4 and 3.1.1). */
export function checkAccess({ kind, page, inspected }: Checkable): Checked[] {
  const found: Checked[] = [];
  if (!inspected.lang)
    found.push({
      rule: 'lang',
      severity: 'fix',
      message: 'The page does not say which language it is in, which screen readers need.',
      quote: '<html>',
      why: 'Screen readers speak it with the wrong voice, and browsers offer to translate it.',
      fix: page.lang
        ? `Add the language to the first tag: <html lang="${page.lang}">.`
        : 'Add the language to the first tag: <html lang="en"> for English, <html lang="de"> for German.',
    });
  const viewport = inspected.viewport ?? '';
  if (viewport === '')
    found.push({
      rule: 'viewport',
      severity: 'fix',
      message: 'The page does not say that it fits a phone.',
      quote: null,
      why: 'Phones show it as a shrunken desktop page, and search engines rank it lower there.',
      fix: 'Add <meta name="viewport" content="width=device-width, initial-scale=1">.',
    });
  else if (/user-scalable\s*=\s*(?:no|0)|maximum-scale\s*=\s*1(?:\.0*)?\b/i.test(viewport))
    found.push({
      rule: 'viewport',
      severity: 'improve',
      message: 'The page forbids to zoom.',
      quote: viewport,
      why: 'People who see badly cannot read it on a phone.',
      fix: 'Write <meta name="viewport" content="width=device-width, initial-scale=1">, without user-scalable and maximum-scale.',
    });
  const silent = inspected.images.filter((image) => image.alt === null);
  if (silent.length > 0)
    found.push({
      rule: 'alt',
      severity: 'fix',
      message: `${many(silent.length, 'picture has', 'pictures have')} no text for people who cannot see ${silent.length === 1 ? 'it' : 'them'}.`,
      quote:
        short(
          silent
            .flatMap(({ src }) => src ?? [])
            .slice(0, 4)
            .join(' '),
          400,
        ) || null,
      why: 'Screen readers read the file name aloud, and picture search does not find it.',
      fix: 'Add alt="…" that says what the picture shows, or alt="" where it only decorates.',
    });
  if (kind === 'home' && !inspected.favicon)
    found.push({
      rule: 'favicon',
      severity: 'info',
      message: 'The page names no icon.',
      quote: null,
      why: 'It stands in tabs, bookmarks and search results on phones.',
      fix: 'Add <link rel="icon" href="/favicon.svg"> and an apple-touch-icon of 180 pixels.',
    });
  if (inspected.insecure.length > 0)
    found.push({
      rule: 'mixed_content',
      severity: 'fix',
      message: `${many(inspected.insecure.length, 'part is', 'parts are')} fetched without encryption.`,
      quote: short(inspected.insecure.slice(0, 4).join(' '), 400),
      why: 'Browsers block them, so the page looks broken, or warn of it.',
      fix: `Write https instead of http in their addresses, for example ${short(inspected.insecure[0]?.replace(/^http:/, 'https:') ?? '', 200)}.`,
    });
  if (page.url.startsWith('http:') && !/^(?:127\.|localhost|\[)/.test(new URL(page.url).hostname))
    found.push({
      rule: 'https',
      severity: 'fix',
      message: 'The page comes without encryption.',
      quote: page.url,
      why: 'Browsers call it not secure, and search engines prefer pages that are.',
      fix: 'Get a certificate (Let’s Encrypt is free) and redirect http to https.',
    });
  return found;
}
