import { randomUUID } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { addAsset } from '#src/understand/assets.ts';
import type { PictureName } from './posts/post.ts';
import type { Story } from './story.ts';

/** Twelve months, the last of them the best. */
const MONTHS = [2, 4, 5, 9, 11, 16, 15, 23, 31, 38, 52, 66];

/** Drawn without letters: a machine without fonts draws the same. */
const DRAWINGS: Record<PictureName, { alt: string; shapes: string }> = {
  year: {
    alt: 'A bar chart of twelve months of recurring revenue: slow for half a year, one dip, then each month higher.',
    shapes: MONTHS.map((height, month) => {
      const tall = height * 6.4;
      const fill = month === MONTHS.length - 1 ? '#5b5bd6' : '#b8b8f0';
      return `<rect x="${102 + month * 84}" y="${540 - tall}" width="56" height="${tall}" rx="8" fill="${fill}"/>`;
    }).join(''),
  },
  example: {
    alt: 'Two cards side by side: a pull request with lines of code, and the release note that is made of it.',
    shapes: [
      card(90, '#f4f4f5', '#a1a1aa', [300, 380, 220, 340, 180]),
      card(630, '#eeeefc', '#5b5bd6', [360, 400, 260]),
      '<path d="M576 330h36m-14-14 14 14-14 14" stroke="#5b5bd6" stroke-width="8" fill="none" stroke-linecap="round"/>',
    ].join(''),
  },
};

function card(x: number, ground: string, ink: string, lines: readonly number[]): string {
  const rows = lines.map(
    (width, row) => `<rect x="${x + 36}" y="${190 + row * 58}" width="${width}" height="22" rx="11" fill="${ink}"/>`,
  );
  return `<rect x="${x}" y="130" width="480" height="400" rx="28" fill="${ground}"/>${rows.join('')}`;
}

/** Draws a picture and puts it into the library. Returns the asset's id. */
export async function addPicture({ context }: Story, appId: string, name: PictureName) {
  const { alt, shapes } = DRAWINGS[name];
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="1200" height="675"><rect width="1200" height="675" fill="#ffffff"/>${shapes}</svg>`;
  const path = join(tmpdir(), `fanfare-demo-${randomUUID()}.png`);
  await writeFile(path, await sharp(Buffer.from(svg)).png({ palette: true }).toBuffer());
  const { id } = await addAsset(context, { path, appId, kind: 'image', altText: alt });
  return { assetId: id, altText: alt };
}
