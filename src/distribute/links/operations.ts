import { z } from 'zod';
import { transaction } from '#src/context.ts';
import { createLink, updateLink, urlOfCode } from '#src/distribute/links.ts';
import { id, idCursor, instant, operation, pageInput } from '#src/operation.ts';
import { notFound } from '#src/refusal.ts';
import { clicksOf } from './clicks.ts';
import { showDomain } from './domain.ts';
import { changedFields, historyOf } from './history.ts';
import { listLinks } from './list.ts';

const address = z.string().trim().min(1).max(2000);
const utm = z.string().trim().min(1).max(200).nullable().optional();
const parts = {
  campaignId: id.nullable().optional(),
  channelId: id.nullable().optional(),
  expiresAt: instant.nullable().optional(),
  /** Where it leads after its end; left out, a page of ours says that it has ended. */
  fallbackUrl: address.nullable().optional(),
  utmSource: utm,
  utmMedium: utm,
  utmCampaign: utm,
  utmContent: utm,
  utmTerm: utm,
};
const name = z.object({ id, name: z.string() });
/** Pixels: QR codes are squares, printed from 2 cm up. */
const WIDTH = { least: 64, usual: 1024, most: 4096 };

export const linkOperations = {
  list: operation({
    summary: 'List tracked links with their clicks, newest first.',
    route: 'GET /links',
    access: 'read',
    input: z.strictObject({
      appId: id.optional(),
      postId: id.optional(),
      channelId: id.optional(),
      made: z.enum(['by_hand', 'for_posts']).optional(),
      search: z.string().trim().min(1).max(200).optional(),
      ...pageInput,
      cursor: idCursor,
    }),
    output: z.object({
      links: z.array(
        z.object({
          id,
          code: z.string(),
          url: z.string(),
          destination: z.string(),
          fallbackUrl: z.string().nullable(),
          app: name,
          post: z.object({ id, title: z.string() }).nullable(),
          campaign: name.nullable(),
          channel: name.nullable(),
          affiliate: name.nullable(),
          /** False for those that were made by themselves for a post on an account. */
          byHand: z.boolean(),
          utmSource: z.string().nullable(),
          utmMedium: z.string().nullable(),
          utmCampaign: z.string().nullable(),
          utmContent: z.string().nullable(),
          utmTerm: z.string().nullable(),
          /** Clicks by people; bots and previews are counted apart. */
          clicks: z.int(),
          otherClicks: z.int(),
          lastClickAt: z.date().nullable(),
          createdAt: z.date(),
          expiresAt: z.date().nullable(),
          ended: z.boolean(),
          /** How often it was changed; what it said before is in its history. */
          changes: z.int(),
        }),
      ),
      cursor: z.string().nullable(),
    }),
    run: (context, input) => transaction(context, (inside) => listLinks(inside, input)),
  }),
  create: operation({
    summary: 'Make a tracked link.',
    route: 'POST /links',
    access: 'write',
    input: z.strictObject({
      appId: id,
      destination: address,
      code: z
        .string()
        .regex(/^[A-Za-z0-9_-]{2,64}$/, 'A code has 2 to 64 letters, digits, - or _.')
        .optional(),
      ...parts,
    }),
    output: z.object({ id, code: z.string(), url: z.string() }),
    run: createLink,
  }),
  update: operation({
    summary: 'Change a tracked link: where it leads, its UTM parameters, its channel, its end.',
    route: 'PATCH /links/{linkId}',
    access: 'write',
    input: z.strictObject({ linkId: id, destination: address.optional(), ...parts }),
    output: z.object({ id, destination: z.string() }),
    run: updateLink,
  }),
  history: operation({
    summary: 'Show what a tracked link said before: where it led, when it ended, its UTM parameters.',
    route: 'GET /links/{linkId}/history',
    access: 'read',
    input: z.strictObject({ linkId: id }),
    output: z.object({
      changes: z.array(
        z.object({
          field: z.enum(changedFields),
          from: z.string().nullable(),
          to: z.string().nullable(),
          changedAt: z.date(),
          changedBy: z.string().nullable(),
        }),
      ),
    }),
    run: (context, { linkId }) =>
      transaction(context, async (inside) => {
        await codeOf(inside, linkId);
        return { changes: await historyOf(inside, linkId) };
      }),
  }),
  clicks: operation({
    summary: 'Count the clicks of a tracked link by day, by where they came from and by what followed it.',
    route: 'GET /links/{linkId}/clicks',
    access: 'read',
    input: z.strictObject({ linkId: id, days: z.int().min(1).max(366).default(30) }),
    output: z.object({
      days: z.array(z.object({ day: z.string(), people: z.int(), others: z.int() })),
      /** Visitors told apart within a day; who asks not to be is not among them. */
      visitors: z.int(),
      /** By the host they came from; null = the browser or app did not say. Countries are not known. */
      sources: z.array(z.object({ host: z.string().nullable(), clicks: z.int() })),
      /** Bots and previews, by name. */
      others: z.array(z.object({ name: z.string().nullable(), clicks: z.int() })),
    }),
    run: (context, { linkId, days }) =>
      transaction(context, async (inside) => {
        await codeOf(inside, linkId);
        return clicksOf(inside, linkId, days);
      }),
  }),
  qr: operation({
    summary: 'Draw the QR code of a tracked link, as SVG or PNG.',
    route: 'GET /links/{linkId}/qr',
    access: 'read',
    input: z.strictObject({
      linkId: id,
      format: z.enum(['svg', 'png']).default('svg'),
      /** Of the PNG, in pixels. */
      width: z.int().min(WIDTH.least).max(WIDTH.most).default(WIDTH.usual),
    }),
    output: z.object({
      url: z.string(),
      format: z.enum(['svg', 'png']),
      fileName: z.string(),
      svg: z.string().nullable(),
      /** Base64. */
      png: z.string().nullable(),
    }),
    run: async (context, { linkId, format, width }) => {
      const { code, url } = await transaction(context, async (inside) => {
        const own = await codeOf(inside, linkId);
        return { code: own, url: await urlOfCode(inside, own) };
      });
      const { default: QRCode } = await import('qrcode');
      const look = { margin: 2, errorCorrectionLevel: 'M' } as const;
      return {
        url,
        format,
        fileName: `${code}.${format}`,
        svg: format === 'svg' ? await QRCode.toString(url, { ...look, type: 'svg' }) : null,
        png:
          format === 'png'
            ? await enlarged(await QRCode.toBuffer(url, { ...look, type: 'png', scale: 1 }), width)
            : null,
      };
    },
  }),
  domain: operation({
    summary: 'Show the short domain of tracked links, what has to stand in its DNS, and whether it leads here.',
    route: 'GET /links/domain',
    access: 'read',
    input: z.strictObject({ check: z.stringbool().or(z.boolean()).default(false) }),
    output: z.object({
      domain: z.string().nullable(),
      /** What a link looks like now. */
      example: z.string(),
      /** Where the domain has to lead. */
      target: z.string(),
      instructions: z.array(z.string()),
      /** Only when asked to check. */
      check: z.object({ leadsHere: z.boolean(), message: z.string() }).nullable(),
    }),
    run: (context, { check }) => showDomain(context, check),
  }),
};

/**
 * A PNG of one pixel to a module, drawn as large as wanted, in base64. The QR library would draw it itself, in JavaScript:
 * 1.5 s at 4,096 pixels (22 November 2026), in which nobody else is answered; this takes 0.2 s, in a thread of its own.
 */
async function enlarged(small: Buffer, width: number): Promise<string> {
  const { default: sharp } = await import('sharp');
  const large = await sharp(small).flatten().greyscale().resize(width, width, { kernel: 'nearest' }).png().toBuffer();
  return large.toString('base64');
}

async function codeOf({ tx }: Parameters<typeof urlOfCode>[0], linkId: string): Promise<string> {
  const link = await tx.selectFrom('links').select('code').where('id', '=', linkId).executeTakeFirst();
  if (!link) throw notFound('link');
  return link.code;
}
