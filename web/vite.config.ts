import { join } from 'node:path';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

// Only index.html is an entry of the build: gallery.html is reachable on the dev server alone and never shipped.
export default defineConfig({
  root: import.meta.dirname,
  base: '/',
  plugins: [react()],
  // Replaced in each answer by src/doors/http/headers.ts.
  html: { cspNonce: '__nonce__' },
  server: { proxy: { '^/(rpc|api)/': 'http://127.0.0.1:3000' } },
  build: {
    outDir: join(import.meta.dirname, '..', 'dist', 'web'),
    emptyOutDir: true,
    target: 'es2023',
    // A data: URL would need an exception in the content security policy.
    assetsInlineLimit: 0,
    // ECharts is one lazy chunk of about this size; the shell stays far below it.
    chunkSizeWarningLimit: 700,
  },
});
