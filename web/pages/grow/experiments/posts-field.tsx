import { MultiSelect } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { postsQuery } from '#web/queries.ts';

/** Posts of the app that are still to come, by their titles: what is out was written for no arm. */
export function PostsField({
  appId,
  label,
  description,
  value,
  onChange,
}: {
  appId: string;
  label: string;
  description: string;
  value: string[];
  onChange: (postIds: string[]) => void;
}) {
  const [search, setSearch] = useState('');
  const [query] = useDebouncedValue(search, 200);
  const found = useQuery(postsQuery({ appId, limit: 100, ...(query ? { search: query } : {}) }));
  const [known, setKnown] = useState<Record<string, string>>({});
  const posts = (found.data?.posts ?? []).filter(({ publishedAt }) => publishedAt === null);
  const names = { ...known, ...Object.fromEntries(posts.map((post) => [post.id, post.title])) };
  return (
    <MultiSelect
      label={label}
      description={description}
      placeholder={value.length === 0 ? 'Search what is still to come' : undefined}
      data={Object.entries(names).map(([id, title]) => ({ value: id, label: title }))}
      value={value}
      onChange={(next) => {
        setKnown(Object.fromEntries(next.map((id) => [id, names[id] ?? id])));
        onChange(next);
      }}
      searchable
      searchValue={search}
      onSearchChange={setSearch}
      nothingFoundMessage="No post that is still to come"
      maxDropdownHeight={220}
      hidePickedOptions
    />
  );
}
