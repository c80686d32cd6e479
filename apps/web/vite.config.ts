import { createHash } from 'node:crypto';
import react from '@vitejs/plugin-react';
import { defineConfig, type Plugin } from 'vite';

/** The server behind `vite dev` and `vite preview`. */
const BACKEND = process.env['WATCHROOM_BACKEND'] ?? 'http://127.0.0.1:8080';

/** Writes build-id.txt: a hash over the names and contents of all that was emitted. The server announces it as `webBuild`. */
function buildId(): Plugin {
  return {
    name: 'watchroom-build-id',
    apply: 'build',
    generateBundle(_options, bundle) {
      const hash = createHash('sha256');
      for (const name of Object.keys(bundle).sort()) {
        const file = bundle[name]!;
        hash.update(name).update(file.type === 'chunk' ? file.code : file.source);
      }
      this.emitFile({
        type: 'asset',
        fileName: 'build-id.txt',
        source: `${hash.digest('hex').slice(0, 16)}\n`,
      });
    },
  };
}

export default defineConfig({
  plugins: [react(), buildId()],
  css: { modules: { localsConvention: 'camelCaseOnly' } },
  build: { target: 'es2023', outDir: 'dist', sourcemap: false, chunkSizeWarningLimit: 900 },
  server: {
    proxy: {
      '/api': BACKEND,
      '/-/': BACKEND,
      '/metrics': BACKEND,
      '/live': { target: BACKEND, ws: true },
    },
  },
});
