import { NativeSelect, TextInput } from '@mantine/core';
import type { api } from '#web/api.ts';
import { kindWords } from '#web/pages/understand/knowledge/words.ts';
import type { Template, Variable } from './queries.ts';
import { typeWords } from './words.ts';

type Given = NonNullable<Parameters<typeof api.templates.create>[0]['variables']>[number];
type FactKind = NonNullable<Given['factKind']>;

export interface Described {
  type: Variable['type'];
  description: string;
  factKind: string;
  /** As typed, with commas between. */
  choices: string;
}

const plain: Described = { type: 'text', description: '', factKind: 'feature', choices: '' };

export function describedOf(template: Template | undefined): Record<string, Described> {
  return Object.fromEntries(
    (template?.variables ?? []).map(({ name, type, description, factKind, choices }) => [
      name,
      { type, description, factKind: factKind ?? plain.factKind, choices: choices.join(', ') },
    ]),
  );
}

export function asGiven(name: string, { type, description, factKind, choices }: Described = plain): Given {
  return {
    name,
    type,
    description,
    ...(type === 'fact' && isFactKind(factKind) ? { factKind } : {}),
    ...(type === 'choice'
      ? {
          choices: choices
            .split(',')
            .map((each) => each.trim())
            .filter(Boolean),
        }
      : {}),
  };
}

/** The names in `{{…}}`, each once. */
export function namesIn(parts: readonly string[]): string[] {
  return [...new Set(parts.flatMap((part) => [...part.matchAll(/\{\{(\w+)\}\}/g)].map((match) => match[1]!)))];
}

/** The type of one variable, and what that type needs to know. */
export function VariableRow({
  name,
  described = plain,
  onChange,
}: {
  name: string;
  described?: Described | undefined;
  onChange: (described: Described) => void;
}) {
  const { type, description, factKind, choices } = described;
  return (
    <div className="template-variable">
      <code>{name}</code>
      <NativeSelect
        aria-label={`Type of ${name}`}
        value={type}
        onChange={(event) => onChange({ ...described, type: event.currentTarget.value as Variable['type'] })}
        data={Object.entries(typeWords).map(([value, label]) => ({ value, label }))}
      />
      {type === 'fact' && (
        <NativeSelect
          aria-label={`Knowledge for ${name}`}
          value={factKind}
          onChange={(event) => onChange({ ...described, factKind: event.currentTarget.value })}
          data={Object.entries(kindWords).map(([value, label]) => ({ value, label }))}
        />
      )}
      {type === 'choice' && (
        <TextInput
          aria-label={`Values of ${name}`}
          placeholder="small, medium, large"
          value={choices}
          onChange={(event) => onChange({ ...described, choices: event.currentTarget.value })}
        />
      )}
      <TextInput
        aria-label={`What ${name} means`}
        placeholder="What it means"
        maxLength={300}
        value={description}
        onChange={(event) => onChange({ ...described, description: event.currentTarget.value })}
      />
    </div>
  );
}

function isFactKind(kind: string): kind is FactKind {
  return kind in kindWords;
}
