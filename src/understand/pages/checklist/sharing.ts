import { type Checkable, type Checked, short } from '#src/understand/pages/checklist.ts';

const WHY = 'It is what people see when somebody shares the link on X, LinkedIn, Slack or in a message.';

/** What a shared link shows: Open Graph and the card (ogp.me; X cards, read November 2026). */
export function checkSharing({ page, inspected }: Checkable): Checked[] {
  const { preview } = inspected;
  const found: Checked[] = [];
  const missing = (['og:title', 'og:description'] as const).filter((key) => !preview[key]);
  const own = (key: (typeof missing)[number]) =>
    key === 'og:title'
      ? short(inspected.titles[0] || page.headings[0]?.text || 'What people read first', 60)
      : short(inspected.descriptions[0] || page.paragraphs[0] || 'What it does and for whom.', 155);
  if (missing.length > 0)
    found.push({
      rule: 'og_text',
      severity: 'info',
      message: `A shared link has no ${missing.map((key) => (key === 'og:title' ? 'title' : 'description')).join(' and no ')} of its own.`,
      quote: null,
      why: WHY,
      fix: `Add ${missing.map((key) => `<meta property="${key}" content="${own(key).replaceAll('"', '”')}">`).join(' and ')}.`,
    });
  const image = preview['og:image'] ?? preview['twitter:image'];
  if (!image)
    found.push({
      rule: 'og_image',
      severity: 'improve',
      message: 'A shared link to this page shows no picture.',
      quote: null,
      why: WHY,
      fix: `Add <meta property="og:image" content="${new URL('/preview.png', page.url).href}"> with the full address of a picture of 1200 by 630 pixels.`,
    });
  else if (!/^https?:\/\//.test(image))
    found.push({
      rule: 'og_image',
      severity: 'fix',
      message: 'The picture of a shared link has no full address, so most places do not show it.',
      quote: image.slice(0, 200),
      why: WHY,
      fix: `Write it whole: ${URL.canParse(image, page.url) ? new URL(image, page.url).href : 'https://…'}.`,
    });
  if (image && !preview['twitter:card'])
    found.push({
      rule: 'card',
      severity: 'info',
      message: 'X shows the picture of a shared link small.',
      quote: null,
      why: WHY,
      fix: 'Add <meta name="twitter:card" content="summary_large_image">.',
    });
  return found;
}
