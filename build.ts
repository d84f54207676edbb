import { build } from 'rolldown';

/**
 * Bundles src/main.ts into dist/: one program, split where the source imports lazily. A bundle starts in a third of the
 * time, because Node opens two or three files instead of several hundred.
 */
export async function buildBundle(): Promise<void> {
  await build({
    cwd: import.meta.dirname,
    input: { main: 'src/main.ts' },
    platform: 'node',
    // Comments and white space are a third of it, and all of it is read at every start; names stay, for stack traces.
    output: {
      dir: 'dist',
      format: 'esm',
      cleanDir: true,
      minify: { compress: false, mangle: false, codegen: { removeWhitespace: true } },
    },
  });
}

if (import.meta.main) await buildBundle();
