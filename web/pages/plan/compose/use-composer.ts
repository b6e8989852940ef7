import { useMediaQuery } from '@mantine/hooks';
import { notifications } from '@mantine/notifications';
import { useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useCallback, useMemo, useState } from 'react';
import { api } from '#web/api.ts';
import { useApp, useHouse, workspaceQuery } from '#web/app.tsx';
import { waysBack } from '#web/pages/distribute/post/out-of-the-plan.tsx';
import { campaignsQuery, postQuery } from '#web/queries.ts';
import { useAutosave } from './autosave.ts';
import { beginningOf } from './begin.ts';
import { checksOf } from './checks.ts';
import { usePrice } from './cost.tsx';
import { ALL, type Draft, isEmpty, type Post, rehomed, wordsOf } from './draft.ts';
import type { PlatformInfo } from './measure.ts';
import { changesThePlan, meantFor, nextOf } from './planned.ts';
import { sampleOf } from './preview.tsx';
import type { Account } from './targets.tsx';
import { useComposeKeys } from './use-compose-keys.ts';
import { useSchedule } from './use-schedule.ts';
import { becomesOwn, useThread } from './use-thread.ts';
import { useWays } from './use-ways.ts';
import { nextSlotsQuery } from './when.tsx';
import type { Writing } from './writing.ts';

export interface ComposerInput {
  post?: Post;
  accounts: Account[];
  /** All platforms one can publish to. */
  known: PlatformInfo[];
  /** The moment a new post is meant for. */
  start?: Date | undefined;
  campaignId?: string | undefined;
  onCreated: (id: string) => void;
}

/** Everything the composer knows and can do; composer.tsx lays it out. */
export function useComposer({ post: opened, accounts, known, start, campaignId, onCreated }: ComposerInput) {
  const app = useApp();
  const { timeZone: zone, mayApprove } = useHouse();
  const workspace = useQuery(workspaceQuery).data;
  const go = useNavigate();
  const campaigns = useQuery(campaignsQuery(app.id));
  const [begun] = useState(() => beginningOf(opened, accounts, app, campaignId ?? null, start));
  const [restored, setRestored] = useState(begun.kept?.at);
  const [chosen, setChosen] = useState(begun.accountIds);
  const saved = useAutosave({ ...begun, appId: app.id, post: opened, onCreated }, chosen);
  const { id, draft, flush } = saved;
  const post = useQuery({
    ...postQuery(id ?? ''),
    enabled: id !== undefined,
    ...(opened ? { initialData: opened } : {}),
  }).data;
  const { infos, platforms } = useTargets(accounts, chosen, known, draft.home);
  const [wanted, setTab] = useState(ALL);
  const tab = platforms.includes(wanted) ? wanted : ALL;
  const [previewed, setPreviewed] = useState<string>();
  const shownOn = previewed && platforms.includes(previewed) ? previewed : platforms[0]!;
  const sample = sampleOf(post);
  const out = post?.status === 'published';
  const body = wordsOf(draft, tab);
  const inherits = becomesOwn(draft, tab, platforms);
  const joinsFirst = inherits && body.parts.length > 1 && !infos.find((info) => info.id === tab)?.limits.threads;
  const readOnly = out || joinsFirst;

  const edit = useCallback(
    (how: (draft: Draft) => Draft, about?: string) => {
      setRestored(undefined);
      saved.change((now) => rehomed(how(now), platforms), about);
    },
    [saved.change, platforms],
  );
  const targets = useMemo(() => {
    const takers = infos.filter((info) => (tab === ALL ? !draft.own[info.id] : info.id === tab));
    return takers.length > 0 ? takers : infos;
  }, [infos, tab, draft.own]);
  const threads = targets.some(({ limits }) => limits.threads);
  const { actions, said } = useThread(edit, tab, platforms, threads);
  const account = accounts.find((each) => chosen.includes(each.id) && each.platform === shownOn);
  const first = accounts.find((each) => each.id === chosen[0]);
  const writing = useMemo<Writing>(
    () => ({
      appId: app.id,
      workspaceId: workspace?.id,
      platforms: targets,
      longPost: body.longPost,
      sample,
      author: { name: first?.name ?? 'You', avatarUrl: first?.avatarUrl ?? null },
      postId: post?.id,
      readOnly,
      threads,
      actions,
    }),
    [
      app.id,
      workspace?.id,
      targets,
      body.longPost,
      sample,
      first?.name,
      first?.avatarUrl,
      post?.id,
      readOnly,
      threads,
      actions,
    ],
  );
  const claims = useMemo(() => {
    const served = post?.variants.find((each) => each.platform === (draft.own[tab] ? tab : draft.home));
    return served?.parts.map((part) => part.claims) ?? [];
  }, [post, draft.own, draft.home, tab]);

  const checks = useMemo(
    () =>
      checksOf(
        draft,
        infos,
        accounts.filter(({ id: each }) => chosen.includes(each)),
        sample,
        post,
      ),
    [draft, infos, accounts, chosen, sample, post],
  );
  const blocked = checks.some((check) => check.tone === 'neg') || isEmpty(draft);
  const ready = !blocked && chosen.length > 0;
  const slots = useQuery(nextSlotsQuery(first?.id));
  const [picking, setPicking] = useState(false);
  const phone = useMediaQuery('(max-width: 760px)', undefined, { getInitialValueInEffect: false });
  const at = draft.meantFor ? new Date(draft.meantFor) : (meantFor(post) ?? slots.data?.[0]);
  const setPicked = (to: Date) => edit((now) => ({ ...now, meantFor: to.toISOString() }), 'time');
  const price = usePrice(isEmpty(draft) ? undefined : id, post?.version, chosen);
  const toPost = (postId: string) => void go({ to: '/posts/$postId', params: { postId } });
  const waiting = nextOf(post).map(({ id: each, account: { id: accountId }, dueAt }) => ({
    id: each,
    accountId,
    dueAt,
  }));
  const planned = waiting.length > 0;
  // Accounts may wait for moments of their own: without a new one they keep them.
  const when = at && { at, keep: !draft.meantFor };
  const settled = planned && (!when || !changesThePlan({ accountIds: chosen, waiting, when }));
  /** What was kept from before a crash is sent as it is shown. */
  const store = async () => {
    if (restored === undefined) return flush();
    setRestored(undefined);
    await saved.again();
    return saved.flush();
  };
  const sending = useSchedule({
    flush: store,
    accountIds: chosen,
    waiting,
    zone,
    onDone: toPost,
  });
  const ways = useWays(store);
  const wayOut = post && waysBack(post);
  const inReview = post?.status === 'in_review';
  const review = !mayApprove && post?.status !== 'approved' && post?.status !== 'scheduled';
  const schedule = () => {
    if (!ready || out || sending.busy) return;
    if (settled) {
      // What was written is stored; nothing of the plan has changed. What is not stored says so on this page.
      if (saved.saving.at === 'refused' || saved.saving.at === 'conflict') return;
      void store().then((postId) => postId && toPost(postId));
      return;
    }
    if (when && when.at.getTime() > Date.now()) sending.send(when);
    else setPicking(true);
  };
  const submit =
    workspace?.needsApproval && post && !inReview && wayOut && !wayOut.toDraft
      ? () => {
          // What the author saw beside the button is what the owner approves.
          if (at && !draft.meantFor) setPicked(at);
          ways.review.mutate();
        }
      : undefined;
  const keys = useComposeKeys(saved, tab, review ? () => ready && submit?.() : schedule);
  const ofX = accounts.filter((each) => chosen.includes(each.id) && each.platform === 'x');
  const byHand = async () => {
    const postId = await store();
    if (!postId) return;
    await api.assisted.fromPost({ postId, platform: 'x', dueAt: (at ?? new Date()).toISOString(), instead: true });
    choose(chosen.filter((each) => !ofX.some((account) => account.id === each)));
    notifications.show({ title: 'Noted', message: 'You will be told when it is time to post it by hand.' });
  };
  const choose = (ids: string[]) => {
    setChosen(ids);
    const next = [...new Set(accounts.filter((each) => ids.includes(each.id)).map((each) => each.platform))];
    if (!isEmpty(draft)) saved.change((now) => rehomed(now, next));
  };
  return {
    app,
    zone,
    workspace,
    campaigns: campaigns.data ?? [],
    saved,
    post,
    chosen,
    choose,
    infos,
    platforms,
    tab,
    setTab,
    shownOn,
    setPreviewed,
    sample,
    out,
    body,
    inherits,
    targets,
    said,
    writing,
    claims,
    account: account ?? first,
    first,
    checks,
    ready,
    at,
    planned,
    settled,
    setPicked,
    picking,
    setPicking,
    phone,
    price,
    sending,
    ways,
    wayOut,
    inReview,
    mayApprove,
    review,
    schedule,
    submit,
    keys,
    byHand: ofX.length > 0 && !out ? byHand : undefined,
    edit,
    restored,
    setRestored,
    store,
  };
}

/** The platforms of the chosen accounts in their order, those of `home` while none is chosen, and what is known of them. */
function useTargets(accounts: Account[], chosen: string[], known: PlatformInfo[], home: string) {
  return useMemo(() => {
    const wanted = accounts.filter(({ id }) => chosen.includes(id));
    const named = [...new Set(wanted.map(({ platform }) => platform))];
    const platforms = named.length > 0 ? named : [home || 'x'];
    const infos = platforms.flatMap((platform) => {
      const info = known.find(({ id }) => id === platform);
      if (!info) return [];
      const long = wanted.filter((account) => account.platform === platform).every(({ longPosts }) => longPosts);
      return [long ? info : { ...info, limits: { ...info.limits, lengthWithLongPosts: null } }];
    });
    return { infos, platforms };
  }, [accounts, chosen, known, home]);
}
