import '#web/styles/measure.css';
import { X } from 'lucide-react';
import type { ReactNode } from 'react';
import { type Filter, useFilters } from '#web/filters.ts';

const operators: Record<Filter['operator'], string> = { is: '', is_not: 'is not', contains: 'has' };

/** What the page is narrowed to, as chips that can be taken away. `name` says a dimension in words, `show` a value. */
export function FilterBar({
  name,
  show,
  children,
}: {
  name: (dimension: string) => string;
  show?: (dimension: string, value: string) => ReactNode;
  /** What stands beside the chips, as a button that adds one. */
  children?: ReactNode;
}) {
  const { filters, remove, clear } = useFilters();
  if (filters.length === 0 && !children) return null;
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset is a form's, these narrow a page.
    <div className="filters" role="group" aria-label="Filters">
      {filters.map((filter) => (
        <button key={filter.dimension} type="button" className="chip filter-chip" onClick={() => remove(filter)}>
          <FilterWords filter={filter} name={name} show={show} />
          <X size={13} aria-hidden="true" />
          <span className="hidden-text">, remove this filter</span>
        </button>
      ))}
      {filters.length > 1 && (
        <button type="button" className="filter-clear" onClick={clear}>
          Clear all
        </button>
      )}
      {children}
    </div>
  );
}

/** A filter in words: `Country Germany or France`. */
export function FilterWords({
  filter: { dimension, operator, values },
  name,
  show = (_, value) => value || 'not known',
}: {
  filter: Filter;
  name: (dimension: string) => string;
  show?: ((dimension: string, value: string) => ReactNode) | undefined;
}) {
  return (
    <>
      <span className="filter-name">
        {name(dimension)} {operators[operator]}
      </span>
      <span className="clip">
        {values.map((value, index) => (
          <span key={value}>
            {index > 0 && ' or '}
            {show(dimension, value)}
          </span>
        ))}
      </span>
    </>
  );
}
