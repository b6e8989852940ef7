import { Link } from '@tanstack/react-router';
import type { Token, Tokens } from 'marked';
import { createElement, Fragment, type ReactNode } from 'react';
import { CopyButton, CopyStatus, useCopying } from '#web/parts/copy.tsx';
import { anchorOf, entries, plain } from './library.ts';

/**
 * Draws what Markdown was read as. Everything becomes an element of ours, so whatever a text says, it is text: HTML in it
 * is shown as it stands.
 *
 * @param slug the text it is of: links between texts are written as between files
 */
export function Markdown({ tokens, slug }: { tokens: Token[]; slug: string }) {
  const inner = (own: Token[] | undefined) => <Markdown tokens={own ?? []} slug={slug} />;
  return placed(
    Fragment,
    tokens.map((token) => block(token as Tokens.Generic, slug, inner)),
  );
}

type Inner = (tokens: Token[] | undefined) => ReactNode;

function block(token: Tokens.Generic, slug: string, inner: Inner): ReactNode {
  switch (token.type) {
    case 'heading':
      return <Heading token={token as Tokens.Heading}>{inner(token.tokens)}</Heading>;
    case 'paragraph':
      return <p>{inner(token.tokens)}</p>;
    case 'code':
      return <Code text={token.text} />;
    case 'blockquote':
      return <blockquote>{inner(token.tokens)}</blockquote>;
    case 'list':
      return <List token={token as Tokens.List} inner={inner} />;
    case 'table':
      return <Table token={token as Tokens.Table} inner={inner} />;
    case 'hr':
      return <hr />;
    case 'space':
    case 'def':
      return null;
    default:
      return inline(token, slug, inner);
  }
}

function inline(token: Tokens.Generic, slug: string, inner: Inner): ReactNode {
  switch (token.type) {
    case 'strong':
      return <strong>{inner(token.tokens)}</strong>;
    case 'em':
      return <em>{inner(token.tokens)}</em>;
    case 'del':
      return <del>{inner(token.tokens)}</del>;
    case 'codespan':
      return <code>{token.text}</code>;
    case 'br':
      return <br />;
    case 'link':
      return <Anchor href={token.href} slug={slug} text={inner(token.tokens)} />;
    case 'text':
    case 'escape':
      return token.tokens ? inner(token.tokens) : token.text;
    default:
      return token.raw;
  }
}

function Heading({ token, children }: { token: Tokens.Heading; children: ReactNode }) {
  const anchor = anchorOf(plain(token.tokens));
  if (token.depth === 1) return <h1>{children}</h1>;
  const Level = `h${token.depth}` as 'h2' | 'h3' | 'h4';
  return (
    <Level id={anchor}>
      {children}
      <a className="docs-anchor" href={`#${anchor}`} aria-label={`Link to ${plain(token.tokens)}`}>
        #
      </a>
    </Level>
  );
}

function List({ token, inner }: { token: Tokens.List; inner: Inner }) {
  const items = placed(
    Fragment,
    token.items.map((item) => placed('li', [inner(item.tokens)])),
  );
  return token.ordered ? <ol start={Number(token.start) || 1}>{items}</ol> : <ul>{items}</ul>;
}

/** Something to type or to paste, with a button that takes it along. */
function Code({ text }: { text: string }) {
  const copying = useCopying(text);
  return (
    <div className="docs-code">
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a long line is scrolled with the keyboard, too. */}
      <pre tabIndex={0}>
        <code>{text}</code>
      </pre>
      <CopyButton label="Copy" copying={copying} />
      <CopyStatus copying={copying} />
    </div>
  );
}

function Table({ token, inner }: { token: Tokens.Table; inner: Inner }) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a wide table is scrolled with the keyboard, too.
    <section className="docs-table" tabIndex={0} aria-label={`Table: ${plain(token.header[0]?.tokens ?? [])}`}>
      <table>
        <thead>
          {placed(
            'tr',
            // A head without words names nothing.
            token.header.map((cell) => placed(cell.text ? 'th' : 'td', [inner(cell.tokens)])),
          )}
        </thead>
        {placed(
          'tbody',
          token.rows.map((row) =>
            placed(
              'tr',
              row.map((cell) => placed('td', [inner(cell.tokens)])),
            ),
          ),
        )}
      </table>
    </section>
  );
}

/** A text never changes its order, so its parts are known by their place and need no keys. */
function placed(type: typeof Fragment | 'li' | 'tr' | 'th' | 'td' | 'tbody', children: ReactNode[]): ReactNode {
  return createElement(type, null, ...children);
}

/** Another text here, a place on the web, or a file of the program, which is named only. */
function Anchor({ href, slug, text }: { href: string; slug: string; text: ReactNode }) {
  if (/^https?:/.test(href))
    return (
      <a href={href} rel="noreferrer" target="_blank">
        {text}
      </a>
    );
  if (href.startsWith('#')) return <a href={href}>{text}</a>;
  const { pathname, hash } = new URL(href, `file:///docs/${slug}`);
  const path = pathname.replace(/^\/docs\/|^\//, '');
  const target = path.replace(/\.md$/, '');
  if (!entries.some((entry) => entry.slug === target)) return <code>{path}</code>;
  return (
    <Link to="/docs/$" params={{ _splat: target }} {...(hash ? { hash: hash.slice(1) } : {})}>
      {text}
    </Link>
  );
}
