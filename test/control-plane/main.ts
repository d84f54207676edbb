import { findOrBuildBinaries } from './binaries.ts';

/** `node test/control-plane/main.ts [build]` finds or builds the binaries ahead of the tests and prints their folder. */
const [command = 'build', ...rest] = process.argv.slice(2);
if (command !== 'build' || rest.length > 0) {
  console.error('usage: node test/control-plane/main.ts [build]');
  process.exit(2);
}
console.log(await findOrBuildBinaries({ log: console.error }));
