import { table } from '#src/doors/cli/show.ts';
import { agentVersion, readAgent } from '#src/measure/agent.ts';
import { type Document, documentOf, isFields, type Path } from './json.ts';
import type { Verb } from './verb.ts';

export const bots: Verb = {
  summary: 'whether user agents are people or bots, and which',
  file: 'FILE.json',
  options: {},
  example: `  ["Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)", {"ua": "curl/8.7.1"}]

  fanfare lab bots agents.json

  A list of user agents or of objects with "ua"; or an object of such lists, whose names are kept as "list".`,
  run({ source, width }) {
    const document = documentOf(source);
    const verdicts = [...agentsOf(document)].map(({ ua, list }) => {
      const { bot, device, browser, os } = readAgent(ua);
      const verdict = bot === null ? ('human' as const) : ('bot' as const);
      return {
        ...(list === undefined ? {} : { list }),
        ua,
        verdict,
        kind: bot?.kind ?? null,
        name: bot?.name ?? null,
        device,
        browser,
        os,
      };
    });
    const found = verdicts.filter(({ verdict }) => verdict === 'bot').length;
    const lists = [...new Set(verdicts.flatMap(({ list }) => list ?? []))].map((list) => {
      const own = verdicts.filter((each) => each.list === list);
      const ofThem = own.filter(({ verdict }) => verdict === 'bot').length;
      return { list, bots: ofThem, humans: own.length - ofThem };
    });
    const page = { now: new Date(), ...(width ? { width } : {}) };
    const text = [
      `${found} bots, ${verdicts.length - found} people (patterns version ${agentVersion})`,
      ...(lists.length > 0 ? [table(lists, page)] : []),
      table(
        verdicts.map(({ verdict, kind, name, ua }) => ({ verdict, kind, name, ua })),
        page,
      ),
    ];
    return {
      json: {
        version: agentVersion,
        bots: found,
        humans: verdicts.length - found,
        ...(lists.length > 0 ? { lists } : {}),
        verdicts,
      },
      text: text.join('\n\n'),
    };
  },
};

type Named = { ua: string | null; list?: string };

function* agentsOf(document: Document): Generator<Named> {
  const { value } = document;
  if (Array.isArray(value)) yield* listOf(document, value, []);
  else if (isFields(value)) {
    for (const [list, agents] of Object.entries(value)) {
      if (!Array.isArray(agents)) throw document.wrong([list], 'a list of user agents is expected.');
      for (const agent of listOf(document, agents, [list])) yield { ...agent, list };
    }
  } else throw document.wrong([], 'a list of user agents is expected.');
}

function* listOf(document: Document, agents: readonly unknown[], at: Path): Generator<Named> {
  for (const [index, agent] of agents.entries()) {
    const ua = isFields(agent) ? (agent.ua ?? agent.userAgent ?? agent.user_agent ?? null) : agent;
    if (ua !== null && typeof ua !== 'string') {
      throw document.wrong([...at, index], 'a user agent is a text, or an object with "ua".');
    }
    if (isFields(agent) && ua === null && !('ua' in agent || 'userAgent' in agent || 'user_agent' in agent)) {
      throw document.wrong([...at, index], 'there is no "ua".');
    }
    yield { ua };
  }
}
