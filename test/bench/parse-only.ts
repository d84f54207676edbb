import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { loadAll } from 'js-yaml';

/** The least that an audit in Node can do: `node parse-only.ts <folder>` parses every manifest and holds the values. */
const [folder = ''] = process.argv.slice(2);
const documents = globSync('**/*.yaml', { cwd: folder }).map((file) =>
  loadAll(readFileSync(join(folder, file), 'utf8')),
);
console.log(documents.flat().length);
