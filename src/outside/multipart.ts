/** Files and fields in one request (RFC 7578), for platforms that take pictures together with the post. */
import type { OutgoingMedia } from '#src/outside/platform.ts';

/** The bytes of a form and the header that names its boundary. */
export async function multipart(form: FormData): Promise<{ body: Uint8Array; contentType: string }> {
  const encoded = new Response(form);
  return {
    contentType: encoded.headers.get('content-type') ?? 'multipart/form-data',
    body: new Uint8Array(await encoded.arrayBuffer()),
  };
}

/** A file of a form: its bytes and a name such as `picture-1.png`, which says the type to services that go by it. */
export async function fileOf(media: OutgoingMedia, position: number): Promise<{ blob: Blob; name: string }> {
  const blob = new Blob([new Uint8Array(await media.read())], { type: media.mediaType });
  return { blob, name: fileName(media, position) };
}

/** What a file is called on its way. */
export function fileName(media: Pick<OutgoingMedia, 'kind' | 'mediaType'>, position: number): string {
  const ending = media.mediaType.split('/')[1]?.replace('jpeg', 'jpg').replace('quicktime', 'mov') ?? 'bin';
  return `${media.kind === 'video' ? 'video' : 'picture'}-${position + 1}.${ending}`;
}
