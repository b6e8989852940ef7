import { TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Search } from 'lucide-react';
import { useDeferredValue, useMemo, useState } from 'react';
import { counted } from '#web/format.ts';
import { LinkButton } from '#web/parts/button.tsx';
import { Card } from '#web/parts/card.tsx';
import { CopyField } from '#web/parts/copy-field.tsx';
import { Loaded } from '#web/parts/loaded.tsx';
import { Page } from '#web/parts/page.tsx';
import { SkeletonCard } from '#web/parts/skeleton.tsx';
import { type Call, callsOf, type Document, fieldsOf, groupsOf } from './reference/document.ts';
import { Operation } from './reference/operation.tsx';
import './reference/reference.css';

const documentQuery = {
  queryKey: ['openapi.json'],
  queryFn: async (): Promise<Document> => {
    const response = await fetch('/api/v1/openapi.json');
    if (!response.ok) throw new Error(`The server answered ${response.status} instead of its API document.`);
    return (await response.json()) as Document;
  },
  staleTime: Number.POSITIVE_INFINITY,
} as const;

/** The HTTP API as the server itself describes it. */
export function ReferencePage() {
  const query = useQuery(documentQuery);
  return (
    <Page
      title="API reference"
      intro="Everything this page’s buttons do, for your own programs."
      actions={
        <LinkButton to="/settings/$section" params={{ section: 'keys' }}>
          API keys
        </LinkButton>
      }
    >
      <Loaded query={query} title="The reference did not load" skeleton={<SkeletonCard height={480} />}>
        {(document) => <Reference document={document} />}
      </Loaded>
    </Page>
  );
}

function Reference({ document }: { document: Document }) {
  const [words, setWords] = useState('');
  const wanted = useDeferredValue(words);
  const calls = useMemo(() => callsOf(document), [document]);
  const found = useMemo(() => calls.filter((call) => matches(call, wanted)), [calls, wanted]);
  const groups = useMemo(() => groupsOf(found), [found]);
  const server = document.servers?.[0]?.url ?? `${location.origin}/api/v1`;
  return (
    <div className="reference">
      <nav className="reference-nav" aria-label="Groups of the API">
        <TextInput
          aria-label="Search the API"
          placeholder="Search"
          type="search"
          leftSection={<Search size={15} aria-hidden="true" />}
          value={words}
          onChange={(event) => setWords(event.currentTarget.value)}
        />
        <ul className="hide-on-phone">
          {groups.map(([tag, own]) => (
            <li key={tag}>
              <a href={`#${tag}`}>
                {tag}
                <span className="num">{own.length}</span>
              </a>
            </li>
          ))}
        </ul>
      </nav>
      <div className="stack">
        {!wanted && (
          <Card title="How to call it" padded>
            <div className="stack" data-gap="small">
              <p>
                Make a key under Settings, API keys, and send it with each request. Answers are JSON. Amounts of money
                are whole minor units in text, moments are ISO 8601 in UTC.
              </p>
              <p>
                The examples were run, each in a workspace with one thing of every kind, and the tests run them again.
                Lists are cut to two entries and long texts short; ids, keys and links are made up.
              </p>
              <CopyField label="address of the API" value={server} />
              <CopyField label="header" value="Authorization: Bearer <your key>" />
            </div>
          </Card>
        )}
        <p className="sub num" role="status">
          {wanted ? `${counted(found.length, 'operation')} for “${wanted}”` : counted(found.length, 'operation')}
        </p>
        {groups.map(([tag, own]) => (
          <section key={tag} id={tag} aria-labelledby={`${tag}-title`} className="card reference-group">
            <h2 id={`${tag}-title`}>{tag}</h2>
            {own.map((call) => (
              <Operation key={call.id} call={call} server={server} />
            ))}
          </section>
        ))}
        {groups.length === 0 && (
          <Card padded>Nothing has these words. Try a noun such as posts, or a part of a path such as /apps.</Card>
        )}
      </div>
    </div>
  );
}

function matches(call: Call, wanted: string): boolean {
  const fields = fieldsOf(call.body).map((field) => field.name);
  const text = [call.id, call.method, call.path, call.summary, ...fields].join(' ').toLowerCase();
  return wanted
    .toLowerCase()
    .split(/\s+/)
    .every((word) => text.includes(word));
}
