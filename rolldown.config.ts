import { defineConfig } from 'rolldown';

/**
 * One bundle a program, split where the source imports lazily: a bundled CLI starts in a third of the time,
 * because Node opens two or three files instead of several hundred.
 */
export default defineConfig({
  input: { main: 'src/main.ts' },
  platform: 'node',
  logLevel: 'warn',
  output: { dir: 'dist', format: 'esm', cleanDir: true, minify: false },
});
