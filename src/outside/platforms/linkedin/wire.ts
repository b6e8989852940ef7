/** What LinkedIn says on the wire (learn.microsoft.com/linkedin, read in November 2026). */
import { z } from 'zod';

/**
 * The version of the API that we speak. One appears each month and is switched off about a year later; then every call
 * is answered 426.
 */
export const LINKEDIN_VERSION = '202606';

/** 200 of GET /v2/userinfo (OpenID Connect). */
export const userinfoAnswer = z.object({
  sub: z.string().min(1),
  name: z.string().optional(),
  given_name: z.string().optional(),
  picture: z.string().optional(),
});

/** 200 of the token endpoint. Only approved partners get a refresh token. Scopes are parted by commas or spaces. */
export const tokenAnswer = z.object({
  access_token: z.string().min(1),
  expires_in: z.number().positive().optional(),
  refresh_token: z.string().min(1).optional(),
  scope: z.string().optional(),
});

/** An error of the token endpoint (RFC 6749 §5.2). */
export const tokenProblem = z.object({ error: z.string(), error_description: z.string().optional() });

/** An error of the API. `errorDetails` holds the code of a duplicate on some versions, `message` on all seen. */
export const problemAnswer = z.object({
  message: z.string().optional(),
  code: z.string().optional(),
  errorDetails: z.unknown().optional(),
});

/** 201 of POST /rest/socialActions/{post}/comments. */
export const commentAnswer = z.object({ id: z.string().optional(), commentUrn: z.string().optional() });

export const imageBegun = z.object({ value: z.object({ uploadUrl: z.url(), image: z.string().min(1) }) });

export const videoBegun = z.object({
  value: z.object({
    video: z.string().min(1),
    uploadToken: z.string().default(''),
    uploadInstructions: z.array(
      z.object({ uploadUrl: z.url(), firstByte: z.number().int(), lastByte: z.number().int() }),
    ),
  }),
});

/** 200 of GET /rest/videos/{video}. */
export const videoAnswer = z.object({ status: z.string(), processingFailureReason: z.string().optional() });

/** 200 of GET /rest/memberCreatorPostAnalytics. */
export const analyticsAnswer = z.object({ elements: z.array(z.object({ count: z.number().int().nonnegative() })) });
