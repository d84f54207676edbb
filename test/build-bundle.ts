import { buildBundle } from '../build.ts';

/** Tests run the program that is shipped, so it is built once before them all. */
export async function setup(): Promise<void> {
  await buildBundle();
}
