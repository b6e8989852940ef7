import '#web/styles/forms.css';
import { Modal, NativeSelect, TagsInput } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { api } from '#web/api.ts';
import { type Filter, useFilters } from '#web/filters.ts';
import { Button } from '#web/parts/button.tsx';
import { analyticsKey, type Dimension, type Question } from './queries.ts';
import { dimensionNames, valueWords } from './words.tsx';

const groups: [string, Dimension[]][] = [
  ['Pages', ['path', 'entry', 'exit', 'host']],
  ['Where from', ['source', 'channel', 'medium', 'referrer', 'campaign', 'content', 'term', 'post']],
  ['Who', ['country', 'device', 'browser', 'system']],
  ['What', ['event']],
];

/** Several values, all but one, or a part of a name: what no click on a row says. */
export function FilterDialog({ question, onClose }: { question: Question; onClose: () => void }) {
  const { add } = useFilters();
  const [dimension, setDimension] = useState<Dimension>('path');
  const [operator, setOperator] = useState<Filter['operator']>('is');
  const [chosen, setChosen] = useState<string[]>([]);
  const [typed, setTyped] = useState('');
  const [search] = useDebouncedValue(typed.trim(), 150);
  const known = useQuery({
    queryKey: [...analyticsKey, 'values', question, dimension, search],
    queryFn: () => api.analytics.breakdown({ ...question, dimension, limit: 30, ...(search ? { search } : {}) }),
    placeholderData: keepPreviousData,
  });
  // Shown in words, sent as they are.
  const rows = known.data?.dimension === dimension ? known.data.rows : [];
  const byWords = new Map(rows.map(({ value, label }) => [valueWords(dimension, value, label), value]));
  const values = [...new Set([...chosen, typed.trim()].filter(Boolean))];
  return (
    <Modal
      opened
      onClose={onClose}
      title="Add a filter"
      centered
      size={460}
      closeButtonProps={{ 'aria-label': 'Close' }}
      overlayProps={{ color: 'var(--overlay)', backgroundOpacity: 1 }}
    >
      <form
        className="form"
        onSubmit={(event) => {
          event.preventDefault();
          add({ dimension, operator, values: values.map((one) => byWords.get(one) ?? one) });
          onClose();
        }}
      >
        <div className="pair">
          <NativeSelect
            label="Filter by"
            value={dimension}
            data={groups.map(([group, each]) => ({
              group,
              items: each.map((value) => ({ value, label: dimensionNames[value][0] })),
            }))}
            onChange={(event) => {
              setDimension(event.currentTarget.value as Dimension);
              setChosen([]);
              setTyped('');
            }}
          />
          <NativeSelect
            label="Condition"
            value={operator}
            data={[
              { value: 'is', label: 'is' },
              { value: 'is_not', label: 'is not' },
              { value: 'contains', label: 'has in it' },
            ]}
            onChange={(event) => setOperator(event.currentTarget.value as Filter['operator'])}
          />
        </div>
        <TagsInput
          className="filter-values"
          maxDropdownHeight={170}
          label="Values"
          description="Any of them"
          maxTags={20}
          data={[...byWords.keys()]}
          value={chosen}
          onChange={setChosen}
          searchValue={typed}
          onSearchChange={setTyped}
          filter={({ options }) => options}
        />
        <div className="form-foot">
          <Button type="submit" look="primary" disabled={values.length === 0}>
            Add filter
          </Button>
        </div>
      </form>
    </Modal>
  );
}
