import { Textarea } from '@mantine/core';
import { useState } from 'react';
import { api } from '#web/api.ts';
import { useChange } from '#web/change.ts';
import { count, counted } from '#web/format.ts';
import { Button } from '#web/parts/button.tsx';
import { Card } from '#web/parts/card.tsx';
import { ErrorNotice, Notice } from '#web/parts/error-notice.tsx';

type Checked = Awaited<ReturnType<typeof api.voice.check>>;
type Problem = Checked['problems'][number];

/** Holds a text against the voice: the places in it, each with its reason. */
export function VoiceCheck({ appId }: { appId: string }) {
  const [text, setText] = useState('');
  const checking = useChange((words: string) => api.voice.check({ appId, text: words }), { refreshes: [] });
  const result = checking.data;
  return (
    <Card title="Does it sound like you" padded>
      <form
        className="stack"
        data-gap="small"
        onSubmit={(event) => {
          event.preventDefault();
          checking.mutate(text);
        }}
      >
        <Textarea
          aria-label="Text to check"
          placeholder="Paste a post, a newsletter, a page"
          autosize
          minRows={6}
          maxRows={16}
          value={text}
          onChange={(event) => {
            setText(event.currentTarget.value);
            checking.reset();
          }}
          onKeyDown={(event) => {
            if (event.key === 'Enter' && (event.metaKey || event.ctrlKey)) checking.mutate(text);
          }}
        />
        <div>
          <Button type="submit" look="primary" busy={checking.isPending} disabled={!text.trim()}>
            Check text
          </Button>
        </div>
      </form>
      <div className="voice-result" aria-live="polite">
        {checking.error && <ErrorNotice title="Not checked" error={checking.error} />}
        {result && result.problems.length === 0 && (
          <Notice title={verdictOf(result).title}>{verdictOf(result).text}</Notice>
        )}
        {result && result.problems.length > 0 && (
          <>
            <Marked text={text} problems={result.problems} />
            <ol className="voice-problems">
              {[...Map.groupBy(result.problems, ({ reason }) => reason)].map(([reason, places]) => (
                <li key={reason}>
                  <span className="voice-places">
                    {[...new Set(places.map(({ text: words }) => words))].slice(0, 5).map((words) => (
                      <mark key={words}>{words.length > 60 ? `${words.slice(0, 60)}…` : words}</mark>
                    ))}
                    {places.length > 1 && <span className="sub num">{counted(places.length, 'place')}</span>}
                  </span>
                  <span className="sub">
                    {reason} {places[0]?.factId ? 'A rule.' : 'By your own numbers.'}
                  </span>
                </li>
              ))}
            </ol>
            {result.found > result.problems.length && (
              <p className="sub">
                The first {count(result.problems.length)} of {counted(result.found, 'place')}.
              </p>
            )}
          </>
        )}
      </div>
    </Card>
  );
}

function verdictOf({ enough, rules, traits }: Checked): { title: string; text: string } {
  if (rules + traits === 0)
    return {
      title: 'There is nothing to hold it against yet',
      text: 'Add what you say and do not say, or let ten posts of your own out first.',
    };
  if (!enough) return { title: 'Too short to tell', text: 'A text needs five words of its own to sound like anybody.' };
  return {
    title: 'It sounds like you',
    text: `Held against ${counted(rules, 'rule')} and ${counted(traits, 'trait')}; nothing stands out.`,
  };
}

/** The text as it was checked, with every place marked. */
function Marked({ text, problems }: { text: string; problems: Problem[] }) {
  const edges = [...new Set([0, text.length, ...problems.flatMap(({ startsAt, endsAt }) => [startsAt, endsAt])])].sort(
    (a, b) => a - b,
  );
  return (
    <p className="voice-marked">
      {edges.slice(1).map((end, index) => {
        const start = edges[index] ?? 0;
        const words = text.slice(start, end);
        return problems.some((one) => one.startsAt <= start && one.endsAt >= end) ? (
          <mark key={start}>{words}</mark>
        ) : (
          <span key={start}>{words}</span>
        );
      })}
    </p>
  );
}
