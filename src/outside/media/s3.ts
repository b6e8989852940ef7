import { createReadStream } from 'node:fs';
import { rm, stat } from 'node:fs/promises';
import { Readable } from 'node:stream';
import type { ReadableStream } from 'node:stream/web';
import { AwsV4Signer } from 'aws4fetch';
import { type Dispatcher, request as send } from 'undici';
import type { Bucket, MediaStore } from '#src/outside/media.ts';

/** SHA-256 of nothing: what is signed for a request without a body. */
const EMPTY = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855';
/** For a large video on a slow line, in milliseconds. */
const SLOW = 30 * 60_000;

/**
 * Media in a bucket, addressed by path (`https://host/bucket/name`), which every S3-compatible service takes. Requests
 * are signed with version 4; a file's name is the hash of its bytes, which is what the signature wants for a body.
 */
export function openBucket(bucket: Bucket): MediaStore {
  const call = async (method: Dispatcher.HttpMethod, name: string, more: { path?: string; range?: string } = {}) => {
    const url = `${bucket.url.replace(/\/$/, '')}/${name}`;
    const headers = new Headers({ 'x-amz-content-sha256': more.path ? name : EMPTY });
    if (more.range) headers.set('range', more.range);
    const signer = new AwsV4Signer({
      method,
      url,
      headers,
      accessKeyId: bucket.keyId,
      secretAccessKey: bucket.secret,
      region: bucket.region,
      service: 's3',
    });
    const signed = await signer.sign();
    if (more.path) signed.headers.set('content-length', String((await stat(more.path)).size));
    return send(signed.url, {
      method,
      headers: Object.fromEntries(signed.headers),
      body: more.path ? createReadStream(more.path) : null,
      headersTimeout: more.path ? SLOW : 30_000,
      bodyTimeout: 30_000,
    });
  };
  const expect = async (what: string, answer: Dispatcher.ResponseData, ...good: number[]) => {
    if (good.includes(answer.statusCode)) return answer;
    const words = /<Message>([^<]{1,300})/.exec(await answer.body.text())?.[1];
    throw new Error(
      `The media bucket did not ${what} (HTTP ${answer.statusCode}${words ? `: ${words}` : ''}). Check the MEDIA_S3 settings.`,
    );
  };
  return {
    place: () => Promise.resolve(`bucket ${bucket.url.replace(/\/$/, '')}`),
    async keep(name, path) {
      const answer = await expect('take the file', await call('PUT', name, { path }), 200, 201);
      await answer.body.dump();
      await rm(path, { force: true });
    },
    async read(name, from = 0, to) {
      const range = from === 0 && to === undefined ? {} : { range: `bytes=${from}-${to === undefined ? '' : to - 1}` };
      const answer = await expect('give the file', await call('GET', name, range), 200, 206);
      return new Uint8Array(await answer.body.arrayBuffer());
    },
    async stream(name) {
      const answer = await expect('give the file', await call('GET', name), 200);
      return Readable.toWeb(answer.body) as ReadableStream<Uint8Array>;
    },
    async remove(name) {
      const answer = await expect('remove the file', await call('DELETE', name), 200, 204, 404);
      await answer.body.dump();
    },
  };
}
