import { useQuery } from '@tanstack/react-query';
import { Plus } from 'lucide-react';
import { useState } from 'react';
import { useApp } from '#web/app.tsx';
import { counted } from '#web/format.ts';
import { Button } from '#web/parts/button.tsx';
import { Card } from '#web/parts/card.tsx';
import { EmptyState } from '#web/parts/empty-state.tsx';
import { Loaded } from '#web/parts/loaded.tsx';
import { Page } from '#web/parts/page.tsx';
import { SkeletonCard } from '#web/parts/skeleton.tsx';
import { NewRule } from './automations/form.tsx';
import { automationsQuery } from './automations/queries.ts';
import { RuleRow } from './automations/row.tsx';
import { Runs } from './automations/runs.tsx';
import '#web/styles/forms.css';
import './automations/automations.css';

/** Rules that act by themselves, each tried before it is switched on. */
export function AutomationsPage() {
  const app = useApp();
  const rules = useQuery(automationsQuery(app.id));
  const [adding, setAdding] = useState(false);
  const add = (
    <Button look="primary" onClick={() => setAdding(true)}>
      <Plus size={15} aria-hidden="true" />
      New rule
    </Button>
  );
  return (
    <Page
      title="Automations"
      intro="Rules that act by themselves: once for each cause, and never while publishing is paused."
      actions={rules.data && rules.data.length > 0 ? add : undefined}
    >
      <div className="stack">
        <Loaded query={rules} title="The rules did not load" skeleton={<SkeletonCard height={260} />}>
          {(all) =>
            all.length === 0 ? (
              <Card title="Rules">
                <EmptyState title="No rule yet" ghost={false} action={add}>
                  Let a post that does well carry a link, show it once more, or have drafts written when you publish an
                  article or a release. You see what a rule would do before you switch it on.
                </EmptyState>
              </Card>
            ) : (
              <>
                <Card title="Rules" sub={counted(all.filter((one) => one.on).length, 'rule is on', 'rules are on')}>
                  <ul>
                    {all.map((automation) => (
                      <RuleRow key={automation.id} automation={automation} />
                    ))}
                  </ul>
                </Card>
                <Runs appId={app.id} />
              </>
            )
          }
        </Loaded>
      </div>
      {adding && <NewRule appId={app.id} onClose={() => setAdding(false)} />}
    </Page>
  );
}
