import { createORPCClient } from '@orpc/client';
import { RPCLink } from '@orpc/client/fetch';
import type { RouterClient } from '@orpc/server';
import { queryOptions } from '@tanstack/react-query';
import type { catalog } from '#src/catalog.ts';

/** Every operation of the product, typed: `await api.posts.schedule({ … })`. */
export const api: RouterClient<typeof catalog> = createORPCClient(new RPCLink({ url: `${location.origin}/rpc` }));

/** What a server is before anyone signed in. */
export const setupQuery = queryOptions({ queryKey: ['setup.status'], queryFn: () => api.setup.status({}) });
