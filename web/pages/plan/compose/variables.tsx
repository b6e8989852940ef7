import { useQuery } from '@tanstack/react-query';
import { useEffect, useRef } from 'react';
import type { App } from '#web/app.tsx';
import { type Facts, factsQuery } from '#web/pages/understand/knowledge/queries.ts';
import { kindWords } from '#web/pages/understand/knowledge/words.ts';
import { LINK } from './draft.ts';

export interface Choice {
  id: string;
  group: string;
  /** What is put into the text. */
  insert: string;
  label: string;
}

/** So many are shown; typing on finds the others. */
const SHOWN = 30;

/** What `{{` offers: the tracked link, the app itself, and what is known of it, filtered by what was typed after it. */
export function useChoices(app: App, wanted: string | undefined): Choice[] {
  const facts = useQuery({ ...factsQuery(app.id), enabled: wanted !== undefined });
  return wanted === undefined ? [] : choicesOf(app, facts.data, wanted);
}

function choicesOf(app: App, facts: Facts | undefined, wanted: string): Choice[] {
  const words = wanted.toLowerCase().split(/\s+/).filter(Boolean);
  const all: Choice[] = [
    { id: 'link', group: 'Links', insert: LINK, label: 'Tracked link' },
    { id: 'url', group: 'Links', insert: app.url, label: `Address, ${app.url}` },
    { id: 'name', group: app.name, insert: app.name, label: 'Name' },
    ...(facts?.groups ?? []).flatMap(({ kind, facts: known }) =>
      known
        .filter(({ state }) => state !== 'retired')
        .map(({ id, statement }) => ({ id, group: kindWords[kind], insert: statement, label: statement })),
    ),
  ];
  return all
    .filter(({ group, label }) => words.every((word) => `${group} ${label}`.toLowerCase().includes(word)))
    .slice(0, SHOWN);
}

/** The list under the field; the field keeps the focus and says which one is active. */
export function VariableList({
  id,
  choices,
  active,
  onPick,
}: {
  id: string;
  choices: Choice[];
  active: number;
  onPick: (choice: Choice) => void;
}) {
  const list = useRef<HTMLDivElement>(null);
  useEffect(() => {
    list.current?.children[active]?.scrollIntoView({ block: 'nearest' });
  }, [active]);
  return (
    <div id={id} ref={list} className="variables" role="listbox" aria-label="What is known of your app">
      {choices.map((choice, index) => (
        // biome-ignore lint/a11y/useKeyWithClickEvents: the keys are the field's, which keeps the focus.
        <div
          key={choice.id}
          id={`${id}-${choice.id}`}
          role="option"
          tabIndex={-1}
          aria-selected={index === active}
          onMouseDown={(event) => event.preventDefault()}
          onClick={() => onPick(choice)}
        >
          <span className="sub">{choice.group}</span>
          <span>{choice.label}</span>
        </div>
      ))}
      {choices.length === 0 && (
        <div role="option" aria-selected="false" aria-disabled="true" tabIndex={-1}>
          <span className="sub">Nothing known says that. Escape closes this.</span>
        </div>
      )}
    </div>
  );
}
