import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'electron-vite';

export default defineConfig({
  main: { build: { outDir: 'out/main', lib: { entry: ['src-main/main.ts', 'src-main/engine-thread.ts'] } } },
  preload: {
    build: {
      outDir: 'out/preload',
      lib: { entry: 'src-main/preload/index.ts', formats: ['cjs'] },
      // A sandboxed preload can load next to nothing, so it is one file.
      rollupOptions: { output: { entryFileNames: 'index.cjs' } },
    },
  },
  renderer: {
    root: 'src-renderer',
    build: { outDir: 'out/renderer', minify: true, rollupOptions: { input: 'src-renderer/index.html' } },
    plugins: [svelte()],
  },
});
