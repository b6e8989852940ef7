import { addFact } from '#src/understand/knowledge.ts';
import type { Person } from '#test/world.ts';

type Kind = Parameters<typeof addFact>[1]['kind'];

/** What the pages of a made-up app say, for stories that begin after its reading. */
const FACTS: readonly [Kind, statement: string, quote?: string][] = [
  ['value_proposition', 'Outpost catches every webhook and replays it until your server has taken it.'],
  ['pitch_line', 'Webhooks that wait for you.'],
  ['pain_point', 'Webhooks get lost when your server is down for a minute.'],
  ['pain_point', 'Nobody knows which event never arrived until a customer complains.'],
  ['feature', 'Replays: send any event again with one click, to any address.'],
  ['feature', 'Alerts: a message the moment an endpoint stops answering.'],
  ['feature', 'Search: find an event by any field of its body.'],
  ['feature', 'Tunnels: receive events on your laptop without opening a port.'],
  ['benefit', 'You sleep through an outage and lose nothing.'],
  ['selling_point', 'More than 900 teams use Outpost.', 'Used by more than 900 teams'],
  ['selling_point', 'Outpost runs on servers in the EU only.'],
  ['competitive_advantage', 'Unlike a queue of your own, Outpost needs no code in your service.'],
  ['pricing', 'Outpost costs $19 a month.', '$19 per month'],
  ['target_audience', 'Outpost is for small teams that depend on Stripe and GitHub events.'],
  ['testimonial', 'Ada of Billow says: “We stopped writing retry code.”', 'We stopped writing retry code.'],
  ['dont_say', 'Do not promise that nothing can ever fail.'],
];

/** Registers an app and gives it knowledge, an audience and a launch that is over. Returns its id. */
export async function knownApp(person: Person, url = 'outpost.dev'): Promise<string> {
  const { id: appId } = await person.call.apps.register({ url, name: 'Outpost' });
  for (const [kind, statement, quote] of FACTS)
    await addFact(person.context, {
      appId,
      kind,
      statement,
      evidence: { url: `https://${url}/`, quote: quote ?? statement },
    });
  await person.call.audiences.add({
    appId,
    name: 'Small SaaS teams',
    description: 'Two to ten developers who live off Stripe events',
    platforms: [{ platform: 'x', presence: 'high', reasoning: 'They talk about outages there.' }],
  });
  return appId;
}
