import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    environment: 'node',
    include: ['{src,test,web,tracker,client,db}/**/*.test.{ts,tsx}'],
    globalSetup: ['./test/global-setup.ts'],
    pool: 'forks',
    // The product is loaded once per process and not once per file, which took longer than most files' tests. So what a
    // file changes for the whole process (the environment, a listener, a server) it puts back or closes when it ends.
    isolate: false,
    fileParallelism: true,
    maxWorkers: 2,
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
});
