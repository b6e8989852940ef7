import type { Hono } from 'hono';

export const PASSWORD = 'a long password';
export type Answered = Record<string, never> & { message?: string; id?: string; link?: string };
export type Browser = ReturnType<typeof browserAt>;

/** A browser without a window: it keeps its cookies, and stands at a network address of its own behind one proxy. */
export function browserAt(door: Hono, origin: string, address: string) {
  const cookies = new Map<string, string>();
  const ask = async (method: string, path: string, json?: unknown, headers: Record<string, string> = {}) => {
    const answer = await door.request(path, {
      method,
      headers: {
        origin,
        'x-forwarded-for': address,
        'user-agent': 'A browser',
        ...(cookies.size > 0 ? { cookie: [...cookies].map(([name, value]) => `${name}=${value}`).join('; ') } : {}),
        ...(json === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(json === undefined ? {} : { body: JSON.stringify(json) }),
    });
    for (const line of answer.headers.getSetCookie()) {
      const [, name, value] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
      if (value === '' || /max-age=0/i.test(line)) cookies.delete(name!);
      else cookies.set(name!, value!);
    }
    const text = await answer.text();
    const body = (/^[{[]/.test(text) ? JSON.parse(text) : text) as Answered;
    return { status: answer.status, body, text, headers: answer.headers };
  };
  return {
    cookies,
    ask,
    auth: (path: string, json: unknown = {}) => ask('POST', `/api/auth${path}`, json),
    call: (method: string, path: string, json?: unknown) => ask(method, `/api/v1${path}`, json),
    signIn: (email: string, password = PASSWORD) => ask('POST', '/api/auth/sign-in/email', { email, password }),
    isIn: async () => (await ask('GET', '/api/v1/workspaces')).status === 200,
  };
}
