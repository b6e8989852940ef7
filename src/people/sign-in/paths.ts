/**
 * Every address under /api/auth that answers, and how many calls of it one network address has in a minute. The
 * library offers about twice as many; what is not here is not there (docs/decisions/0004-sign-in.md).
 */
export const signInPaths: ReadonlyMap<string, { method: 'GET' | 'POST'; perMinute: number }> = new Map(
  Object.entries({
    '/get-session': { method: 'GET', perMinute: 300 },
    '/sign-up/email': { method: 'POST', perMinute: 5 },
    '/sign-in/email': { method: 'POST', perMinute: 10 },
    '/sign-out': { method: 'POST', perMinute: 60 },
    '/two-factor/verify-totp': { method: 'POST', perMinute: 10 },
    '/two-factor/verify-backup-code': { method: 'POST', perMinute: 5 },
    '/two-factor/enable': { method: 'POST', perMinute: 5 },
    '/two-factor/disable': { method: 'POST', perMinute: 5 },
    '/two-factor/generate-backup-codes': { method: 'POST', perMinute: 5 },
    '/passkey/sign-in-options': { method: 'POST', perMinute: 20 },
    '/passkey/sign-in': { method: 'POST', perMinute: 10 },
    '/passkey/add-options': { method: 'POST', perMinute: 5 },
    '/passkey/add': { method: 'POST', perMinute: 10 },
    '/request-password-reset': { method: 'POST', perMinute: 5 },
    '/reset-password': { method: 'POST', perMinute: 5 },
    '/change-password': { method: 'POST', perMinute: 5 },
    '/account/email': { method: 'POST', perMinute: 5 },
    '/update-user': { method: 'POST', perMinute: 20 },
    '/invitation/look': { method: 'POST', perMinute: 20 },
    '/invitation/join': { method: 'POST', perMinute: 5 },
    '/invitation/accept': { method: 'POST', perMinute: 10 },
  } as const),
);

/** Whether this request reaches the sign-in library at all; `path` is what stands after /api/auth. */
export function isSignInPath(method: string, path: string): boolean {
  return signInPaths.get(path)?.method === method;
}

/** The rules as the library wants them; it counts by network address and path, in the database. */
export const rateLimitRules = Object.fromEntries(
  [...signInPaths].map(([path, { perMinute }]) => [path, { window: 60, max: perMinute }]),
);
