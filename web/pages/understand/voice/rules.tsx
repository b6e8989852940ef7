import { NativeSelect, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useQuery } from '@tanstack/react-query';
import { api } from '#web/api.ts';
import { useChange } from '#web/change.ts';
import { FactRow } from '#web/pages/understand/knowledge/fact.tsx';
import { factsQuery, knowledgeKey } from '#web/pages/understand/knowledge/queries.ts';
import { kindWords } from '#web/pages/understand/knowledge/words.ts';
import { Button } from '#web/parts/button.tsx';
import { Card } from '#web/parts/card.tsx';
import { ErrorNotice } from '#web/parts/error-notice.tsx';
import { Loaded } from '#web/parts/loaded.tsx';

const voiceKinds = ['do_say', 'dont_say', 'style_note', 'tone', 'personality'];

/** The rules of the voice: found on the pages, or one's own. */
export function VoiceRules({ appId }: { appId: string }) {
  const facts = useQuery(factsQuery(appId));
  return (
    <Card title="Your rules">
      <div className="card-body">
        <AddRule appId={appId} />
      </div>
      <Loaded query={facts}>
        {({ groups }) => {
          const own = groups
            .filter((group) => voiceKinds.includes(group.kind))
            .map((group) => ({ ...group, facts: group.facts.filter((fact) => fact.state !== 'retired') }))
            .filter((group) => group.facts.length > 0);
          if (own.length === 0) return <p className="table-empty">No rules yet. Name a word you never use.</p>;
          return (
            <div className="voice-rules">
              {own.map((group) => (
                <div key={group.kind} className="fact-group">
                  <h3>{kindWords[group.kind]}</h3>
                  <ul>
                    {group.facts.map((fact) => (
                      <FactRow key={fact.id} fact={fact} />
                    ))}
                  </ul>
                </div>
              ))}
            </div>
          );
        }}
      </Loaded>
    </Card>
  );
}

type Rule = { kind: 'dont_say' | 'do_say' | 'style_note'; words: string };

/** Words are put in quotation marks, as the checker reads them; a note on style stays as it is. */
function statementOf({ kind, words }: Rule): string {
  const quoted = words
    .split(',')
    .map((word) => word.trim().replace(/^[“"]|[”"]$/g, ''))
    .filter((word) => word !== '')
    .map((word) => `“${word}”`);
  if (kind === 'style_note') return words.trim();
  if (kind === 'dont_say') return `Do not say ${quoted.join(', ')}.`;
  const [say, ...instead] = quoted;
  return instead.length > 0 ? `Say ${say}, not ${instead.join(', ')}.` : `Say ${say}.`;
}

const placeholders = {
  dont_say: 'synergy, leverage',
  do_say: 'customers, users',
  style_note: 'Example: “Shipped. Took two days.”',
};
const hints = {
  dont_say: 'Words to avoid, with commas between them.',
  do_say: 'The word to use first, then those it stands for.',
  style_note: 'A note or an example for drafts; it is not checked.',
};

function AddRule({ appId }: { appId: string }) {
  const form = useForm<Rule>({
    initialValues: { kind: 'dont_say', words: '' },
    validate: { words: (value) => (value.replaceAll(',', '').trim() ? null : 'Type a word') },
  });
  const adding = useChange(
    (rule: Rule) => api.knowledge.add({ appId, kind: rule.kind, statement: statementOf(rule) }),
    { refreshes: [knowledgeKey(appId)], says: 'Rule added', after: () => form.setFieldValue('words', '') },
  );
  return (
    <form className="inline-form" noValidate onSubmit={form.onSubmit((rule) => adding.mutate(rule))}>
      <TextInput
        aria-label="Words of the rule"
        placeholder={placeholders[form.values.kind]}
        description={hints[form.values.kind]}
        inputWrapperOrder={['label', 'input', 'description', 'error']}
        {...form.getInputProps('words')}
      />
      <NativeSelect
        aria-label="Kind of rule"
        data={[
          { value: 'dont_say', label: 'Do not say' },
          { value: 'do_say', label: 'Say' },
          { value: 'style_note', label: 'Style' },
        ]}
        {...form.getInputProps('kind')}
      />
      <Button type="submit" busy={adding.isPending}>
        Add
      </Button>
      {adding.error && <ErrorNotice title="Not added" error={adding.error} />}
    </form>
  );
}
