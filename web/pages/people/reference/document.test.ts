import { expect, test } from 'vitest';
import { callsOf, curlOf, type Document } from './document.ts';

const text = { type: 'string' };
const document = (example: boolean): Document => ({
  paths: {
    '/posts/{postId}/notes': {
      post: {
        operationId: 'posts.note',
        parameters: [
          { name: 'postId', in: 'path', required: true, schema: text, ...(example ? { example: 'a/b' } : {}) },
          {
            name: 'range',
            in: 'query',
            required: true,
            schema: text,
            ...(example ? { example: { from: 'x y' } } : {}),
          },
        ],
        requestBody: {
          content: {
            'application/json': {
              schema: { type: 'object', properties: { note: text }, required: ['note'] },
              ...(example ? { example: { note: "Maya’s and Bo's" } } : {}),
            },
          },
        },
        responses: { 200: { content: { 'application/json': { ...(example ? { example: { done: true } } : {}) } } } },
      },
    },
  },
});
const [shown] = callsOf(document(true));
const [bare] = callsOf(document(false));

test('an example is a line that can be pasted into a shell', () => {
  expect(curlOf(shown!, 'https://fan.example/api/v1')).toBe(
    [
      "curl -X POST 'https://fan.example/api/v1/posts/a%2Fb/notes?range%5Bfrom%5D=x%20y'",
      "-H 'Authorization: Bearer <your key>'",
      "-H 'Content-Type: application/json'",
      `-d '{"note":"Maya’s and Bo'\\''s"}'`,
    ].join(' \\\n  '),
  );
  expect(shown?.example?.answer).toEqual({ done: true });
});

test('without an example the line says which fields it takes', () => {
  expect(bare?.example).toBeUndefined();
  expect(curlOf(bare!, '/api/v1')).toContain("curl -X POST '/api/v1/posts/<postId>/notes?range=<range>'");
  expect(curlOf(bare!, '/api/v1')).toContain(`-d '{"note":"text"}'`);
});
