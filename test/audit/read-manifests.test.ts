import { chmodSync, symlinkSync, truncateSync } from 'node:fs';
import { join, relative } from 'node:path';
import { describe, expect, test } from 'vitest';
import { readManifests } from '../../src/audit/read-manifests.ts';
import { type Mistake, renderMistake } from '../../src/errors.ts';
import { temporaryFolder } from './temporary-folder.ts';

const pod = (name: string): string => `apiVersion: v1\nkind: Pod\nmetadata:\n  name: ${name}\n`;

interface Seen {
  /** Names of the objects, in order. */
  readonly names: readonly (string | undefined)[];
  /** As printed, files relative to the folder. */
  readonly mistakes: readonly string[];
  readonly others: number;
  /** As printed, files relative to the folder; where there are any. */
  readonly warnings?: readonly string[];
}

async function read(folder: string, paths: readonly string[], stdin = ''): Promise<Seen> {
  const full = paths.map((path) => (path === '-' ? path : join(folder, path)));
  const { manifests, mistakes, warnings, otherDocuments } = await readManifests(full, async () => Buffer.from(stdin));
  const print = (mistake: Mistake): string =>
    renderMistake({ ...mistake, file: relative(folder, mistake.file) || mistake.file });
  return {
    names: manifests.map(({ object }) => object.metadata.name),
    mistakes: mistakes.map(print),
    others: otherDocuments,
    ...(warnings.length > 0
      ? { warnings: warnings.map((warning) => print(warning).replaceAll(`${folder}/`, '')) }
      : {}),
  };
}

describe('folders', () => {
  test('stand for every manifest below them, sorted, but not for other files, node_modules and .git', async () => {
    const folder = temporaryFolder({
      'b.yml': pod('b'),
      'a/z.yaml': pod('z'),
      'a/c.json': JSON.stringify({ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'c' } }),
      'notes.txt': pod('no'),
      'node_modules/x/a.yaml': pod('no'),
      '.git/a.yaml': pod('no'),
    });
    expect(await read(folder, ['.'])).toEqual({ names: ['c', 'z', 'b'], mistakes: [], others: 0 });
  });

  test('may hold 5,000 files', async () => {
    const files = Array.from(
      { length: 5000 },
      (_, number) => [`${number % 50}/${number}.yaml`, pod(`p${number}`)] as const,
    );
    const { names, mistakes } = await read(temporaryFolder(Object.fromEntries(files)), ['.']);
    expect(names).toHaveLength(5000);
    expect(mistakes).toEqual([]);
    // Writing the files is most of it, and a busy disk takes its time.
  }, 60_000);

  test('may hold files of other tools, which are counted', async () => {
    const folder = temporaryFolder({
      'Chart.yaml': 'apiVersion: v2\nname: shop\n',
      'values.yaml': 'replicas: 3\n',
      'list.json': '[1, 2]',
      'app.yaml': pod('app'),
    });
    expect(await read(folder, ['.'])).toEqual({ names: ['app'], mistakes: [], others: 3 });
  });

  test('without a manifest are a mistake: a mistyped path must not look clean', async () => {
    const folder = temporaryFolder({ 'k8s/readme.md': '' });
    expect((await read(folder, ['k8s'])).mistakes).toEqual(['k8s: no *.yaml, *.yml or *.json file in this folder']);
  });

  test('may be linked in a circle', async () => {
    const folder = temporaryFolder({ 'a/app.yaml': pod('app') });
    symlinkSync('..', join(folder, 'a/up'));
    symlinkSync('self.yaml', join(folder, 'a/self.yaml'));
    symlinkSync('app.yaml', join(folder, 'a/link.yaml'));
    symlinkSync('gone', join(folder, 'a/dangling.yaml'));
    expect(await read(folder, ['.'])).toEqual({
      names: ['app', 'app'],
      mistakes: ['a/dangling.yaml: no such file or folder', 'a/self.yaml: is a link that leads back to itself'],
      others: 0,
    });
  });
});

describe('patches of kustomize, which look like objects', () => {
  const base = { 'base/kustomization.yaml': 'resources: [app.yaml]\n', 'base/app.yaml': pod('app') };
  const written = (kustomization: string, name = 'kustomization.yaml'): Record<string, string> => ({
    ...base,
    [`prod/${name}`]: `resources: [../base]\n${kustomization}`,
    'prod/image.yaml': pod('app'),
    'prod/env.yml': `${pod('app')}---\n${pod('app')}`,
  });
  const build = 'what it makes is judged by: kustomize build prod | daytwo audit -';

  test.each([
    ['patches', 'patches: [{path: image.yaml}, {path: ./env.yml}, {patch: "kind: Pod"}]'],
    ['patchesStrategicMerge', 'patchesStrategicMerge: [image.yaml, ../prod/env.yml, "kind: Pod\\n"]'],
  ])('are passed over and counted where %s names them', async (_field, kustomization) => {
    for (const name of ['kustomization.yaml', 'kustomization.yml', 'Kustomization']) {
      const folder = temporaryFolder(written(kustomization, name));
      const { warnings, ...seen } = await read(folder, ['.']);
      // The kustomizations are documents too.
      expect(seen).toEqual({ names: ['app'], mistakes: [], others: name === 'Kustomization' ? 4 : 5 });
      expect(warnings).toEqual([`prod/${name}: patches with 2 files that are not judged alone; ${build}`]);
    }
  });

  test('but not where they are named, or lie beside a kustomization that does not', async () => {
    const folder = temporaryFolder(written('patches: [{path: image.yaml}]'));
    expect((await read(folder, ['prod/image.yaml'])).names).toEqual(['app']);
    expect(await read(folder, ['.'])).toMatchObject({
      names: ['app', 'app', 'app'],
      warnings: [`prod/kustomization.yaml: patches with a file that is not judged alone; ${build}`],
    });
  });

  test('and a kustomization that is broken is a mistake once', async () => {
    const folder = temporaryFolder(written('patches: ['));
    expect((await read(folder, ['.'])).mistakes).toHaveLength(1);
  });
});

describe('files that cannot be read leave the others as they are', () => {
  const utf16 = Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from(pod('x'), 'utf16le')]);
  test.each([
    ['binary', Buffer.from([0x7f, 0x45, 0x4c, 0x46, 0, 1, 2, 3]), 'bad.yaml: is a binary file, not UTF-8 text'],
    ['Latin-1', Buffer.from('name: caf\xe9', 'latin1'), 'bad.yaml: is a binary file, not UTF-8 text'],
    ['UTF-16', utf16, 'bad.yaml: is UTF-16 text (PowerShell writes it); save it as UTF-8'],
    [
      'broken',
      'a: [1\n',
      'bad.yaml:2:1: a quote or bracket that is opened before goes on in this line: indent the line deeper than its key, or close it',
    ],
    ['only text', 'hello\n', 'bad.yaml:1:1: is not a Kubernetes object, but a list or text'],
    [
      'of another tool, but named',
      'replicas: 3\n',
      'bad.yaml:1:1: apiVersion and kind missing: not a Kubernetes object',
    ],
    ['nameless in kind', 'apiVersion: v1\nmetadata: {}\n', 'bad.yaml:1:1: kind missing: not a Kubernetes object'],
    [
      'named by a number',
      'apiVersion: v1\nkind: Pod\nmetadata:\n  name: 007\n',
      'bad.yaml:4:3: metadata.name: must be text, not 7; put it in quotes',
    ],
    [
      'named by a placeholder',
      'apiVersion: v1\nkind: Pod\nmetadata:\n  name: {name}\n',
      'bad.yaml:4:3: metadata.name: must be text, not a mapping or list',
    ],
    [
      'with a list as metadata',
      'apiVersion: v1\nkind: Pod\nmetadata: [a]\n',
      'bad.yaml:3:1: metadata: must be a mapping',
    ],
  ])('%s', async (_name, content, mistake) => {
    const folder = temporaryFolder({ 'a.yaml': pod('a'), 'bad.yaml': content, 'z.yaml': pod('z') });
    expect(await read(folder, ['a.yaml', 'bad.yaml', 'z.yaml'])).toEqual({
      names: ['a', 'z'],
      mistakes: [mistake],
      others: 0,
    });
  });

  test('huge', async () => {
    const folder = temporaryFolder({ 'a.yaml': pod('a'), 'huge.yaml': '' });
    truncateSync(join(folder, 'huge.yaml'), 1024 ** 3);
    expect(await read(folder, ['.'])).toEqual({
      names: ['a'],
      mistakes: ['huge.yaml: is larger than 128 MiB; is it a manifest?'],
      others: 0,
    });
  });

  test('missing', async () => {
    const folder = temporaryFolder({ 'a.yaml': pod('a') });
    expect(await read(folder, ['nope.yaml', 'a.yaml'])).toEqual({
      names: ['a'],
      mistakes: ['nope.yaml: no such file or folder'],
      others: 0,
    });
  });

  test.skipIf(process.getuid?.() === 0)('forbidden (skipped for root, who may read everything)', async () => {
    const folder = temporaryFolder({ 'a.yaml': pod('a'), 'b.yaml': pod('b') });
    chmodSync(join(folder, 'b.yaml'), 0);
    expect(await read(folder, ['.'])).toMatchObject({
      names: ['a'],
      mistakes: ['b.yaml: may not be read (permission denied)'],
    });
  });

  test('an object in a folder whose apiVersion was forgotten is meant, and a mistake', async () => {
    const folder = temporaryFolder({ 'a.yaml': 'kind: Pod\nmetadata: {name: a}\n' });
    expect((await read(folder, ['.'])).mistakes).toEqual(['a.yaml:1:1: apiVersion missing: not a Kubernetes object']);
  });

  test('one broken document of many is one mistake', async () => {
    const folder = temporaryFolder({
      'all.yaml': [pod('a'), 'kind: [\n', pod('b'), 'a: b: c\n', pod('c')].join('---\n'),
    });
    const { names, mistakes } = await read(folder, ['all.yaml']);
    expect(names).toEqual(['a', 'b', 'c']);
    expect(mistakes).toHaveLength(2);
  });
});

describe('a file without a document', () => {
  const nothing = 'no document in it: nothing, or only comments';

  test.each([
    ['empty', ''],
    ['of comments', '# later\n---\n# more\n---\n'],
    ['of a null', 'null\n'],
  ])('%s is a mistake where it was named, and nothing in a folder', async (_name, content) => {
    const folder = temporaryFolder({ 'empty.yaml': content, 'a.yaml': pod('a') });
    expect(await read(folder, ['.'])).toEqual({ names: ['a'], mistakes: [], others: 0 });
    expect(await read(folder, ['empty.yaml', 'a.yaml'])).toEqual({
      names: ['a'],
      mistakes: [`empty.yaml: ${nothing}`],
      others: 0,
    });
  });

  test('is what a broken producer leaves in standard input', async () => {
    expect((await read('.', ['-'], '')).mistakes).toEqual([`stdin: ${nothing}; did the command before the pipe fail?`]);
  });

  test('says only what broke it', async () => {
    expect((await read('.', ['-'], 'kind: [')).mistakes).toHaveLength(1);
  });
});

test('a file that is named and lies in a named folder is read once', async () => {
  const folder = temporaryFolder({ 'a.yaml': pod('a') });
  expect((await read(folder, ['.', 'a.yaml', './a.yaml'])).names).toEqual(['a']);
});

test('standard input is read for -', async () => {
  expect(await read('.', ['-'], `${pod('in')}---\nkind: [`)).toEqual({
    names: ['in'],
    mistakes: ['stdin:6:8: a quote or bracket that is opened before is never closed'],
    others: 0,
  });
});

describe('Lists', () => {
  test('are unpacked, nested ones too, and each item knows its line', async () => {
    const list = `apiVersion: v1
kind: List
items:
  - {apiVersion: v1, kind: Pod, metadata: {name: a}}
  - apiVersion: apps/v1
    kind: DeploymentList
    items:
      - metadata: {name: b}
`;
    const folder = temporaryFolder({ 'list.yaml': list });
    const { manifests } = await readManifests([folder], async () => Buffer.alloc(0));
    const seen = manifests.map(({ object, document, pointer }) => [
      object.apiVersion,
      object.kind,
      object.metadata.name,
      document.locate(pointer).line,
    ]);
    expect(seen).toEqual([
      ['v1', 'Pod', 'a', 4],
      ['apps/v1', 'Deployment', 'b', 8],
    ]);
  });

  test('may hold more items than a call takes arguments', async () => {
    const items = '- {apiVersion: v1, kind: Pod}\n'.repeat(200_000);
    const { names } = await read('.', ['-'], `apiVersion: v1\nkind: List\nitems:\n${items}`);
    expect(names).toHaveLength(200_000);
  });

  test.each([['[]'], ['null']])('may be empty: items: %s', async (items) => {
    expect(await read('.', ['-'], `{"apiVersion": "v1", "kind": "List", "items": ${items}}`)).toEqual({
      names: [],
      mistakes: [],
      others: 0,
    });
  });

  test('name the item that is no object', async () => {
    const folder = temporaryFolder({ 'list.yaml': 'apiVersion: v1\nkind: List\nitems:\n- 3\n' });
    expect((await read(folder, ['list.yaml'])).mistakes).toEqual([
      'list.yaml:4:3: items[0]: is not a Kubernetes object, but a list or text',
    ]);
  });
});
