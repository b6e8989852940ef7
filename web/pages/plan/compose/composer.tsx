import { useMediaQuery } from '@mantine/hooks';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { Plus } from 'lucide-react';
import { useCallback, useEffect, useMemo, useState } from 'react';
import { flushSync } from 'react-dom';
import { api } from '#web/api.ts';
import { useApp, useHouse } from '#web/app.tsx';
import { waysBack } from '#web/pages/distribute/post/out-of-the-plan.tsx';
import { PriceTag } from '#web/parts/price-tag.tsx';
import { campaignsQuery, postQuery } from '#web/queries.ts';
import { useAutosave } from './autosave.ts';
import { ChecksBar, checksOf } from './checks.tsx';
import { calledByItself, draftOf, emptyDraft, isEmpty, moved, newPart, type Post, without, withText } from './draft.ts';
import { ComposeHead } from './head.tsx';
import { PartEditor } from './part-editor.tsx';
import { PreviewColumn, sampleOf } from './preview.tsx';
import { StartingPoints } from './start.tsx';
import { type Account, Targets } from './targets.tsx';
import { Questions, Troubles } from './trouble.tsx';
import { useSchedule } from './use-schedule.ts';
import { useWayBack } from './use-way-back.ts';
import { nextSlotsQuery, WhenPicker } from './when.tsx';

const LIMIT = 280;

/** Writing one post: the thread on the left, what X will make of it on the right. `start` is the moment a new one is meant for. */
export function Composer({
  post: opened,
  accounts,
  start,
  campaignId,
  onCreated,
}: {
  post?: Post;
  accounts: Account[];
  start?: Date | undefined;
  campaignId?: string | undefined;
  onCreated: (id: string) => void;
}) {
  const app = useApp();
  const { timeZone: zone } = useHouse();
  const go = useNavigate();
  const queries = useQueryClient();
  const campaigns = useQuery(campaignsQuery(app.id));
  const [chosen, setChosen] = useState(() => firstChoice(accounts, opened));
  const target = accounts.find((each) => each.id === chosen[0]);
  const [initial] = useState(() =>
    opened ? draftOf(opened) : emptyDraft(target?.platform ?? 'x', app.url, campaignId ?? null),
  );
  const { id, draft, change, saving, flush, keepMine, takeTheirs } = useAutosave({
    appId: app.id,
    draft: initial,
    post: opened,
    onCreated,
  });
  const post = useQuery({
    ...postQuery(id ?? ''),
    enabled: id !== undefined,
    ...(opened ? { initialData: opened } : {}),
  }).data;
  const [platform, setPlatform] = useState(() => draft.variants[0]?.platform ?? 'x');
  const variant = draft.variants.find((each) => each.platform === platform) ?? draft.variants[0]!;
  const slots = useQuery(nextSlotsQuery(target?.id));
  const [picked, setPicked] = useState<Date | undefined>(start ?? meantFor(opened));
  const [picking, setPicking] = useState(false);
  const [preview, setPreview] = useState(false);
  const [deleting, setDeleting] = useState(false);
  const phone = useMediaQuery('(max-width: 760px)', undefined, { getInitialValueInEffect: false });
  const sample = sampleOf(post);
  const readOnly = post?.status === 'published';
  const checks = useMemo(() => checksOf(variant.parts, LIMIT, sample, post), [variant.parts, sample, post]);
  const blocked = checks.some((check) => check.tone === 'neg') || isEmpty(draft);
  const at = picked ?? slots.data?.[0];
  const price = useQuery({
    queryKey: ['spend', 'price', id, post?.version, chosen],
    enabled: id !== undefined && chosen.length > 0 && !isEmpty(draft),
    queryFn: () => api.spend.price({ postId: id!, accountIds: chosen }),
  });
  const sending = useSchedule({
    flush,
    accountIds: chosen,
    zone,
    onDone: (postId) => void go({ to: '/posts/$postId', params: { postId } }),
  });
  const duplicate = useMutation({
    mutationFn: async () => api.posts.duplicate({ postId: (await flush())! }),
    onSuccess: (copy) => go({ to: '/compose/$postId', params: { postId: copy.id } }),
  });
  const ways = post && waysBack(post);
  const back = useWayBack(flush);
  const remove = useMutation({
    mutationFn: () => api.posts.remove({ postId: id! }),
    onSuccess: async () => {
      await go({ to: '/posts' });
      await queries.invalidateQueries();
    },
  });

  const actions = useMemo(() => {
    const change_ = (how: (parts: typeof variant.parts) => typeof variant.parts) =>
      change((now) => ({
        ...now,
        variants: now.variants.map((each) =>
          each.platform === variant.platform ? { ...each, parts: how(each.parts) } : each,
        ),
      }));
    return {
      write: (key: string, text: string) => change_((parts) => withText(parts, key, text)),
      addAfter: (key: string) => {
        const part = newPart();
        flushSync(() => change_((parts) => parts.flatMap((each) => (each.key === key ? [each, part] : [each]))));
        focusPart(part.key);
      },
      move: (key: string, step: -1 | 1) => {
        flushSync(() => change_((parts) => moved(parts, key, step)));
        focusPart(key);
      },
      remove: (key: string) => {
        let next = key;
        flushSync(() =>
          change_((parts) => {
            const index = parts.findIndex((part) => part.key === key);
            const rest = without(parts, key);
            next = rest[Math.max(0, index - 1)]!.key;
            return rest;
          }),
        );
        focusPart(next);
      },
    };
  }, [change, variant.platform]);

  const schedule = useCallback(() => {
    if (blocked || chosen.length === 0 || readOnly || sending.busy) return;
    if (at && at.getTime() > Date.now()) sending.send({ at });
    else setPicking(true);
  }, [at, blocked, chosen, readOnly, sending]);
  useCommandEnter(schedule);

  const picker = (
    <WhenPicker
      value={at}
      zone={zone}
      accountId={target?.id}
      opened={picking}
      onOpen={setPicking}
      onChange={setPicked}
    />
  );
  const author = { name: target?.name ?? 'You', avatarUrl: target?.avatarUrl ?? null };
  const served = post?.variants.find((each) => each.platform === variant.platform);
  const platforms = [
    ...new Set([
      ...accounts.filter(({ id: each }) => chosen.includes(each)).map((each) => each.platform),
      variant.platform,
    ]),
  ];
  const shownOn = platforms.includes(platform) ? platform : platforms[0]!;
  return (
    <div className="composer" data-preview={preview || undefined}>
      <h1 className="hidden-text">{opened ? 'Edit post' : 'New post'}</h1>
      <div className="composer-main">
        <ComposeHead
          title={draft.title}
          placeholder={calledByItself(draft)}
          saving={saving}
          preview={preview}
          ready={!blocked && chosen.length > 0}
          busy={sending.busy}
          readOnly={readOnly}
          onTitle={(title) => change((now) => ({ ...now, title }))}
          onPreview={setPreview}
          onSchedule={schedule}
          onNow={() => sending.send('now')}
          onSlot={() => sending.send('slot')}
          onDuplicate={id ? () => duplicate.mutate() : undefined}
          onReturn={ways?.toDraft ? () => back.mutate('draft') : undefined}
          onWithdraw={ways?.withdraw ? () => back.mutate('withdrawn') : undefined}
          onDelete={id && !readOnly ? () => setDeleting(true) : undefined}
          picker={phone ? null : picker}
        />
        <div className="composer-scroll">
          <div className="composer-column">
            <Targets
              accounts={accounts}
              chosen={chosen}
              campaigns={campaigns.data ?? []}
              campaignId={draft.campaignId}
              linkUrl={draft.linkUrl}
              readOnly={readOnly}
              onAccounts={setChosen}
              onCampaign={(next) => change((now) => ({ ...now, campaignId: next }))}
              onLink={(next) => change((now) => ({ ...now, linkUrl: next }))}
            />
            {phone && !readOnly && <div className="composer-when">{picker}</div>}
            <Troubles
              saving={saving}
              post={post}
              sendError={sending.error ?? duplicate.error ?? undefined}
              backError={back.error ?? undefined}
              onKeepMine={() => void keepMine()}
              onTakeTheirs={() => void takeTheirs()}
              onRetry={() => change((now) => ({ ...now }))}
              onDuplicate={() => duplicate.mutate()}
            />
            <ol className="thread">
              {variant.parts.map((part, index) => (
                <PartEditor
                  key={part.key}
                  part={part}
                  index={index}
                  of={variant.parts.length}
                  author={author}
                  claims={served?.parts[index]?.claims ?? noClaims}
                  limit={LIMIT}
                  sample={sample}
                  postId={post?.id}
                  readOnly={readOnly}
                  actions={actions}
                />
              ))}
            </ol>
            {!readOnly && (
              <button type="button" className="add-part" onClick={() => actions.addAfter(variant.parts.at(-1)!.key)}>
                <Plus size={15} aria-hidden="true" />
                Add to the thread
                <span className="hide-on-phone" aria-hidden="true">
                  <kbd>Alt ⏎</kbd>
                </span>
              </button>
            )}
            {!opened && isEmpty(draft) && <StartingPoints appId={app.id} />}
          </div>
        </div>
        <ChecksBar checks={checks} onGo={focusPart}>
          {price.data && (
            <PriceTag
              minor={price.data.micros / 10_000}
              currency="USD"
              note={price.data.micros > 0 ? 'to post' : ''}
              overBudget={price.data.accounts.some((each) => !each.withinBudget)}
            />
          )}
        </ChecksBar>
      </div>
      <PreviewColumn
        variants={draft.variants}
        platforms={platforms}
        shown={shownOn}
        account={accounts.find((each) => chosen.includes(each.id) && each.platform === shownOn) ?? target}
        fallbackName="You"
        at={at}
        zone={zone}
        sample={sample}
        onShow={setPlatform}
      />
      <Questions
        similar={sending.similar?.message}
        busy={sending.busy}
        deleting={deleting}
        deleteBusy={remove.isPending}
        deleteError={remove.error}
        onEven={sending.sendEven}
        onLetBe={sending.letBe}
        onDelete={() => remove.mutate()}
        onKeep={() => setDeleting(false)}
      />
    </div>
  );
}

const noClaims: never[] = [];

/** The accounts it is scheduled on already; else all connected ones of the first platform. */
function firstChoice(accounts: Account[], post: Post | undefined): string[] {
  const scheduled = post?.publications.filter(({ state }) => state === 'scheduled' || state === 'asking') ?? [];
  if (scheduled.length > 0) return [...new Set(scheduled.map(({ account }) => account.id))];
  const usable = accounts.filter((account) => account.status !== 'removed');
  const platform = post?.variants
    .map((variant) => variant.platform)
    .find((each) => usable.some((one) => one.platform === each));
  const first = platform ?? usable.find((account) => account.platform === 'x')?.platform ?? usable[0]?.platform;
  return usable.filter((account) => account.platform === first).map((account) => account.id);
}

function meantFor(post: Post | undefined): Date | undefined {
  const due = post?.publications.find(({ state }) => state === 'scheduled')?.dueAt ?? post?.proposedFor;
  return due && due.getTime() > Date.now() ? due : undefined;
}

/** What is typed next goes there, so it is not put off to a later moment. */
function focusPart(key: string): void {
  const field = document.querySelector<HTMLTextAreaElement>(`[data-part="${key}"] textarea`);
  field?.focus();
  field?.setSelectionRange(field.value.length, field.value.length);
}

function useCommandEnter(run: () => void): void {
  useEffect(() => {
    const listen = (event: KeyboardEvent) => {
      if (event.key !== 'Enter' || !(event.metaKey || event.ctrlKey) || document.querySelector('[role="dialog"]'))
        return;
      event.preventDefault();
      run();
    };
    window.addEventListener('keydown', listen);
    return () => window.removeEventListener('keydown', listen);
  }, [run]);
}
