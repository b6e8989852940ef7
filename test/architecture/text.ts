/** A source file: its path from the root of the repository, with `/`. */
export type SourceFile = { path: string; text: string };

export type Import = { from: string; types: boolean; line: number };

/**
 * The source with its comments, and on request the insides of its texts, turned into spaces; lines and positions stay.
 * A scanner, not a parser: it knows comments, texts, templates with their `${}` and, by what stands before them, regular
 * expressions.
 */
export function bare(source: string, blank: { strings: boolean }): string {
  const out = [...source];
  const wipe = (from: number, to: number) => {
    for (let at = from; at < to; at++) if (out[at] !== '\n') out[at] = ' ';
  };
  /** Open templates: how many braces are open inside the `${` of each. */
  const templates: number[] = [];
  let at = 0;
  while (at < source.length) {
    const char = source[at]!;
    const two = source.slice(at, at + 2);
    if (two === '//' || two === '/*') {
      const end = two === '//' ? source.indexOf('\n', at) : source.indexOf('*/', at + 2) + 2;
      const to = end < 2 ? source.length : end;
      wipe(at, to);
      at = to;
    } else if (char === "'" || char === '"') {
      const end = endOfText(source, at + 1, char);
      if (blank.strings) wipe(at + 1, end);
      at = end + 1;
    } else if (char === '`' || (char === '}' && templates.at(-1) === 0)) {
      if (char === '}') templates.pop();
      const end = endOfTemplatePart(source, at + 1);
      if (blank.strings) wipe(at + 1, end);
      if (source[end] === '$') {
        templates.push(0);
        at = end + 2;
      } else at = end + 1;
    } else if (char === '/' && startsExpression(source, at)) {
      const end = endOfExpression(source, at + 1);
      if (blank.strings) wipe(at + 1, end);
      at = end + 1;
    } else {
      if (templates.length > 0 && char === '{') templates[templates.length - 1]!++;
      if (templates.length > 0 && char === '}') templates[templates.length - 1]!--;
      at++;
    }
  }
  return out.join('');
}

function endOfText(source: string, from: number, quote: string): number {
  let at = from;
  while (at < source.length && source[at] !== quote && source[at] !== '\n') at += source[at] === '\\' ? 2 : 1;
  return at;
}

/** Where a template ends or its next `${` stands. */
function endOfTemplatePart(source: string, from: number): number {
  let at = from;
  while (at < source.length && source[at] !== '`' && source.slice(at, at + 2) !== '${')
    at += source[at] === '\\' ? 2 : 1;
  return at;
}

/** A slash begins a regular expression where no value can have ended. */
function startsExpression(source: string, at: number): boolean {
  const before = source.slice(Math.max(0, at - 40), at).trimEnd();
  return before === '' || /[([{,;=:!&|?+\-*%<>~^]$/.test(before) || /\b(return|typeof|case|of|in|await)$/.test(before);
}

function endOfExpression(source: string, from: number): number {
  let inClass = false;
  for (let at = from; at < source.length && source[at] !== '\n'; at++) {
    const char = source[at];
    if (char === '\\') at++;
    else if (char === '[') inClass = true;
    else if (char === ']') inClass = false;
    else if (char === '/' && !inClass) return at;
  }
  return source.length;
}

/** What a file imports, with `import type`, re-exports and `import('…')`. */
export function importsOf(file: SourceFile): Import[] {
  const text = bare(file.text, { strings: false });
  const found: Import[] = [];
  const statement =
    /(?:^|[\n;])\s*(?:import|export)\s+(type\s+(?!,|from\b))?(?:([^'"`;=]*?)\s*from\s*)?(['"])([^'"\n]+)\3/g;
  for (const match of text.matchAll(statement)) {
    const [whole, type, names, , from] = match;
    const listed = /^\{([\s\S]*)\}$/.exec(names?.trim() ?? '')?.[1];
    const all =
      listed
        ?.split(',')
        .map((name) => name.trim())
        .filter(Boolean) ?? [];
    const types = Boolean(type) || (all.length > 0 && all.every((name) => name.startsWith('type ')));
    found.push({ from: from!, types, line: lineOf(text, match.index + whole.length - 1) });
  }
  for (const match of text.matchAll(/(typeof\s+|[<:|&]\s*|\btype \w+ = )?\bimport\(\s*(['"])([^'"\n]+)\2\s*\)/g))
    found.push({ from: match[3]!, types: Boolean(match[1]), line: lineOf(text, match.index) });
  return found;
}

export function lineOf(text: string, at: number): number {
  return text.slice(0, at).split('\n').length;
}
