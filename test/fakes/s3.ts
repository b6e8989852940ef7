/** A bucket that speaks S3 as far as media need it, and holds every request to its signature. */
import { createHash } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { AwsV4Signer } from 'aws4fetch';
import type { Bucket } from '#src/outside/media.ts';

export async function startFakeBucket(): Promise<{
  bucket: Bucket;
  files: Map<string, Buffer>;
  close(): Promise<void>;
}> {
  const files = new Map<string, Buffer>();
  const bucket: Bucket = { url: '', region: 'eu-test-1', keyId: 'KEY', secret: 'SECRET' };
  const server = createServer(async (request, answer) => {
    const pieces: Buffer[] = [];
    for await (const piece of request) pieces.push(piece as Buffer);
    const body = Buffer.concat(pieces);
    const refuse = (status: number, message: string) =>
      answer.writeHead(status).end(`<Error><Message>${message}</Message></Error>`);
    const given = request.headers;
    const signer = new AwsV4Signer({
      method: request.method ?? 'GET',
      url: `http://${given.host}${request.url}`,
      headers: {
        'x-amz-content-sha256': String(given['x-amz-content-sha256']),
        ...(given.range ? { range: given.range } : {}),
      },
      accessKeyId: bucket.keyId,
      secretAccessKey: bucket.secret,
      region: bucket.region,
      service: 's3',
      datetime: String(given['x-amz-date']),
    });
    const { headers } = await signer.sign();
    if (headers.get('authorization') !== given.authorization)
      return refuse(403, 'The request signature we calculated does not match the signature you provided.');
    if (createHash('sha256').update(body).digest('hex') !== given['x-amz-content-sha256'])
      return refuse(400, 'The provided x-amz-content-sha256 header does not match what was computed.');
    const name = (request.url ?? '').split('/').at(-1) ?? '';
    if (request.method === 'PUT') {
      files.set(name, body);
      return answer.writeHead(200).end();
    }
    if (request.method === 'DELETE') {
      files.delete(name);
      return answer.writeHead(204).end();
    }
    const file = files.get(name);
    if (!file) return refuse(404, 'The specified key does not exist.');
    const range = /^bytes=(\d+)-(\d*)$/.exec(given.range ?? '');
    if (!range) return answer.writeHead(200).end(file);
    return answer.writeHead(206).end(file.subarray(Number(range[1]), range[2] ? Number(range[2]) + 1 : undefined));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  bucket.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/media`;
  return {
    bucket,
    files,
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}
