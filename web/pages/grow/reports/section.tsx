import { Change } from '#web/parts/change.tsx';
import type { Block, Figure, Section } from './words.ts';

type Drawn = { key: string; svg: string }[] | null;

/** One part of a report: its heading and its blocks, in the words they were frozen with. */
export function SectionView({ section: { key, title, wide, blocks }, charts }: { section: Section; charts: Drawn }) {
  return (
    <section id={`report-${key}`} data-wide={wide} aria-labelledby={`report-${key}-title`}>
      <h3 id={`report-${key}-title`}>{title}</h3>
      {blocks.map((block, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a frozen report never changes its order.
        <BlockView key={index} block={block} charts={charts} />
      ))}
    </section>
  );
}

function BlockView({ block, charts }: { block: Block; charts: Drawn }) {
  switch (block.type) {
    case 'figures':
      return (
        <dl className="paper-figures">
          {block.figures.map((figure) => (
            <FigureView key={figure.key} figure={figure} />
          ))}
        </dl>
      );
    case 'text':
      return block.sentences.map((sentence) => <p key={sentence}>{sentence}</p>);
    case 'missing':
      return (
        <p className="paper-missing">
          <strong>Not enough data.</strong> {block.sentence}
        </p>
      );
    case 'table':
      return <TableView block={block} />;
    case 'list':
      return (
        <ul className="paper-list">
          {block.items.map(({ text, detail, path }) => (
            <li key={text}>
              {path ? <a href={path}>{text}</a> : text}
              {detail && <small>{detail}</small>}
            </li>
          ))}
        </ul>
      );
    case 'chart': {
      const drawn = charts?.find(({ key }) => key === block.key);
      return (
        <figure className="paper-chart" data-form={block.form}>
          <figcaption>{block.title}</figcaption>
          {drawn ? (
            // A picture, so that nothing in it can run or ask for anything.
            <img alt={block.alt} src={`data:image/svg+xml;charset=utf-8,${encodeURIComponent(drawn.svg)}`} />
          ) : (
            <div className="paper-chart-space" role="status" aria-label="The chart is being drawn" />
          )}
        </figure>
      );
    }
  }
}

function FigureView({ figure: { label, shown, shownBefore, change, missing, value } }: { figure: Figure }) {
  return (
    <div data-empty={value === null}>
      <dt>{label}</dt>
      <dd>
        <strong className="num">{shown}</strong>
        {missing !== null ? (
          <small>{missing}</small>
        ) : (
          shownBefore !== null && (
            <small>
              {change !== null && <Change change={change} good="neither" />} before {shownBefore}
            </small>
          )
        )}
      </dd>
    </div>
  );
}

function TableView({ block: { title, note, columns, rows } }: { block: Extract<Block, { type: 'table' }> }) {
  return (
    <div className="paper-table">
      <h4>{title}</h4>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls sideways is reached by the keyboard too. */}
      <section className="paper-scroll" tabIndex={0} aria-label={`${title}, table`}>
        <table>
          <thead>
            <tr>
              {columns.map(({ label, numeric }) => (
                <th key={label} scope="col" data-align={numeric ? 'right' : undefined}>
                  {label}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {rows.map((row) => (
              <tr key={row.join('|')}>
                {columns.map(({ label, numeric }, column) => (
                  <td key={label} data-align={numeric ? 'right' : undefined} className={numeric ? 'num' : undefined}>
                    {row[column]}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </section>
      {note && <p className="sub">{note}</p>}
    </div>
  );
}
