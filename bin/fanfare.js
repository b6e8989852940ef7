#!/usr/bin/env node
// Plain JavaScript, so that an old Node can read it far enough to say what is wrong.
const [major, minor] = process.versions.node.split('.').map(Number);
if (major < 24 || (major === 24 && minor < 2)) {
  console.error(
    `Fanfare needs Node 24.2 or newer; this is Node ${process.versions.node}. Run "npm ci" again (it brings Node on Linux and Windows) and start with "npm start", or install Node 24.`,
  );
  process.exit(1);
}
// Stripping types and compiling is most of the start; the second start finds both done.
const { enableCompileCache } = await import('node:module');
enableCompileCache();
const [command] = process.argv.slice(2);
if (command === 'start' || command === 'demo') await import('../src/main.ts');
else await import('../src/doors/cli/main.ts');
