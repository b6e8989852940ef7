import { existsSync, readFileSync } from 'node:fs';
import { Client, InMemoryTransport } from '@modelcontextprotocol/client';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { catalog } from '#src/catalog.ts';
import { fieldsOf } from '#src/doors/cli/fields.ts';
import { buildProgram, commandOf, usageOf } from '#src/doors/cli/program.ts';
import { flowDocument, operationsDocument } from '#src/doors/documents.ts';
import { describe as openApi } from '#src/doors/http/api.ts';
import { httpApp } from '#src/doors/http/app.ts';
import { mcpServer, toolName } from '#src/doors/mcp.ts';
import { type Offered, offered } from '#src/doors/operations.ts';
import { readStages, stageOf } from '#src/doors/stages.ts';
import { flow } from '#src/flow.ts';
import { openTestWorld, type TestWorld } from '#test/world.ts';

const operations = offered();
const names = operations.map((one) => one.name).sort();
const breaking = (test: (one: Offered) => boolean) => operations.filter((one) => !test(one)).map((one) => one.name);
const parameters = (path: string) => [...path.matchAll(/\{\+?(\w+)\}/g)].map((match) => match[1]!);

describe('every operation', () => {
  test('there are some, each once', () => {
    expect(operations.length).toBeGreaterThan(20);
    expect(new Set(names).size).toBe(names.length);
  });

  test('has a summary: one sentence for people', () => {
    expect(breaking((one) => /^[A-Z“].{8,200}\.$/.test(one.summary) && !one.summary.includes('!'))).toEqual([]);
  });

  test('is named noun.verb in camel case', () => {
    expect(breaking((one) => /^[a-z][a-zA-Z]*\.[a-z][a-zA-Z]*$/.test(one.name))).toEqual([]);
  });

  test('refuses unknown fields', () => {
    expect(
      breaking(
        (one) =>
          (z.toJSONSchema(one.input, { io: 'input', unrepresentable: 'any' }) as { additionalProperties?: unknown })
            .additionalProperties === false,
      ),
    ).toEqual([]);
  });

  test('has a path of its own, in kebab case, whose parameters are required fields', () => {
    const taken = operations.map((one) => `${one.method} ${one.path.replaceAll(/\{[^}]+\}/g, '{}')}`);
    expect(taken.filter((route, at) => taken.indexOf(route) !== at)).toEqual([]);
    expect(
      breaking((one) =>
        one.path
          .split('/')
          .slice(1)
          .every((part) => /^([a-z][a-z0-9-]*|\{\+?[a-z][a-zA-Z]*\})$/.test(part)),
      ),
    ).toEqual([]);
    expect(
      breaking((one) =>
        parameters(one.path).every((name) => fieldsOf(one).some((field) => field.name === name && field.required)),
      ),
    ).toEqual([]);
  });

  test('only looks when it is a GET', () => {
    expect(breaking((one) => one.method !== 'GET' || one.access === 'read')).toEqual([]);
    expect(breaking((one) => one.method !== 'DELETE' || one.access !== 'read')).toEqual([]);
  });

  test('that removes is destructive, so that a key that may only write cannot', () => {
    // A time is made again as it was in a moment; nothing hangs on it.
    const again = ['slots.remove'];
    expect(
      breaking((one) => one.method !== 'DELETE' || one.access === 'destructive' || again.includes(one.name)),
    ).toEqual([]);
  });

  test('stands under a stage of the doorplate', () => {
    const found = readStages(readFileSync('src/catalog.ts', 'utf8'));
    expect(Object.keys(catalog).filter((noun) => !found.has(noun))).toEqual([]);
    expect(stageOf('apps')).toBe('understand');
  });

  test('can be called from the command line: its flags are apart from each other', () => {
    expect(breaking((one) => new Set(fieldsOf(one).map((field) => field.flag)).size === fieldsOf(one).length)).toEqual(
      [],
    );
  });
});

describe('the four doors offer the same operations', () => {
  let world: TestWorld;
  beforeAll(async () => {
    world = await openTestWorld();
  });
  afterAll(() => world?.close());

  test('the HTTP API, by its OpenAPI document', async () => {
    const document = await openApi({ publicUrl: 'http://localhost' });
    const routes = Object.entries(document.paths ?? {}).flatMap(([path, methods]) =>
      Object.keys(methods ?? {}).map((method) => `${method.toUpperCase()} ${path}`),
    );
    expect(routes.sort()).toEqual(operations.map((one) => `${one.method} ${one.path}`).sort());
  });

  test('the command line', async () => {
    const terminal = { out: () => {}, err: () => {}, interactive: false, stdin: () => '', environment: {} };
    // Every word of every command, so that all flags are made as well.
    const words = operations.flatMap((one) => commandOf(one).split(' '));
    const program = buildProgram(words, terminal, () => {});
    // What runs Fanfare itself (start, backup, scale) is done on the machine and is no operation.
    const nouns = program.commands.filter((noun) => noun.helpGroup() !== 'Run it:');
    const commands = nouns.flatMap((noun) => noun.commands.map((verb) => `${noun.name()} ${verb.name()}`));
    expect(commands.sort()).toEqual(operations.map(commandOf).sort());
  });

  test('MCP, with what each tool may do', async () => {
    const [ours, theirs] = InMemoryTransport.createLinkedPair();
    const server = mcpServer(async () => ({ ok: false, message: 'Not called here.' }));
    const client = new Client({ name: 'shape', version: '1' });
    await Promise.all([server.connect(ours), client.connect(theirs)]);
    const { tools } = await client.listTools();
    expect(tools.map((tool) => tool.name).sort()).toEqual(operations.map((one) => toolName(one.name)).sort());
    expect(tools.filter((tool) => !/^[a-zA-Z0-9_-]{1,64}$/.test(tool.name))).toEqual([]);
    for (const one of operations) {
      const tool = tools.find((other) => other.name === toolName(one.name));
      expect(tool?.annotations, one.name).toMatchObject({
        readOnlyHint: one.access === 'read',
        destructiveHint: one.access === 'destructive',
      });
    }
    await client.close();
  });

  test('the typed client of the page', async () => {
    const app = httpApp(world.world);
    const answer = async (path: string) => {
      const response = await app.request(`/rpc/${path}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: '{"json":{"unknown field":1}}',
      });
      return ((await response.json()) as { message?: string; json?: { message?: string } }).message ?? '';
    };
    expect(await answer('apps/fly')).toBe('There is no such operation.');
    for (const one of operations)
      expect(await answer(`${one.noun}/${one.verb}`), one.name).not.toBe('There is no such operation.');
  });
});

describe('the documents', () => {
  test('docs/operations.md has every operation, docs/flow.md every line', () => {
    const text = operationsDocument();
    for (const one of operations) expect(text).toContain(`| \`${one.name}\` |`);
    expect(usageOf(operations.find((one) => one.name === 'keys.create')!)).toBe(
      'fanfare keys create --name <text> --scopes <text...>',
    );
    for (const line of flow) expect(flowDocument()).toContain(line.does);
  });

  test.skipIf(!existsSync('docs/features.md'))('docs/features.md names only operations that exist', () => {
    const nouns = new Set(operations.map((one) => one.noun));
    const named = [...readFileSync('docs/features.md', 'utf8').matchAll(/`([a-z][a-zA-Z]*)\.([a-z][a-zA-Z]*)`/g)];
    const unknown = named
      .filter(([, noun, verb]) => nouns.has(noun!) && !names.includes(`${noun}.${verb}`))
      .map(([whole]) => whole);
    expect(named.length).toBeGreaterThan(0);
    expect(unknown).toEqual([]);
  });
});
