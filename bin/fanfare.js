#!/usr/bin/env node
// Plain JavaScript, so that an old Node can read it far enough to say what is wrong.
const [major, minor] = process.versions.node.split('.').map(Number);
if (major < 24 || (major === 24 && minor < 2)) {
  console.error(
    `Fanfare needs Node 24.2 or newer; this is Node ${process.versions.node}. Run "npm ci" again (it brings Node on Linux and Windows) and start with "npm start", or install Node 24.`,
  );
  process.exit(1);
}
const [command] = process.argv.slice(2);
const isServer = command === 'start' || command === 'demo';
// By itself V8 lets garbage pile up to four times what is in use, and 128 MB of young objects beside it: under load 570 MB
// where 100 MB are in use, and no event is taken in faster for it (measured 22 November 2026). Both can be said only at
// the start of the process, which therefore starts once more in its own place; not on Windows, and not as somebody's
// child with a channel to it (node --watch), which it would lose.
if (isServer && process.platform !== 'win32' && !process.send && !saysHeap())
  process.execve(process.execPath, [
    process.execPath,
    '--max-semi-space-size=8',
    '--heap-growing-percent=50',
    ...process.execArgv,
    ...process.argv.slice(1),
  ]);
// Stripping types and compiling is most of the start; the second start finds both done.
const { enableCompileCache } = await import('node:module');
enableCompileCache();
if (isServer) await import('../src/main.ts');
else await import('../src/doors/cli/main.ts');

/** Somebody (or we, a moment ago) has said how the memory is to be used. */
function saysHeap() {
  return [...process.execArgv, process.env.NODE_OPTIONS ?? ''].some((text) => text.includes('semi-space-size'));
}
