import { NativeSelect, TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link, useNavigate, useParams } from '@tanstack/react-router';
import { Search } from 'lucide-react';
import { lexer, type Token } from 'marked';
import { useDeferredValue, useEffect, useMemo, useState } from 'react';
import { counted } from '#web/format.ts';
import { Loaded } from '#web/parts/loaded.tsx';
import { useTitle } from '#web/parts/page.tsx';
import { SkeletonCard } from '#web/parts/skeleton.tsx';
import { entries, headingsOf, lookUp, readSections, readText, type Section, shelves } from './docs/library.ts';
import { Markdown } from './docs/markdown.tsx';
import './docs/docs.css';

/** The texts that come with this Fanfare, of exactly its version; for whoever has its address, signed in or not. */
export function DocsPage() {
  const { _splat: slug = '' } = useParams({ strict: false });
  const go = useNavigate();
  // A search ends where another text is opened.
  const [search, setSearch] = useState({ slug, words: '' });
  const words = search.slug === slug ? search.words : '';
  const wanted = useDeferredValue(words.trim());
  const current = entries.find((entry) => entry.slug === (slug || entries[0]!.slug));
  return (
    <div className="docs">
      <header className="docs-head">
        <Link to="/docs/$" params={{ _splat: '' }} className="brand">
          <img src="/favicon.svg" alt="" width={22} height={22} />
          Fanfare docs
        </Link>
        <TextInput
          aria-label="Search the docs"
          placeholder="Search"
          type="search"
          leftSection={<Search size={15} aria-hidden="true" />}
          value={words}
          onChange={(event) => setSearch({ slug, words: event.currentTarget.value })}
        />
        <NativeSelect
          className="docs-choice"
          aria-label="Text"
          value={current?.slug ?? ''}
          onChange={(event) => void go({ to: '/docs/$', params: { _splat: event.currentTarget.value } })}
          data={shelves.map((shelf) => ({
            group: shelf.title,
            items: shelf.entries.map((entry) => ({ value: entry.slug, label: entry.title })),
          }))}
        />
        <Link to="/" className="docs-back">
          Open Fanfare
        </Link>
      </header>
      <nav className="docs-nav" aria-label="Docs">
        {shelves.map((shelf) => (
          <section key={shelf.title}>
            <h2>{shelf.title}</h2>
            <ul>
              {shelf.entries.map((entry) => (
                <li key={entry.slug}>
                  <Link
                    to="/docs/$"
                    params={{ _splat: entry.slug }}
                    {...(entry === current ? { 'aria-current': 'page' as const } : {})}
                  >
                    {entry.title}
                  </Link>
                </li>
              ))}
            </ul>
          </section>
        ))}
      </nav>
      {wanted ? <Found wanted={wanted} /> : current ? <Text slug={current.slug} title={current.title} /> : <Missing />}
    </div>
  );
}

function Text({ slug, title }: { slug: string; title: string }) {
  useTitle(title);
  const query = useQuery({
    queryKey: ['docs', slug],
    queryFn: () => readText(slug),
    staleTime: Number.POSITIVE_INFINITY,
  });
  return (
    <Loaded
      query={query}
      title="The text did not load"
      skeleton={
        <main>
          <SkeletonCard height={480} />
        </main>
      }
    >
      {(text) => <Read key={slug} text={text} slug={slug} />}
    </Loaded>
  );
}

function Read({ text, slug }: { text: string; slug: string }) {
  const tokens = useMemo(() => lexer(text), [text]);
  useEffect(() => {
    // The text came after the address: what it points to is gone to now.
    const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (target) target.scrollIntoView();
    else scrollTo(0, 0);
  }, []);
  return (
    <>
      <main className="docs-text">
        <Markdown tokens={tokens} slug={slug} />
      </main>
      <Contents tokens={tokens} />
    </>
  );
}

function Contents({ tokens }: { tokens: Token[] }) {
  const headings = headingsOf(tokens);
  if (headings.length < 3) return null;
  return (
    <nav className="docs-contents" aria-label="On this page">
      <h2>On this page</h2>
      <ul>
        {headings.map(({ depth, text, anchor }) => (
          <li key={anchor} data-depth={depth}>
            <a href={`#${anchor}`}>{text}</a>
          </li>
        ))}
      </ul>
    </nav>
  );
}

function Found({ wanted }: { wanted: string }) {
  const query = useQuery({ queryKey: ['docs-sections'], queryFn: readSections, staleTime: Number.POSITIVE_INFINITY });
  return (
    <main className="docs-text">
      <h1>Search</h1>
      <Loaded query={query} title="The texts did not load" skeleton={<SkeletonCard height={240} />}>
        {(sections) => <Results sections={lookUp(sections, wanted)} wanted={wanted} />}
      </Loaded>
    </main>
  );
}

function Results({ sections, wanted }: { sections: Section[]; wanted: string }) {
  return (
    <>
      <p role="status" className="sub">
        {sections.length === 0
          ? `No section has “${wanted}”. Try fewer or shorter words.`
          : `${counted(sections.length, 'section')} with “${wanted}”`}
      </p>
      <ul className="docs-results">
        {sections.map(({ slug, page, anchor, heading }) => (
          <li key={`${slug}#${anchor}`}>
            <Link to="/docs/$" params={{ _splat: slug }} hash={anchor}>
              {heading}
              <span className="sub">{page}</span>
            </Link>
          </li>
        ))}
      </ul>
    </>
  );
}

function Missing() {
  useTitle('Not found');
  return (
    <main className="docs-text">
      <h1>There is no such text</h1>
      <p>It may have another name in this version. The list has everything there is.</p>
    </main>
  );
}
