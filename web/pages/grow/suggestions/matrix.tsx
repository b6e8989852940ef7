import type { Suggestion } from '#web/pages/grow/suggestions.tsx';

const grades = [1, 2, 3, 4, 5];

/** What is little work and does much stands at the top left. The numbers are those of the list. */
export function Matrix({
  suggestions,
  chosen,
  onChoose,
}: {
  suggestions: Suggestion[];
  chosen: string | undefined;
  onChoose: (id: string) => void;
}) {
  return (
    <div className="matrix">
      <span className="matrix-y sub" aria-hidden="true">
        Impact
      </span>
      <ol className="matrix-grid" aria-label="Suggestions by effort and impact">
        {[...grades].reverse().flatMap((impact) =>
          grades.map((effort) => (
            <li key={`${impact} ${effort}`} data-first={(impact >= 4 && effort <= 2) || undefined}>
              {suggestions.map(
                (suggestion, index) =>
                  suggestion.impact === impact &&
                  suggestion.effort === effort && (
                    <button
                      key={suggestion.id}
                      type="button"
                      className="num"
                      aria-pressed={suggestion.id === chosen}
                      aria-label={`${index + 1}: ${suggestion.title}, impact ${impact} of 5, effort ${effort} of 5`}
                      title={suggestion.title}
                      onClick={() => onChoose(suggestion.id)}
                    >
                      {index + 1}
                    </button>
                  ),
              )}
            </li>
          )),
        )}
      </ol>
      <span className="matrix-x sub" aria-hidden="true">
        <span>Little effort</span>
        <span>Much effort</span>
      </span>
    </div>
  );
}
