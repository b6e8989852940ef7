import { queryOptions } from '@tanstack/react-query';

export interface Person {
  id: string;
  name: string;
  email: string;
}

/** Who is signed in, or null. Kept for the life of the page; signing in or out refreshes it. */
export const sessionQuery = queryOptions({
  queryKey: ['session'],
  queryFn: async (): Promise<Person | null> => {
    const answer = (await auth('get-session')) as { user: Person } | null;
    return answer?.user ?? null;
  },
  staleTime: Number.POSITIVE_INFINITY,
});

export function signIn(input: { email: string; password: string }): Promise<unknown> {
  return auth('sign-in/email', input);
}

/** Creates the account; the first one on a server becomes its owner. */
export function signUp(input: { name: string; email: string; password: string }): Promise<unknown> {
  return auth('sign-up/email', input);
}

export function signOut(): Promise<unknown> {
  return auth('sign-out', {});
}

/** One call of the sign-in endpoints. Throws with the server's own words. */
async function auth(path: string, body?: object): Promise<unknown> {
  const response = await fetch(`/api/auth/${path}`, {
    method: body ? 'POST' : 'GET',
    headers: body ? { 'content-type': 'application/json' } : {},
    body: body && JSON.stringify(body),
  });
  const answer = await response.json().catch(() => null);
  if (response.ok) return answer;
  if (response.status === 429) throw new Error('Too many tries. Wait a minute, then try again.');
  const words = (answer as { message?: string } | null)?.message;
  throw new Error(words ?? `The server answered ${response.status} without saying why. Its log knows more.`);
}
