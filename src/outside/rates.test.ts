import { afterAll, beforeAll, expect, test } from 'vitest';
import { nobodyListens, type RecordedServer, startRecorded } from '#test/fakes/recorded.ts';
import { fetchRates, readRates } from './rates.ts';

/** As the bank wrote it on 20 November, cut to a few currencies. */
function published(...days: [day: string, usd: string, jpy: string][]): string {
  const cubes = days
    .map(
      ([day, usd, jpy]) =>
        `\t\t<Cube time='${day}'>\n\t\t\t<Cube currency='USD' rate='${usd}'/>\n\t\t\t<Cube currency='JPY' rate='${jpy}'/>\n\t\t</Cube>`,
    )
    .join('\n');
  return `<?xml version="1.0" encoding="UTF-8"?>
<gesmes:Envelope xmlns:gesmes="http://www.gesmes.org/xml/2002-08-01" xmlns="http://www.ecb.int/vocabulary/2002-08-01/eurofxref">
\t<gesmes:subject>Reference rates</gesmes:subject>
\t<gesmes:Sender>
\t\t<gesmes:name>European Central Bank</gesmes:name>
\t</gesmes:Sender>
\t<Cube>
${cubes}
\t</Cube>
</gesmes:Envelope>`;
}

let server: RecordedServer;
beforeAll(async () => {
  server = await startRecorded();
});
afterAll(() => server.close());

test('the rates of the day are read as they were written', async () => {
  server.expect(['GET /eurofxref-daily.xml', { text: published(['2026-11-20', '1.1520', '180.9']) }]);
  expect(await fetchRates({ url: `${server.url}/`, range: 'day' })).toEqual({
    ok: true,
    value: [{ day: '2026-11-20', rates: { EUR: '1', USD: '1.1520', JPY: '180.9' } }],
  });
});

test('the history comes newest first, in whichever order it stands', async () => {
  const text = published(['2026-11-19', '1.15', '180'], ['2026-11-20', '1.16', '181']);
  server.expect(['GET /eurofxref-hist-90d.xml', { text }], ['GET /eurofxref-hist.xml', { text }]);
  for (const range of ['quarter', 'all'] as const) {
    const answer = await fetchRates({ url: server.url, range });
    expect(answer).toMatchObject({ ok: true, value: [{ day: '2026-11-20' }, { day: '2026-11-19' }] });
  }
  expect(server.problems()).toEqual([]);
});

test('what is not exactly as published is not taken at all', () => {
  const good = published(['2026-11-20', '1.1520', '180.9']);
  expect(readRates(good)).toHaveLength(1);
  const broken: [string, string][] = [
    ['cut off', good.slice(0, -20)],
    ['cut in the middle', good.slice(0, good.indexOf('JPY'))],
    ['a web page', '<html><body>Maintenance</body></html>'],
    ['nothing', ''],
    ['a comma', good.replace('180.9', '180,9')],
    ['zero', good.replace('180.9', '0.00')],
    ['below zero', good.replace('180.9', '-1')],
    ['a currency twice', good.replace('JPY', 'USD')],
    ['a day that does not exist', good.replace('2026-11-20', '2026-02-30')],
    ['a day twice', published(['2026-11-20', '1', '2'], ['2026-11-20', '1', '2'])],
    ['no days', published()],
    ['something else inside', good.replace("<Cube currency='JPY'", "<b/><Cube currency='JPY'")],
  ];
  for (const [what, xml] of broken) expect([what, readRates(xml)]).toEqual([what, null]);
});

test('a failure says when to ask again, or that the answer is of no use', async () => {
  const now = new Date('2026-11-20T12:00:00Z');
  server.expect(
    ['GET /eurofxref-daily.xml', { status: 503 }],
    ['GET /eurofxref-daily.xml', { status: 404 }],
    ['GET /eurofxref-daily.xml', { text: '<html>' }],
  );
  const ask = (url = server.url) => fetchRates({ url, range: 'day' }, now);
  expect(await ask()).toMatchObject({ ok: false, failure: { kind: 'later', until: new Date('2026-11-20T12:01:00Z') } });
  expect(await ask()).toMatchObject({ ok: false, failure: { kind: 'refused' } });
  expect(await ask()).toMatchObject({ ok: false, failure: { kind: 'refused', code: 'unreadable' } });
  expect(await ask(await nobodyListens())).toMatchObject({ ok: false, failure: { kind: 'later' } });
});
