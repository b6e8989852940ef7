import type { DraftMedia } from './draft.ts';

/** Where people of the workspace see a file; it names the workspace, because an `<img>` sends no header. */
export function mediaAddress(workspaceId: string | undefined, assetId: string): string {
  return workspaceId ? `/media/${assetId}?workspace=${workspaceId}` : '';
}

type Answer = { id: string; mediaType: string; bytes: number; width: number | null; height: number | null };

/** Sends a file and answers what a part holds of it. Throws with the server's words. */
export async function upload(file: File, appId: string): Promise<DraftMedia> {
  const form = new FormData();
  form.set('file', file);
  form.set('appId', appId);
  const response = await fetch('/uploads', { method: 'POST', body: form });
  const answer = (await response.json().catch(() => null)) as (Answer & { milliseconds?: number | null }) | null;
  if (!response.ok || !answer) {
    const words = (answer as { message?: string } | null)?.message;
    throw new Error(words ?? `The server answered ${response.status} without saying why. Its log knows more.`);
  }
  const { id, ...file_ } = answer;
  const kind = kindOf(answer.mediaType);
  return { ...file_, assetId: id, kind, milliseconds: answer.milliseconds ?? null, altText: null };
}

export function kindOf(mediaType: string): 'image' | 'gif' | 'video' {
  if (mediaType.startsWith('video/')) return 'video';
  return mediaType === 'image/gif' ? 'gif' : 'image';
}

/** The pictures and videos among what was dropped or pasted. */
export function filesOf(transfer: DataTransfer | null): File[] {
  return [...(transfer?.files ?? [])].filter((file) => /^(image|video)\//.test(file.type));
}
