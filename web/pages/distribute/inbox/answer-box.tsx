import { Textarea } from '@mantine/core';
import { useState } from 'react';
import { findUrls } from '#src/outside/platforms/x/urls.ts';
import { api } from '#web/api.ts';
import { useChange } from '#web/change.ts';
import { money } from '#web/format.ts';
import { commandKey } from '#web/keys.ts';
import { measured } from '#web/pages/plan/compose/measure.ts';
import { Button } from '#web/parts/button.tsx';
import { ErrorNotice } from '#web/parts/error-notice.tsx';
import { RingCounter } from '#web/parts/ring-counter.tsx';
import type { Conversation } from './queries.ts';

const refreshes = [['inbox'], ['spend']];

/** Where an answer is written: how full it is, what it costs, and the ways around it. */
export function AnswerBox({ item }: { item: Conversation }) {
  const { account, reply } = item;
  const [text, setText] = useState(item.answer?.state === 'failed' ? (item.answer.text ?? '') : '');
  const itemId = item.id;
  const answering = useChange(() => api.inbox.answer({ itemId, text }), { refreshes });
  const marking = useChange(() => api.inbox.markAnswered({ itemId }), { refreshes });
  const used = measured(account.platform, text);
  const micros = findUrls(text).length > 0 ? reply.withLinkMicros : reply.plainMicros;
  const ready = text.trim() !== '' && used <= reply.limit && !reply.refusal;
  const charged = reply.plainMicros > 0 || reply.withLinkMicros > 0;
  return (
    <div className="answer">
      {reply.refusal ? (
        <p className="sub">{reply.refusal}</p>
      ) : (
        <Textarea
          aria-label={`Your answer as @${account.handle}`}
          placeholder={`Answer as @${account.handle}`}
          autosize
          minRows={3}
          maxRows={10}
          value={text}
          onChange={(event) => setText(event.currentTarget.value)}
          onKeyDown={(event) => {
            if (event.key === 'Enter' && (event.metaKey || event.ctrlKey) && ready && !answering.isPending)
              answering.mutate(undefined);
          }}
        />
      )}
      <div className="answer-foot">
        {!reply.refusal && (
          <>
            <RingCounter used={used} limit={reply.limit} />
            {charged && (
              <span className="price num">
                <b>{money(micros / 10_000, 'USD')}</b>
                <span className="sub">{account.platformName} charges for answers</span>
              </span>
            )}
          </>
        )}
        <span className="answer-actions">
          <Button look="quiet" busy={marking.isPending} onClick={() => marking.mutate(undefined)}>
            Answered there
          </Button>
          {reply.byHandUrl && (
            <a
              className="button"
              data-look="plain"
              href={`${reply.byHandUrl}&text=${encodeURIComponent(text)}`}
              target="_blank"
              rel="noreferrer"
            >
              By hand, free
            </a>
          )}
          {!reply.refusal && (
            <Button
              look="primary"
              disabled={!ready}
              busy={answering.isPending}
              hint={`${commandKey()}↵`}
              onClick={() => answering.mutate(undefined)}
            >
              Answer
            </Button>
          )}
        </span>
      </div>
      {answering.error && <ErrorNotice title="It was not sent" error={answering.error} />}
      {marking.error && <ErrorNotice title="It was not marked" error={marking.error} />}
    </div>
  );
}
