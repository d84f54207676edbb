import { fileURLToPath } from 'node:url';
import { build } from 'rolldown';
import config from '../rolldown.config.ts';

/** Tests run the program that is shipped, so it is built once before them all. */
export async function setup(): Promise<void> {
  process.chdir(fileURLToPath(new URL('../', import.meta.url)));
  await build(config as Parameters<typeof build>[0]);
}
