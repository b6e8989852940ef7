import { Popover } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { Bell, Check } from 'lucide-react';
import { useState } from 'react';
import { api } from './api.ts';
import { relative } from './format.ts';
import { Button, IconButton } from './parts/button.tsx';
import { noticesQuery } from './queries.ts';
import { useWords } from './words.ts';

/** What happened while one was away: the unread notices, each leading to its place. */
export function NoticeBell() {
  const { say, locale, language } = useWords();
  const [opened, setOpened] = useState(false);
  const queries = useQueryClient();
  const go = useNavigate();
  const { data: notices = [] } = useQuery(noticesQuery);
  const read = useMutation({
    mutationFn: (ids: string[]) => Promise.all(ids.map((noticeId) => api.notices.read({ noticeId }))),
    onSettled: () => queries.invalidateQueries({ queryKey: noticesQuery.queryKey }),
  });
  // The server speaks English.
  const server = language === 'en' ? undefined : 'en';
  return (
    <Popover opened={opened} onChange={setOpened} position="top-start" width={340} trapFocus returnFocus shadow="none">
      <Popover.Target>
        <IconButton
          label={notices.length > 0 ? say('notices.unread', { count: notices.length }) : say('notices.title')}
          onClick={() => setOpened(!opened)}
        >
          <Bell size={16} strokeWidth={1.75} />
          {notices.length > 0 && <i className="bell-dot" aria-hidden="true" />}
        </IconButton>
      </Popover.Target>
      <Popover.Dropdown p={0} aria-label={say('notices.title')}>
        <div className="notices-head">
          <h2>{say('notices.title')}</h2>
          {notices.length > 1 && (
            <Button
              size="small"
              look="quiet"
              busy={read.isPending}
              onClick={() => read.mutate(notices.map(({ id }) => id))}
            >
              {say('notices.readAll')}
            </Button>
          )}
        </div>
        {notices.length === 0 && <p className="notices-empty sub">{say('notices.none')}</p>}
        <ul className="notices">
          {notices.map((notice) => (
            <li key={notice.id}>
              <button
                type="button"
                onClick={() => {
                  setOpened(false);
                  read.mutate([notice.id]);
                  if (notice.path) void go({ to: notice.path });
                }}
              >
                <strong lang={server}>{notice.title}</strong>
                {notice.body && <span lang={server}>{notice.body}</span>}
                <span className="sub">{relative(notice.createdAt, Date.now(), locale)}</span>
              </button>
              <IconButton label={say('notices.read', { title: notice.title })} onClick={() => read.mutate([notice.id])}>
                <Check size={15} />
              </IconButton>
            </li>
          ))}
        </ul>
      </Popover.Dropdown>
    </Popover>
  );
}
