import { table } from '#src/doors/cli/show.ts';
import { answerOf, type Question } from './ab-test/answer.ts';
import { questionOf } from './ab-test/question.ts';
import { documentOf, isFields } from './json.ts';
import type { Verb } from './verb.ts';

export const abTest: Verb = {
  summary: 'two or more groups compared: shares, rates, means, tables, power, many p values at once',
  file: 'FILE.json',
  options: {},
  example: `  {"a": {"successes": 15, "trials": 50}, "b": {"successes": 25, "trials": 50}}

  fanfare lab ab-test groups.json

  The answer is b less a. What is asked follows from the fields, or from "test":
    shares    "successes" (or "conversions") of "trials" (or "visitors"); two groups or more. "correct": true for the
              continuity correction; "planned": trials per group planned, with "method": "always-valid"
    share     one group against "expected"
    rates     "events" per "exposure"
    means     "values", or "n", "mean" and "sd"; "pooled": true for one variance, "paired": true, "expected" for one group
    table     "table": [[3, 1], [1, 3]]; "test": "fisher" for the exact test of two rows and columns
    power     "from" and "to", or "difference" and "sd", with two of "perGroup", "power", "significance"
    adjust    "p": [0.01, 0.02], "by": ${'"holm" | "hochberg" | "bonferroni" | "BH" | "BY"'}
  Everywhere it makes sense: "confidence" (0.95), "alternative": "two.sided" | "less" | "greater" (b is less, b is greater).
  Groups also as "groups": [{"name": …}, …]. Several questions at once: a list.`,
  run({ source, width, note }) {
    const document = documentOf(source);
    const asked = Array.isArray(document.value) && document.value.length > 0 && document.value.every(isFields);
    const told = (text: string) => note(`${source.name}: ${text}`);
    const questions: Question[] =
      asked && Array.isArray(document.value)
        ? document.value.map((each, index) => questionOf(document, each, [index], told))
        : [questionOf(document, document.value, [], told)];
    const answers = questions.map(answerOf);
    const page = { now: new Date(), ...(width ? { width } : {}) };
    const text = answers
      .map(({ sentence, rows }) => (rows.length === 0 ? sentence : `${table(rows, page)}\n${sentence}`))
      .join('\n\n');
    const json = answers.map(({ rows: _, ...each }) => each);
    return { json: asked ? json : json[0], text };
  },
};
