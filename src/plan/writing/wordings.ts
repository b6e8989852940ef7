/**
 * The built-in templates in the words of platforms where X's would be out of place: longer where people read, with a
 * headline where there is one, open about who speaks where that is the custom. Bluesky takes X's. A paragraph that needs
 * a fact the template itself does not need is left out while nothing is known for it, so headings stand in the paragraph
 * they head.
 */
import { arguing } from './wordings/arguing.ts';
import { telling } from './wordings/telling.ts';
import { MANNERS } from './wordings/words.ts';

const WORDS = { ...telling, ...arguing };

/** The words of a built-in template on the platforms that have their own; the title is empty where they have none. */
export function wordingsOf(templateName: string): { platform: string; title: string; text: string }[] {
  const said = WORDS[templateName] ?? {};
  return Object.entries(MANNERS).flatMap(([manner, platforms]) => {
    const words = said[manner as keyof typeof MANNERS];
    if (!words) return [];
    const [title, text] = typeof words === 'string' ? ['', words] : words;
    return platforms.map((platform) => ({ platform, title, text }));
  });
}
