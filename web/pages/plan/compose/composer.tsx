import { useState } from 'react';
import { flushSync } from 'react-dom';
import { ChecksBar } from './checks-bar.tsx';
import { ComesAgain } from './comes-again.tsx';
import { Cost } from './cost.tsx';
import { ALL, calledByItself, fork, inheriting, isEmpty } from './draft.ts';
import { ComposeHead } from './head.tsx';
import { MoreSettings } from './more-settings.tsx';
import { PreviewColumn } from './preview.tsx';
import { StartingPoints } from './start.tsx';
import { Targets } from './targets.tsx';
import { Thread } from './thread.tsx';
import { Questions, Troubles } from './trouble.tsx';
import { type ComposerInput, useComposer } from './use-composer.ts';
import { useHashtags } from './use-hashtags.ts';
import { focusEnd, withWords } from './use-thread.ts';
import { VariantTabs } from './variant-tabs.tsx';
import { WhenPicker } from './when.tsx';
import { WritingContext } from './writing.ts';

/** Writing one post: its words on the left, what each platform will make of them on the right. */
export function Composer(input: ComposerInput) {
  const { post: opened, accounts } = input;
  const composer = useComposer(input);
  const { app, zone, saved, post, edit, tab, body, platforms, infos, ways, wayOut, inReview, sending, out } = composer;
  const { draft, saving } = saved;
  const [preview, setPreview] = useState(false);
  const [deleting, setDeleting] = useState(false);
  const picker = (
    <WhenPicker
      value={composer.at}
      zone={zone}
      accountId={composer.first?.id}
      opened={composer.picking}
      onOpen={composer.setPicking}
      onChange={composer.setPicked}
    />
  );
  const autoTitle = calledByItself(draft.base.parts[0]?.text ?? '');
  const hashtags = useHashtags(app.id, draft, platforms);
  return (
    <div className="composer" data-preview={preview || undefined}>
      <h1 className="hidden-text">{opened ? 'Edit post' : 'New post'}</h1>
      <div className="composer-main">
        <ComposeHead
          title={draft.title}
          placeholder={autoTitle}
          saving={saving}
          preview={preview}
          ready={composer.ready}
          action={composer.planned ? (composer.settled ? 'Done' : 'Reschedule') : 'Schedule'}
          busy={sending.busy || ways.review.isPending || ways.approve.isPending}
          readOnly={out}
          review={composer.review}
          onTitle={(title) => edit((now) => ({ ...now, title }), 'title')}
          onUndo={saved.history.past.length > 0 ? composer.keys.undo : undefined}
          onRedo={saved.history.future.length > 0 ? composer.keys.redo : undefined}
          onPreview={setPreview}
          onSchedule={composer.schedule}
          onNow={() => sending.send('now')}
          onSlot={() => sending.send('slot')}
          onReview={composer.submit}
          onApprove={inReview && composer.mayApprove ? () => ways.approve.mutate() : undefined}
          onDuplicate={saved.id ? () => ways.duplicate.mutate() : undefined}
          onReturn={wayOut?.toDraft || inReview ? () => ways.back.mutate('draft') : undefined}
          onWithdraw={wayOut?.withdraw ? () => ways.back.mutate('withdrawn') : undefined}
          onDelete={saved.id && !out ? () => setDeleting(true) : undefined}
          picker={composer.phone ? null : picker}
        />
        <div className="composer-scroll">
          <div className="composer-column">
            <Targets
              accounts={accounts}
              chosen={composer.chosen}
              campaigns={composer.campaigns}
              campaignId={draft.campaignId}
              linkUrl={draft.linkUrl}
              readOnly={out}
              onAccounts={composer.choose}
              onCampaign={(next) => edit((now) => ({ ...now, campaignId: next }))}
              onLink={(next) => edit((now) => ({ ...now, linkUrl: next }))}
            />
            {composer.phone && !out && <div className="composer-when">{picker}</div>}
            <Troubles
              saving={saving}
              draft={draft}
              restored={composer.restored}
              post={post}
              sendError={sending.error ?? ways.duplicate.error ?? ways.review.error ?? ways.approve.error ?? undefined}
              backError={ways.back.error ?? undefined}
              onKeepMine={() => void saved.keepMine()}
              onTakeTheirs={() => void saved.takeTheirs()}
              onRetry={() => void saved.again()}
              onDuplicate={() => ways.duplicate.mutate()}
              onKeepRestored={() => {
                composer.setRestored(undefined);
                void saved.again();
              }}
              onDropRestored={() => {
                composer.setRestored(undefined);
                saved.dropKept();
              }}
            />
            {(platforms.length > 1 || Object.keys(draft.own).length > 0) && (
              <VariantTabs
                draft={draft}
                tab={tab}
                platforms={infos}
                alone={!composer.inherits}
                readOnly={out}
                onTab={(next) => {
                  composer.setTab(next);
                  if (next !== ALL) composer.setPreviewed(next);
                }}
                onOwn={(next) => {
                  const info = infos.find((each) => each.id === next);
                  edit((now) => fork(now, next, info?.limits.threads ?? true, platforms));
                }}
                onInherit={(next) => edit((now) => inheriting(now, next, platforms))}
              />
            )}
            <WritingContext value={composer.writing}>
              <Thread parts={body.parts} claims={composer.claims} said={composer.said} />
              {(!isEmpty(draft) || opened) && (
                <MoreSettings
                  body={body}
                  longPosts={composer.targets.some(({ limits }) => limits.lengthWithLongPosts)}
                  onChange={(set, about) => edit((now) => withWords(now, tab, platforms, set), `${tab}:${about}`)}
                />
              )}
              {(!isEmpty(draft) || opened) && !out && (
                <ComesAgain
                  draft={draft}
                  postId={saved.id}
                  title={draft.title || autoTitle}
                  at={composer.at}
                  accountIds={composer.chosen}
                  mayRecur={composer.mayApprove || composer.planned}
                  onChange={(set) => edit((now) => ({ ...now, ...set }), 'again')}
                  onStore={composer.store}
                />
              )}
            </WritingContext>
            {!opened && isEmpty(draft) && <StartingPoints appId={app.id} />}
          </div>
        </div>
        <ChecksBar
          checks={[...composer.checks, ...hashtags]}
          onGo={(place) => {
            flushSync(() => composer.setTab(place.tab));
            focusEnd(draft, place.tab, place.part);
          }}
        >
          {composer.price && <Cost price={composer.price} onByHand={composer.byHand} />}
        </ChecksBar>
      </div>
      <PreviewColumn
        draft={draft}
        calledByItself={autoTitle}
        platforms={infos}
        shown={composer.shownOn}
        account={composer.account}
        appName={app.name}
        workspaceId={composer.workspace?.id}
        at={composer.at}
        zone={zone}
        sample={composer.sample}
        onShow={composer.setPreviewed}
      />
      <Questions
        similar={sending.similar?.message}
        busy={sending.busy}
        deleting={deleting}
        deleteBusy={ways.remove.isPending}
        deleteError={ways.remove.error}
        onEven={sending.sendEven}
        onLetBe={sending.letBe}
        onDelete={() => ways.remove.mutate()}
        onKeep={() => setDeleting(false)}
      />
    </div>
  );
}
