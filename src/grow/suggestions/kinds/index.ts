import type { Kind } from '#src/grow/suggestions/kind.ts';
import { community } from './community.ts';
import { content } from './content.ts';
import { conversion } from './conversion.ts';
import { email } from './email.ts';
import { paid } from './paid.ts';
import { partnership } from './partnership.ts';
import { pr } from './pr.ts';
import { product } from './product.ts';
import { retention } from './retention.ts';
import { seo } from './seo.ts';
import { social } from './social.ts';
import { ux } from './ux.ts';

/** Every rule that suggests something from the rows. First steps (`starters.ts`) are a list to tick off, not rules. */
export const kinds: readonly Kind[] = [
  ...seo,
  ...content,
  ...social,
  ...paid,
  ...email,
  ...product,
  ...ux,
  ...conversion,
  ...partnership,
  ...pr,
  ...community,
  ...retention,
];
