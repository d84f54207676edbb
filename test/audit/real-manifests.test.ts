import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parseAllDocuments, type Tags } from 'yaml';
import { readYamlDocuments } from '../../src/audit/read-yaml.ts';

const cases = process.env['DAYTWO_CASES'];

/** Quoted text whose later lines are not indented: go-yaml lets it pass, both JavaScript parsers do not. */
const refusedByBoth =
  'microservices-demo__microservices-demo/deploy/kubernetes/manifests-monitoring/23-grafana-import-dash-batch.yaml';

test.skipIf(cases === undefined)(
  `real manifests read as the yaml package reads them${cases === undefined ? ' (skipped: DAYTWO_CASES names no folder of them)' : ''}`,
  { timeout: 120_000 },
  () => {
    const folder = join(cases as string, 'manifests');
    const files = globSync('**/*.{yaml,yml,json}', { cwd: folder });
    expect(files.length).toBeGreaterThan(1000);
    for (const file of files) {
      const text = readFileSync(join(folder, file), 'utf8');
      const { documents, mistakes } = readYamlDocuments(text, file);
      const unreadable = mistakes.filter(({ message }) => !message.includes('stands twice'));
      if (file === refusedByBoth) expect(unreadable).toHaveLength(1);
      else {
        expect(unreadable).toEqual([]);
        expect(
          documents.map(({ value }) => value),
          file,
        ).toEqual(slowly(text));
      }
    }
  },
);

/** Dates stay text and `0o644` is octal, as for kubectl. */
function slowly(text: string): unknown[] {
  const customTags = (tags: Tags): Tags =>
    tags.filter(
      (tag) => typeof tag === 'string' || !/timestamp|TIME/.test(`${tag.tag} ${'format' in tag ? tag.format : ''}`),
    );
  return parseAllDocuments(text, { version: '1.1', merge: true, uniqueKeys: false, customTags })
    .map((document) => document.toJS({ maxAliasCount: -1 }) as unknown)
    .filter((value) => value !== null && value !== undefined);
}
