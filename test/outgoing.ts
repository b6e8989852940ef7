import type { OutgoingPart } from '#src/outside/platform.ts';

/** A part on its way out, plain text unless said otherwise: for testing adapters. */
export function outgoing(part: Partial<OutgoingPart> & { text: string }): OutgoingPart {
  return {
    replyTo: null,
    idempotencyKey: '6f1c7d0e-9c1b-4a77-8f7e-2f3f3b1f9a01',
    firstTriedAt: new Date('2026-11-22T09:00:00Z'),
    media: [],
    poll: null,
    title: part.text.split('\n')[0] ?? '',
    tags: [],
    canonicalUrl: null,
    community: null,
    replySettings: null,
    ...part,
  };
}
