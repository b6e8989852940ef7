import '#web/styles/forms.css';
import { NativeSelect, TextInput } from '@mantine/core';
import { useDebouncedCallback } from '@mantine/hooks';
import { useState } from 'react';
import type { Preview, Template, Variable } from './queries.ts';
import { called } from './words.ts';

/** What knowledge does not fill: a field for each such variable, of its type, with the reason it is open. */
export function ValueFields({
  template,
  values,
  missing,
  onValues,
}: {
  template: Template;
  values: Record<string, string>;
  missing: Preview['missing'];
  onValues: (values: Record<string, string>) => void;
}) {
  const [typed, setTyped] = useState(values);
  const settle = useDebouncedCallback(onValues, 300);
  const open = template.variables.filter(
    ({ name, type }) =>
      missing.some((one) => one.name === name) ||
      name in typed ||
      !(type === 'fact' || name === 'app' || name === 'link' || name === 'tagline'),
  );
  if (open.length === 0) return null;
  const set = (name: string, value: string) => {
    const next = { ...typed, [name]: value };
    setTyped(next);
    settle(Object.fromEntries(Object.entries(next).filter(([, each]) => each.trim() !== '')));
  };
  return (
    <div className="template-values">
      {open.map((variable) => (
        <Field
          key={variable.name}
          variable={variable}
          value={typed[variable.name] ?? ''}
          why={missing.find(({ name }) => name === variable.name)?.why}
          onValue={(value) => set(variable.name, value)}
        />
      ))}
    </div>
  );
}

function Field({
  variable: { name, type, description, choices },
  value,
  why,
  onValue,
}: {
  variable: Variable;
  value: string;
  why: string | undefined;
  onValue: (value: string) => void;
}) {
  const shared = { label: called(name), description: [description, why].filter(Boolean).join('. ') || undefined };
  if (type === 'choice')
    return (
      <NativeSelect
        {...shared}
        value={value}
        onChange={(event) => onValue(event.currentTarget.value)}
        data={[{ value: '', label: 'Choose' }, ...choices.map((each) => ({ value: each, label: each }))]}
      />
    );
  return (
    <TextInput
      {...shared}
      type={type === 'date' ? 'date' : type === 'url' ? 'url' : 'text'}
      inputMode={type === 'number' ? 'decimal' : undefined}
      maxLength={2000}
      value={value}
      onChange={(event) => onValue(event.currentTarget.value)}
    />
  );
}
