/** Brand colours of a page. */
import type { Element } from './tree.ts';

const MOST_STYLES = 300_000;
const MOST = 8;

/**
 * Colours as `#rrggbb`, most telling first: what the page declares for the browser, then variables named like
 * a brand colour, then the coloured ones used most. Black, white and greys come only when declared, and last.
 */
export function readColours(elements: Element[], declared: string[]): string[] {
  const scores = new Map<string, number>();
  const add = (colour: string | null, score: number) => {
    if (colour) scores.set(colour, (scores.get(colour) ?? 0) + (isGrey(colour) ? score / 1_000_000 : score));
  };
  for (const [index, colour] of declared.entries()) add(hex(colour), 100_000 - index);
  const styles = stylesOf(elements);
  for (const [, name, value] of styles.matchAll(/--([\w-]{1,60})\s*:\s*([^;{}]{1,80})[;}]/g)) {
    const telling = BRAND.findIndex((pattern) => pattern.test(name ?? ''));
    const supporting = /foreground|text|contrast|hover|dark|light|border|muted|bg$/.test(name ?? '');
    if (telling >= 0) add(hex(value ?? ''), (supporting ? 100 : 10_000) - telling * 10);
  }
  for (const [colour] of styles.matchAll(/#[0-9a-f]{3,8}\b|(?:rgb|hsl)a?\([^()]{5,50}\)|oklch\([^()]{5,50}\)/gi))
    if (hex(colour) && !isGrey(hex(colour) as string)) add(hex(colour), 1);
  return [...scores]
    .sort((a, b) => b[1] - a[1])
    .slice(0, MOST)
    .map(([colour]) => colour);
}

const BRAND = [/brand/i, /(?:^|-)primary/i, /accent/i, /theme/i, /(?:^|-)main(?:-|$)/i, /secondary/i];

function stylesOf(elements: Element[]): string {
  let styles = '';
  for (const element of elements) {
    if (styles.length > MOST_STYLES) break;
    if (element.name === 'style')
      for (const child of element.children) styles += `${'data' in child ? child.data : ''}\n`;
    if (element.attribs.style) styles += `${element.attribs.style};}\n`;
  }
  return styles.slice(0, MOST_STYLES);
}

/** Any usual way of writing a colour as `#rrggbb`; null for one that is see-through or cannot be read. */
export function hex(written: string): string | null {
  const value = written.trim().toLowerCase();
  const [, digits] = /^#([0-9a-f]{3,4}|[0-9a-f]{6}|[0-9a-f]{8})$/.exec(value) ?? [];
  if (digits)
    return `#${digits.length < 6 ? [...digits.slice(0, 3)].map((one) => one + one).join('') : digits.slice(0, 6)}`;
  const [, kind, inside] = /^(rgb|hsl|oklch)a?\(([^()]{1,60})\)$/.exec(value) ?? [];
  // shadcn/ui and older Tailwind keep the bare numbers of hsl() in a variable: "221 83% 53%".
  const bare = /^\d{1,3}(?:\.\d+)?(?:deg)?\s+\d{1,3}(?:\.\d+)?%\s+\d{1,3}(?:\.\d+)?%$/.test(value);
  const parts = (bare ? value : (inside ?? '')).split(/[\s,/]+/).filter(Boolean);
  const [a, b, c] = parts.map((part) => Number.parseFloat(part));
  if (a === undefined || b === undefined || c === undefined || [a, b, c].some(Number.isNaN)) return null;
  if (parts[3] !== undefined && Number.parseFloat(parts[3]) === 0) return null;
  if (kind === 'rgb') return toHex([a, b, c]);
  if (kind === 'hsl' || bare) return toHex(fromHsl(a, b / 100, c / 100));
  if (kind === 'oklch') return toHex(fromOklch(parts[0]?.endsWith('%') ? a / 100 : a, b, c));
  return null;
}

function toHex(channels: number[]): string {
  return `#${channels
    .map((one) =>
      Math.max(0, Math.min(255, Math.round(one)))
        .toString(16)
        .padStart(2, '0'),
    )
    .join('')}`;
}

/** CSS Color 4, section 7.1 (read November 2026). Hue in degrees, the others 0 to 1. */
function fromHsl(hue: number, saturation: number, lightness: number): number[] {
  return [0, 8, 4].map((n) => {
    const k = (n + hue / 30) % 12;
    const chroma = saturation * Math.min(lightness, 1 - lightness);
    return 255 * (lightness - chroma * Math.max(-1, Math.min(k - 3, 9 - k, 1)));
  });
}

/** CSS Color 4, sample code for OKLab to sRGB (read November 2026). Lightness 0 to 1, hue in degrees. */
function fromOklch(lightness: number, chroma: number, hue: number): number[] {
  const a = chroma * Math.cos((hue * Math.PI) / 180);
  const b = chroma * Math.sin((hue * Math.PI) / 180);
  const l = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3;
  const m = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3;
  const s = (lightness - 0.0894841775 * a - 1.291485548 * b) ** 3;
  const linear = [
    4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s,
    -1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s,
    -0.0041960863 * l - 0.7034186147 * m + 1.707614701 * s,
  ];
  return linear.map((one) => 255 * (one <= 0.0031308 ? 12.92 * one : 1.055 * Math.max(0, one) ** (1 / 2.4) - 0.055));
}

function isGrey(colour: string): boolean {
  const [red, green, blue] = [1, 3, 5].map((at) => Number.parseInt(colour.slice(at, at + 2), 16)) as [
    number,
    number,
    number,
  ];
  return Math.max(red, green, blue) - Math.min(red, green, blue) < 24;
}
