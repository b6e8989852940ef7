import { Link } from '@tanstack/react-router';
import type { api } from '#web/api.ts';
import { count } from '#web/format.ts';
import { Card } from '#web/parts/card.tsx';
import { NotEnough } from '#web/parts/not-enough.tsx';

type Trait = Awaited<ReturnType<typeof api.voice.show>>['posts']['traits'][number];

/** Each trait as a small distribution, a sentence, and the lines it rests on. */
export function Traits({ traits }: { traits: Trait[] }) {
  return (
    <div className="cards-grid">
      {traits.map((trait) => (
        <Card key={trait.id} title={trait.name} padded>
          {trait.missing ? <NotEnough missing={[trait.missing]} /> : <Known trait={trait} />}
        </Card>
      ))}
    </div>
  );
}

function Known({ trait }: { trait: Trait }) {
  const most = Math.max(1, ...trait.distribution.map((one) => one.count));
  return (
    <div className="stack" data-gap="small">
      <p>{trait.says}</p>
      <dl className="voice-bars">
        {trait.distribution.map((one) => (
          <div key={one.label}>
            <dt>{one.label}</dt>
            <dd>
              <span className="bar" aria-hidden="true">
                <i style={{ width: `${(one.count / most) * 100}%` }} />
              </span>
              <span className="num">{count(one.count)}</span>
            </dd>
          </div>
        ))}
      </dl>
      {trait.examples.length > 0 && (
        <details className="fact-more">
          <summary className="sub">Lines it rests on</summary>
          <ul className="voice-lines">
            {trait.examples.map((one, index) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: the same line may stand in two posts.
              <li key={index}>
                <q>{one.text}</q>
                {one.kind === 'post' ? (
                  <Link className="sub" to="/posts/$postId" params={{ postId: one.sampleId }}>
                    {one.from}
                  </Link>
                ) : (
                  <a className="sub" href={one.url ?? undefined} target="_blank" rel="noreferrer">
                    {one.from}
                  </a>
                )}
              </li>
            ))}
          </ul>
        </details>
      )}
    </div>
  );
}
