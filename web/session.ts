import { queryOptions } from '@tanstack/react-query';

export interface Person {
  id: string;
  name: string;
  email: string;
  twoFactorEnabled: boolean;
}

/** Who is signed in, or null. Kept for the life of the page; signing in or out refreshes it. */
export const sessionQuery = queryOptions({
  queryKey: ['session'],
  queryFn: async (): Promise<Person | null> => {
    const answer = (await callAuth('get-session')) as { user: Person } | null;
    return answer?.user ?? null;
  },
  staleTime: Number.POSITIVE_INFINITY,
});

export function signOut(): Promise<unknown> {
  return callAuth('sign-out', {});
}

/** What the sign-in endpoints refuse, with the library's own name for it. */
export class AuthRefusal extends Error {
  code: string | undefined;
  status: number;

  constructor(status: number, { code, message }: { code?: string; message?: string }) {
    super(message ?? `The server answered ${status} without saying why. Its log knows more.`);
    this.status = status;
    this.code = code;
  }
}

/** One call of the sign-in endpoints. Throws an `AuthRefusal` with the server's own words. */
export async function callAuth(path: string, body?: object): Promise<unknown> {
  const response = await fetch(`/api/auth/${path}`, {
    method: body ? 'POST' : 'GET',
    headers: body ? { 'content-type': 'application/json' } : {},
    body: body && JSON.stringify(body),
  });
  const answer = await response.json().catch(() => null);
  if (response.ok) return answer;
  throw new AuthRefusal(response.status, (answer ?? {}) as { code?: string; message?: string });
}
