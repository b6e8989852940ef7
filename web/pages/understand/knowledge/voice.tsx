import { Textarea } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { api } from '#web/api.ts';
import { useChange } from '#web/change.ts';
import { counted } from '#web/format.ts';
import { Button } from '#web/parts/button.tsx';
import { Card } from '#web/parts/card.tsx';
import { ErrorNotice, Notice } from '#web/parts/error-notice.tsx';
import { Loaded } from '#web/parts/loaded.tsx';
import { FactRow } from './fact.tsx';
import { factsQuery } from './queries.ts';
import { kindWords } from './words.ts';

const voiceKinds = ['tone', 'personality', 'do_say', 'dont_say', 'style_note'];

/** Holds a text against the app's voice, and shows the rules it is held against. */
export function VoiceTab({ appId }: { appId: string }) {
  return (
    <div className="row" data-split="1-1" style={{ marginTop: 0, alignItems: 'start' }}>
      <VoiceCheck appId={appId} />
      <VoiceRules appId={appId} />
    </div>
  );
}

function VoiceCheck({ appId }: { appId: string }) {
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
          <Notice title={result.rules > 0 ? 'It sounds like you' : 'There is nothing to hold it against yet'}>
            {result.rules > 0
              ? `Held against ${counted(result.rules, 'rule')}; nothing stands out.`
              : 'Add what you say and do not say, and texts are checked against it.'}
          </Notice>
        )}
        {result && result.problems.length > 0 && (
          <ul className="voice-problems">
            {result.problems.map((problem, index) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: the list is replaced as a whole.
              <li key={index}>
                <mark>{problem.text}</mark>
                <span className="sub">{problem.reason}</span>
              </li>
            ))}
          </ul>
        )}
      </div>
    </Card>
  );
}

function VoiceRules({ appId }: { appId: string }) {
  const facts = useQuery(factsQuery(appId));
  return (
    <Card title="Your voice">
      <Loaded query={facts}>
        {({ groups }) => {
          const own = groups
            .filter((group) => voiceKinds.includes(group.kind))
            .map((group) => ({ ...group, facts: group.facts.filter((fact) => fact.state !== 'retired') }))
            .filter((group) => group.facts.length > 0);
          if (own.length === 0)
            return <p className="table-empty">No rules yet. Add facts of the kinds Say, Do not say, Tone and Style.</p>;
          return own.map((group) => (
            <div key={group.kind} className="fact-group">
              <h3>{kindWords[group.kind]}</h3>
              <ul>
                {group.facts.map((fact) => (
                  <FactRow key={fact.id} fact={fact} />
                ))}
              </ul>
            </div>
          ));
        }}
      </Loaded>
    </Card>
  );
}
