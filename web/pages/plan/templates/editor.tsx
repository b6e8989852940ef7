import '#web/styles/forms.css';
import { Modal, NativeSelect, Textarea, TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Plus, X } from 'lucide-react';
import { type FormEvent, useState } from 'react';
import { api } from '#web/api.ts';
import { useApp } from '#web/app.tsx';
import { useChange } from '#web/change.ts';
import { platformsQuery } from '#web/pages/people/settings/account-queries.ts';
import { Button, IconButton } from '#web/parts/button.tsx';
import { ErrorNotice } from '#web/parts/error-notice.tsx';
import { type Kind, type Template, templatesKey, templatesQuery } from './queries.ts';
import { asGiven, type Described, describedOf, namesIn, VariableRow } from './variable-row.tsx';
import { Versions } from './versions.tsx';
import { type Wording, WordingFields } from './wording-fields.tsx';
import { kinds, kindWords } from './words.ts';

/** Writes a template: a new one, a copy of any, or a change of one's own. */
export function Editor({
  template,
  copy,
  kind: startKind,
  onClose,
  onSaved,
}: {
  template?: Template;
  copy: boolean;
  kind: Kind | undefined;
  onClose: () => void;
  onSaved: (kind: Kind) => void;
}) {
  const app = useApp();
  const known = useKnown(app.id);
  const platforms = useQuery(platformsQuery);
  const [name, setName] = useState(template ? `${template.name}${copy ? ', my way' : ''}` : '');
  const [kind, setKind] = useState<Kind>(template?.kind ?? startKind ?? 'launch_announcement');
  const [platform, setPlatform] = useState(template?.platform ?? 'x');
  const [parts, setParts] = useState(template?.parts ?? ['']);
  const [wordings, setWordings] = useState<Wording[]>(template?.wordings ?? []);
  const [described, setDescribed] = useState<Record<string, Described>>(() => describedOf(template));
  const changes = template && !copy;
  const saving = useChange(
    async () => {
      const own = names.filter((each) => !known.has(each)).map((each) => asGiven(each, described[each]));
      const said = { name: name.trim(), kind, platform, parts, variables: own, wordings: worded };
      if (changes) await api.templates.update({ templateId: template.id, ...said });
      else await api.templates.create(said);
    },
    { refreshes: [templatesKey], after: () => onSaved(kind) },
  );
  const worded = wordings.filter((one) => one.platform !== platform);
  const names = namesIn([...parts, ...worded.flatMap((one) => [one.title, ...one.parts])]);
  const own = names.filter((each) => !known.has(each));
  const setPart = (index: number, text: string) => setParts(parts.map((part, at) => (at === index ? text : part)));
  const save = (event: FormEvent) => {
    event.preventDefault();
    saving.mutate(undefined);
  };
  return (
    <Modal
      opened
      onClose={onClose}
      title={changes ? `Edit ${template.name}` : 'New template'}
      centered
      size={640}
      closeButtonProps={{ 'aria-label': 'Close' }}
      overlayProps={{ color: 'var(--overlay)', backgroundOpacity: 1 }}
    >
      <form onSubmit={save} className="stack">
        <TextInput
          label="Name"
          maxLength={120}
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
          required
          data-autofocus
        />
        <div className="pair">
          <NativeSelect
            label="Kind"
            value={kind}
            onChange={(event) => setKind(event.currentTarget.value as Kind)}
            data={kinds.map((value) => ({ value, label: kindWords[value] }))}
          />
          <NativeSelect
            label="Written for"
            value={platform}
            onChange={(event) => setPlatform(event.currentTarget.value)}
            data={(platforms.data ?? [{ id: platform, name: platform }]).map(({ id, name: label }) => ({
              value: id,
              label,
            }))}
          />
        </div>
        {parts.map((part, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: a part has no name; its place in the thread is what it is.
          <div className="template-part" key={index}>
            <Textarea
              label={parts.length > 1 ? `Text of part ${index + 1}` : 'Text'}
              description={
                index === 0 ? 'Write {{feature}} or {{code}} where something is to be filled in.' : undefined
              }
              autosize
              minRows={3}
              maxLength={5000}
              value={part}
              onChange={(event) => setPart(index, event.currentTarget.value)}
              required
            />
            {parts.length > 1 && (
              <IconButton
                label={`Remove part ${index + 1}`}
                onClick={() => setParts(parts.filter((_, at) => at !== index))}
              >
                <X size={15} />
              </IconButton>
            )}
          </div>
        ))}
        <div className="template-more">
          <NativeSelect
            aria-label="Insert what is known"
            value=""
            onChange={(event) => {
              const last = parts.length - 1;
              setPart(last, `${parts[last]}{{${event.currentTarget.value}}}`);
            }}
            data={[
              { value: '', label: 'Insert what is known' },
              ...[...known].map(([value, description]) => ({ value, label: `${value}: ${description}` })),
            ]}
          />
          {parts.length < 25 && (
            <Button look="quiet" onClick={() => setParts([...parts, ''])}>
              <Plus size={14} aria-hidden="true" />
              Another part
            </Button>
          )}
        </div>
        <WordingFields
          wordings={worded}
          platforms={(platforms.data ?? [])
            .filter(({ id }) => id !== platform)
            .map(({ id, name: label, limits }) => ({ id, name: label, title: limits.title !== null }))}
          onChange={setWordings}
        />
        {own.length > 0 && (
          <fieldset className="template-variables">
            <legend>What is to be filled in</legend>
            {own.map((each) => (
              <VariableRow
                key={each}
                name={each}
                described={described[each]}
                onChange={(next) => setDescribed({ ...described, [each]: next })}
              />
            ))}
          </fieldset>
        )}
        {saving.error && <ErrorNotice title="Not saved" error={saving.error} />}
        {changes && template.version > 1 && <Versions template={template} onRestored={onClose} />}
        <div className="dialog-actions">
          <Button onClick={onClose}>Cancel</Button>
          <Button
            type="submit"
            look="primary"
            busy={saving.isPending}
            disabled={
              name.trim() === '' || [...parts, ...worded.flatMap((one) => one.parts)].some((part) => part.trim() === '')
            }
          >
            Save
          </Button>
        </div>
      </form>
    </Modal>
  );
}

/** The names the product fills by itself, with what each means: those the built-in templates use. */
function useKnown(appId: string): Map<string, string> {
  const all = useQuery(templatesQuery(appId)).data ?? [];
  return new Map(
    all
      .filter(({ builtIn }) => builtIn)
      .flatMap(({ variables }) => variables.map(({ name, description }) => [name, description] as const))
      .toSorted(([a], [b]) => a.localeCompare(b)),
  );
}
