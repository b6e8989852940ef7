import { Card } from '#web/parts/card.tsx';
import { CopyField } from '#web/parts/copy-field.tsx';
import type { List } from './queries.ts';

/** How people come onto the list: a page to link to, and a form for one's own site. */
export function ShareCard({ list }: { list: List }) {
  const form = `<form action="${list.subscribeUrl}" method="post"><input type="email" name="email" required placeholder="you@example.com"><button>Subscribe</button></form>`;
  return (
    <Card title="Where people subscribe" padded>
      <div className="stack" data-gap="small">
        <p>Link to this page, or put the form on your own. Either way a mail asks them to confirm.</p>
        <CopyField label="address of the page" value={list.subscribeUrl} />
        <CopyField label="form for your site" value={form} />
        <p className="sub">
          A script may also post JSON there: {'{"email": "…"}'}. The answer is the same for everyone.
        </p>
      </div>
    </Card>
  );
}
