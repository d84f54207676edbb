import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { renderChecklist, renderExamples } from './render-checklist.ts';
import { renderCrds } from './render-crds.ts';
import { renderMessages } from './render-messages.ts';

/**
 * Writes what is generated from the code; with `--check` it changes nothing and fails where a file is not what the code
 * says, so that a page and the registry cannot drift apart.
 */
const root = fileURLToPath(new URL('../../', import.meta.url));
const pages = [
  { file: 'docs/checks.md', text: renderChecklist() },
  { file: 'docs/messages.md', text: renderMessages() },
  { file: 'src/commands/check-examples.json', text: renderExamples() },
  { file: 'manifests/install/05-crds.yaml', text: renderCrds() },
];
const stale = pages.filter(({ file, text }) => current(file) !== text);

if (!process.argv.includes('--check')) {
  for (const { file, text } of stale) writeFileSync(join(root, file), text);
} else if (stale.length > 0) {
  console.error(
    `${stale.map(({ file }) => file).join(', ')}: not what the code says; run \`npm run docs\` and commit it`,
  );
  process.exitCode = 1;
}

function current(file: string): string | undefined {
  try {
    return readFileSync(join(root, file), 'utf8');
  } catch {
    return undefined;
  }
}
