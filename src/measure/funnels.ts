import { z } from 'zod';
import { answerShown, previewAsked, previewFunnel, showAsked, showFunnel } from '#src/measure/funnels/answer.ts';
import { insteadAsked, insteadShown, whereInstead } from '#src/measure/funnels/instead.ts';
import {
  funnelFields,
  funnelName,
  funnelShown,
  listFunnels,
  removeFunnel,
  renameFunnel,
  saveFunnel,
} from '#src/measure/funnels/saved.ts';
import { done, id, operation } from '#src/operation.ts';

export const funnelOperations = {
  list: operation({
    summary: 'List the funnels of an app: steps people should take in order.',
    route: 'GET /funnels',
    access: 'read',
    input: z.strictObject({ appId: id }),
    output: z.object({ funnels: z.array(funnelShown) }),
    run: listFunnels,
  }),
  save: operation({
    summary: 'Save a funnel of 2 to 8 steps: pages, events, conversions; with funnelId in place of what it was.',
    route: 'POST /funnels',
    access: 'write',
    input: z.strictObject({ appId: id, name: funnelName, ...funnelFields, funnelId: id.optional() }),
    output: z.object({ funnelId: id }),
    run: saveFunnel,
  }),
  rename: operation({
    summary: 'Give a funnel another name.',
    route: 'POST /funnels/{funnelId}/rename',
    access: 'write',
    input: z.strictObject({ funnelId: id, name: funnelName }),
    output: done,
    run: renameFunnel,
  }),
  remove: operation({
    summary: 'Remove a funnel.',
    route: 'DELETE /funnels/{funnelId}',
    access: 'destructive',
    input: z.strictObject({ funnelId: id }),
    output: done,
    run: removeFunnel,
  }),
  show: operation({
    summary: 'Show how far people came in a saved funnel, with rates, their intervals and the time it took.',
    route: 'GET /funnels/{funnelId}',
    access: 'read',
    input: showAsked,
    output: answerShown.extend({ funnel: funnelShown }),
    run: showFunnel,
  }),
  preview: operation({
    summary: 'Show how far people came in a funnel that is not saved.',
    route: 'POST /funnels/preview',
    access: 'read',
    input: previewAsked,
    output: answerShown,
    run: previewFunnel,
  }),
  instead: operation({
    summary: 'Show where those who left a funnel went instead, step by step.',
    route: 'POST /funnels/instead',
    access: 'read',
    input: insteadAsked,
    output: insteadShown,
    run: whereInstead,
  }),
};
