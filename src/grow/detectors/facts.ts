import { sql } from 'kysely';
import { type Candidate, type Detector, dayOf, daysBefore, type Evidence, lacking, percent } from './detector.ts';

/** Plain facts that want somebody: nothing here is a comparison that chance could explain. */
function fact(
  given: Pick<Candidate, 'subject' | 'sentence' | 'severity' | 'startsAt' | 'evidence'> & { metric?: string },
): Candidate {
  return {
    kind: 'fact',
    direction: null,
    p: null,
    effect: null,
    sampleBefore: null,
    sampleAfter: given.evidence.length,
    endsAt: null,
    ...given,
  };
}

export const openQuestions: Detector = {
  name: 'open_questions',
  question: 'Do questions wait for an answer for more than two days?',
  async look(inside, frame) {
    const { rows } = await sql<{ id: string; text: string; receivedAt: Date; isOpen: boolean }>`
      select id, text, received_at, answered_at is null as is_open from inbox_items
      where kind in ('reply', 'mention', 'quote', 'message') and text like '%?%'
        and received_at >= ${daysBefore(frame.now, 21)} and received_at < ${daysBefore(frame.now, 2)}
      order by received_at`.execute(inside.tx);
    if (rows.length === 0) return lacking('No question came in the three weeks before the last two days.');
    const open = rows.filter(({ isOpen }) => isOpen);
    if (open.length < 2) return { candidates: [], missing: null };
    return {
      missing: null,
      candidates: [
        fact({
          subject: 'open_questions',
          severity: 'medium',
          metric: 'answered',
          sentence: `${open.length} of ${rows.length} questions from the last three weeks have waited for an answer for more than two days.`,
          startsAt: open[0]!.receivedAt,
          evidence: open.slice(0, 20).map(({ id, text, receivedAt }) => ({
            label: text.length > 120 ? `${text.slice(0, 119)}…` : text,
            table: 'inbox_items',
            rowId: id,
            value: Math.floor((frame.now.getTime() - receivedAt.getTime()) / 86_400_000),
          })),
        }),
      ],
    };
  },
};

export const failedPosts: Detector = {
  name: 'failed_posts',
  question: 'Did a post of the last seven days fail to go out?',
  async look(inside, frame) {
    const { rows } = await sql<{ id: string; title: string; state: string; reason: string | null; dueAt: Date }>`
      select u.id, p.title, u.state, u.state_reason as reason, u.due_at from publications u
      join posts p on p.workspace_id = u.workspace_id and p.id = u.post_id
      where p.app_id = ${frame.appId} and u.state in ('failed', 'published')
        and u.due_at >= ${daysBefore(frame.now, 7)} and u.due_at < ${frame.now} order by u.due_at`.execute(inside.tx);
    if (rows.length === 0) return lacking('Nothing was due in the last seven days.');
    const failed = rows.filter(({ state }) => state === 'failed');
    if (failed.length === 0) return { candidates: [], missing: null };
    return {
      missing: null,
      candidates: [
        fact({
          subject: 'failed_posts',
          severity: 'high',
          metric: 'failures',
          sentence: `${failed.length} of the ${rows.length} posts due in the last seven days did not go out.`,
          startsAt: failed[0]!.dueAt,
          evidence: failed.slice(0, 20).map(({ id, title, reason }) => ({
            label: reason ? `${title}: ${reason}` : title,
            table: 'publications',
            rowId: id,
            value: null,
          })),
        }),
      ],
    };
  },
};

const hundredths = (share: number) => Math.round(100 * share) / 100;

/** Share of the budget against share of the time, at least this far apart. */
const offPace = 0.25;

export const campaignPace: Detector = {
  name: 'campaign_pace',
  question: 'Does a campaign spend its budget much faster or slower than its time passes?',
  async look(inside, frame) {
    const { rows } = await sql<{
      id: string;
      name: string;
      from: string;
      to: string;
      budget: string;
      spent: string;
      currency: string;
    }>`
      select c.id, c.name, c.starts_on::text as from, c.ends_on::text as to, c.budget_minor::text as budget, c.currency::text,
        coalesce((select sum(e.amount_minor) from cost_entries e where e.workspace_id = c.workspace_id and e.campaign_id = c.id
          and e.currency = c.currency and e.kind <> 'time'), 0)::text as spent
      from campaigns c where c.app_id = ${frame.appId} and c.status = 'active' and c.pacing = 'even' and c.budget_minor > 0
        and c.starts_on is not null and c.ends_on > c.starts_on`.execute(inside.tx);
    if (rows.length === 0) return lacking('No campaign with a budget and an even pace is running.');
    const today = Date.parse(dayOf(frame.now));
    return {
      missing: null,
      candidates: rows.flatMap(({ id, name, from, to, budget, spent, currency }) => {
        const length = Date.parse(to) + 86_400_000 - Date.parse(from);
        const passed = Math.min(1, Math.max(0, (today - Date.parse(from)) / length));
        const used = Number(spent) / Number(budget);
        if (Math.abs(used - passed) < offPace && used <= 1) return [];
        const evidence: Evidence[] = [
          { label: `Budget in ${currency}, minor units`, table: 'campaigns', rowId: id, value: Number(budget) },
          { label: `Spent in ${currency}, minor units`, table: 'cost_entries', rowId: null, value: Number(spent) },
        ];
        return [
          fact({
            subject: `campaign:${id}`,
            severity: used > 1 ? 'high' : 'medium',
            metric: 'costs',
            sentence: `The campaign “${name}” has spent ${percent(hundredths(used))} of its budget while ${percent(hundredths(passed))} of its time has passed.`,
            startsAt: new Date(`${from}T00:00:00Z`),
            evidence,
          }),
        ];
      }),
    };
  },
};
