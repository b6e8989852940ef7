import '#web/styles/forms.css';
import '#web/styles/home.css';
import '#web/styles/post.css';
import { useQuery } from '@tanstack/react-query';
import { Plus } from 'lucide-react';
import { useState } from 'react';
import { useAddress } from '#web/address.ts';
import { useApp } from '#web/app.tsx';
import { count } from '#web/format.ts';
import { Button, LinkButton } from '#web/parts/button.tsx';
import { Card } from '#web/parts/card.tsx';
import { EmptyState } from '#web/parts/empty-state.tsx';
import { Notice } from '#web/parts/error-notice.tsx';
import { Loaded } from '#web/parts/loaded.tsx';
import { Page } from '#web/parts/page.tsx';
import { Segmented } from '#web/parts/segmented.tsx';
import { SkeletonCard } from '#web/parts/skeleton.tsx';
import { FeedCard } from './newsletter/feed.tsx';
import { LettersCard } from './newsletter/letters.tsx';
import { ListDialog } from './newsletter/list-dialog.tsx';
import { type List, type Lists, listsQuery } from './newsletter/queries.ts';
import { ShareCard } from './newsletter/share.tsx';
import { SubscribersCard } from './newsletter/subscribers.tsx';
import './newsletter/newsletter.css';

export function NewsletterPage() {
  const app = useApp();
  const lists = useQuery(listsQuery(app.id));
  const [making, setMaking] = useState(false);
  const make = (
    <Button look="primary" onClick={() => setMaking(true)}>
      <Plus size={15} aria-hidden="true" /> New list
    </Button>
  );
  return (
    <Page
      title="Newsletter"
      intro="Letters to people who asked for them, by a list and a mail server of your own."
      actions={(lists.data?.lists.length ?? 0) > 0 && make}
    >
      <div className="stack">
        <Loaded query={lists} title="The lists did not load" skeleton={<SkeletonCard height={420} />}>
          {(data) =>
            data.lists.length === 0 ? (
              <Card>
                <h2 className="hidden-text">Your lists</h2>
                <EmptyState title="No list yet" ghost={false} action={make}>
                  Make a list, share its address, and write letters in the composer like any other post. People confirm
                  in their inbox before they are on it.
                </EmptyState>
              </Card>
            ) : (
              <Chosen data={data} />
            )
          }
        </Loaded>
        <FeedCard appId={app.id} />
      </div>
      <ListDialog key={making ? 'open' : 'closed'} opened={making} appId={app.id} onClose={() => setMaking(false)} />
    </Page>
  );
}

function Chosen({ data }: { data: Lists }) {
  const [asked, setAsked] = useAddress('list', '');
  const list = data.lists.find(({ id }) => id === asked) ?? data.lists[0];
  if (!list) return null;
  return (
    <>
      {!data.ready.mailServer && (
        <Notice
          tone="warn"
          title="No mail server is set"
          action={
            <LinkButton to="/settings/mail" size="small">
              Set it
            </LinkButton>
          }
        >
          Confirmations and letters wait until there is one.
        </Notice>
      )}
      {!data.ready.publicAddress && (
        <Notice tone="warn" title="Links in letters would lead to this machine only">
          Start Fanfare with PUBLIC_URL set to its public address. Until then no letter goes out.
        </Notice>
      )}
      {data.lists.length > 1 && (
        <Segmented
          label="List"
          value={list.id}
          onChange={setAsked}
          options={data.lists.map(({ id, name }) => ({ value: id, label: name }))}
        />
      )}
      <AboutCard list={list} />
      <LettersCard list={list} />
      <SubscribersCard key={list.id} list={list} />
      <ShareCard list={list} />
    </>
  );
}

function AboutCard({ list }: { list: List }) {
  const [changing, setChanging] = useState(false);
  const { confirmed, pending, unsubscribed, bounced } = list.subscribers;
  return (
    <Card
      title={list.name}
      sub={list.fromAddress}
      action={
        <Button size="small" onClick={() => setChanging(true)}>
          Edit
        </Button>
      }
      padded
    >
      <dl className="newsletter-facts">
        <Fact name="Subscribers" value={confirmed} />
        <Fact name="Not confirmed yet" value={pending} />
        <Fact name="Unsubscribed" value={unsubscribed} />
        <Fact name="Bounced" value={bounced} />
      </dl>
      <ListDialog
        key={changing ? 'open' : 'closed'}
        opened={changing}
        appId={list.appId}
        list={list}
        onClose={() => setChanging(false)}
      />
    </Card>
  );
}

function Fact({ name, value }: { name: string; value: number }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd className="num">{count(value)}</dd>
    </div>
  );
}
