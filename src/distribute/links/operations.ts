import QRCode from 'qrcode';
import { z } from 'zod';
import { transaction } from '#src/context.ts';
import { changeDestination, createLink, urlOfCode } from '#src/distribute/links.ts';
import { id, idCursor, instant, operation, pageInput } from '#src/operation.ts';
import { notFound } from '#src/refusal.ts';
import { listLinks } from './list.ts';

const utm = z.string().trim().min(1).max(200).optional();

export const linkOperations = {
  list: operation({
    summary: 'List tracked links with their clicks, newest first.',
    route: 'GET /links',
    access: 'read',
    input: z.strictObject({ appId: id.optional(), postId: id.optional(), ...pageInput, cursor: idCursor }),
    output: z.object({
      links: z.array(
        z.object({
          id,
          code: z.string(),
          url: z.string(),
          destination: z.string(),
          app: z.object({ id, name: z.string() }),
          post: z.object({ id, title: z.string() }).nullable(),
          campaign: z.object({ id, name: z.string() }).nullable(),
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
          changes: z.array(z.object({ fromDestination: z.string(), toDestination: z.string(), changedAt: z.date() })),
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
      destination: z.string().trim().min(1).max(2000),
      code: z
        .string()
        .regex(/^[A-Za-z0-9_-]{2,64}$/, 'A code has 2 to 64 letters, digits, - or _.')
        .optional(),
      campaignId: id.optional(),
      channelId: id.optional(),
      expiresAt: instant.optional(),
      utmSource: utm,
      utmMedium: utm,
      utmCampaign: utm,
      utmContent: utm,
      utmTerm: utm,
    }),
    output: z.object({ id, code: z.string(), url: z.string() }),
    run: createLink,
  }),
  changeDestination: operation({
    summary: 'Point a tracked link elsewhere, or let it end.',
    route: 'PATCH /links/{linkId}',
    access: 'write',
    input: z
      .strictObject({
        linkId: id,
        destination: z.string().trim().min(1).max(2000).optional(),
        expiresAt: instant.nullable().optional(),
      })
      .refine(
        (input) => input.destination !== undefined || input.expiresAt !== undefined,
        'Name a destination or an end.',
      ),
    output: z.object({ id, destination: z.string() }),
    run: changeDestination,
  }),
  qr: operation({
    summary: 'Draw the QR code of a tracked link, as SVG.',
    route: 'GET /links/{linkId}/qr',
    access: 'read',
    input: z.strictObject({ linkId: id }),
    output: z.object({ url: z.string(), svg: z.string() }),
    run: async (context, { linkId }) => {
      const link = await transaction(context, ({ tx }) =>
        tx.selectFrom('links').select('code').where('id', '=', linkId).executeTakeFirst(),
      );
      if (!link) throw notFound('link');
      const url = urlOfCode(context, link.code);
      return { url, svg: await QRCode.toString(url, { type: 'svg', margin: 1, errorCorrectionLevel: 'M' }) };
    },
  }),
};
