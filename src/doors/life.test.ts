import { expect, test } from 'vitest';
import { Leaving, openLife } from '#src/doors/life.ts';

const SHORT = { work: 20, connections: 20, leases: 20, database: 20, folder: 20 };

test('leaves in order: work, connections, leases, database, folder; and goes on past what fails or hangs', async () => {
  const said: string[] = [];
  const life = openLife((text) => said.push(text), SHORT);
  const stopped: string[] = [];
  const stop = (name: string) => async () => void stopped.push(name);
  life.keep('folder', 'folder', stop('folder'));
  life.keep('database', 'database', stop('database'));
  life.keep('leases', 'jobs', stop('leases'));
  life.keep('connections', 'connections', () => Promise.reject(new Error('They are in use.')));
  life.keep('work', 'publishing', () => new Promise(() => undefined));
  life.keep('work', 'doors', stop('doors'));
  life.enter('serving');
  const [first, second] = [life.leave(), life.leave()];
  expect(life.phase()).toBe('leaving');
  await Promise.all([first, second]);
  expect(stopped).toEqual(['doors', 'leases', 'database', 'folder']);
  expect(said).toEqual([
    'The publishing did not end within 0.02 s and will be taken up at the next start.',
    'Could not stop the connections: They are in use.',
  ]);
});

test('told to leave while it starts, it starts nothing more and stops what was started meanwhile', async () => {
  const life = openLife(() => undefined, { ...SHORT, work: 5_000 });
  const stopped: string[] = [];
  const { promise: database, resolve: come } = Promise.withResolvers<void>();
  const starting = database.then(() => {
    life.keep('database', 'database', async () => stopped.push('database'));
    stopped.push('never here');
  });
  const left = life.leave(starting);
  come();
  await expect(starting).rejects.toThrow(Leaving);
  await left;
  expect(stopped).toEqual(['database']);
  expect(() => life.enter('serving')).toThrow(Leaving);
});
