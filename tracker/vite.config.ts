import { join } from 'node:path';
import { defineConfig } from 'vite';

// One classic script, small enough that nobody needs to think about it: see tracker.test.ts for the budget.
export default defineConfig({
  root: import.meta.dirname,
  build: {
    outDir: join(import.meta.dirname, '..', 'dist', 'tracker'),
    emptyOutDir: true,
    target: 'es2020',
    modulePreload: false,
    lib: { entry: 'tracker.ts', formats: ['iife'], name: 'fanfareTracker', fileName: () => 't.js' },
  },
});
