import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { useAccept } from '#web/pages/grow/suggestions/accept.ts';
import { CategoryIcon, impactLevel } from '#web/pages/grow/suggestions/category.tsx';
import type { Home } from '#web/pages/measure/home.tsx';
import { Button } from '#web/parts/button.tsx';
import { Card } from '#web/parts/card.tsx';
import { ImpactBars } from '#web/parts/impact-bars.tsx';

/** What is most worth doing now, each with its reason and one click to take it on. */
export function WorthDoing({ ideas, more }: { ideas: Home['worthDoing']; more: ReactNode }) {
  const accept = useAccept();
  return (
    <Card title="Worth doing this week" action={more}>
      {ideas.length === 0 && (
        <p className="table-empty">
          Nothing stands out right now. Suggestions come from your own numbers, so they appear as posts and visits do.
        </p>
      )}
      <ul className="list">
        {ideas.slice(0, 4).map((idea) => (
          <li className="idea" key={idea.id}>
            <span className="idea-icon">
              <CategoryIcon category={idea.category} />
            </span>
            <div className="idea-text">
              <strong>{idea.title}</strong>
              <span className="sub two-lines">{idea.reasoning}</span>
            </div>
            <span className="idea-meta num">
              <ImpactBars level={impactLevel(idea.impact)} />
              {idea.minutes !== null && `${idea.minutes} min`}
            </span>
            {idea.state === 'proposed' ? (
              <Button
                size="small"
                aria-label={`Do it: ${idea.title}`}
                busy={accept.isPending && accept.variables === idea.id}
                onClick={() => accept.mutate(idea.id)}
              >
                Do it
              </Button>
            ) : (
              <Link to="/suggestions" className="button" data-size="small" data-look="quiet">
                Steps
              </Link>
            )}
          </li>
        ))}
      </ul>
    </Card>
  );
}
