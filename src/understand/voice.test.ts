import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { analyseBuiltIn } from './builtin/index.ts';
import { readPage } from './reading.ts';
import { checkVoice } from './voice.ts';

const facts = analyseBuiltIn([
  readPage(readFileSync('test/pages/analysis-saas.html', 'utf8'), 'https://patchpay.com/'),
]).facts;

describe('a voice found on the pages', () => {
  it('has nothing against a text that sounds like it', () => {
    expect(
      checkVoice('Patchpay retries a failed card on payday. Most come through. https://patchpay.com/!', facts),
    ).toEqual({ problems: [] });
  });

  it('names what sounds like somebody else', () => {
    const { problems } = checkVoice('patchpay is a game-changer! It’s seamless 🚀 (@patchpay)', facts);
    expect(problems.map(({ text }) => text)).toEqual(
      expect.arrayContaining(['patchpay', 'game-changer', '!', 'It’s', '🚀']),
    );
    expect(problems.filter(({ text }) => text === 'patchpay')).toHaveLength(1);
    for (const { reason } of problems) expect(reason).toMatch(/\.$/);
  });

  it('points at a sentence that does not end', () => {
    const long = `Patchpay ${'and then another thing '.repeat(8)}ends.`;
    expect(checkVoice(long, facts).problems).toMatchObject([{ text: long }]);
  });
});

describe('a voice set by a person', () => {
  it('is taken at its quoted words', () => {
    const mine = [
      { kind: 'dont_say' as const, statement: 'Do not say “synergy” or "leverage".' },
      { kind: 'do_say' as const, statement: 'Say “customers”, not “users”.' },
      { kind: 'feature' as const, statement: 'Never “ever”.' },
    ];
    expect(checkVoice('Our users leverage it. Customers ever so often.', mine).problems).toMatchObject([
      { text: 'users', startsAt: 4, endsAt: 9, reason: 'Say “customers”, not “users”.' },
      { text: 'leverage', reason: 'Do not say “synergy” or "leverage".' },
    ]);
    expect(checkVoice('Synergistic (a.b*c)', [{ kind: 'dont_say', statement: 'Not “a.b*c”' }]).problems).toHaveLength(
      1,
    );
  });
});
