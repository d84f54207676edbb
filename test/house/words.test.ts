import { basename } from 'node:path';
import { describe, expect, test } from 'vitest';
import { readSourceFiles } from './source-files.ts';

/** Names under which anything fits, so that everything ends up there. */
const drawers = /[/-](utils?|helpers?|common|misc|shared|managers?|handlers?|processors?|types)(?=[-./])|\/index\./;

describe.each(readSourceFiles().map((file) => [file.path, file] as const))('%s', (path, { exports, text }) => {
  test('has a kebab-case name that says what is in it', () => {
    expect(basename(path)).toMatch(/^[a-z0-9]+(-[a-z0-9]+)*\.ts$/);
    if (path !== 'src/checks/index.ts') expect(path).not.toMatch(drawers);
  });

  test('has named exports and no enum', () => {
    expect(exports).not.toContain('default');
    expect(text).not.toMatch(/^\s*(export\s+)?(declare\s+)?(const\s+)?enum\s/m);
  });

  test.skipIf(path === 'src/main.ts')('is told about environment and arguments by main.ts', () => {
    expect(text).not.toMatch(/process\.(env|argv)|['"]node:process['"]/);
  });

  test.skipIf(path === 'src/kubernetes/managed-fields.ts')(
    'leaves the reading of managedFields to managedFieldsOf',
    () => {
      // The assignment puts them there in the first place.
      expect(text.replace('.managedFields = new DeferredManagedFields', '')).not.toMatch(
        /\.managedFields\b|\{[^}]*\bmanagedFields\b[^}]*\} = \S*metadata/,
      );
    },
  );
});
