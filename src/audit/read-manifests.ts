import { resolve } from 'node:path';
import { type Mistake, OperatorError } from '../errors.ts';
import { findManifestFiles } from './manifest-files.ts';
import { patchesPassedOver, readPatches } from './kustomize-patches.ts';
import { type Manifest, manifestsIn } from './manifest.ts';
import { decodeText, readText } from './read-text.ts';
import { readYamlDocuments, type YamlDocument } from './read-yaml.ts';

/** Everything that was read, and everything that could not be: a mistake never hides what is sound. */
export interface ManifestsRead {
  readonly manifests: Manifest[];
  readonly mistakes: Mistake[];
  /** No reason to fail, but worth a look: kustomizations whose patches were passed over. */
  readonly warnings: Mistake[];
  /** How many files were read. */
  files: number;
  /** Documents found in folders that are no Kubernetes objects: Helm values, kustomize patches, CI files. */
  otherDocuments: number;
}

/** Stands for the file in messages. */
const stdin = 'stdin';
const noDocument = 'no document in it: nothing, or only comments';
const brokenPipe = 'did the command before the pipe fail?';

/**
 * Reads files, folders and, for the path `-`, standard input. Reads synchronously: a thousand small files take a
 * quarter of the time they take through promises, and a command has nothing else to do.
 */
export async function readManifests(
  paths: readonly string[],
  readStdin: () => Promise<Buffer>,
): Promise<ManifestsRead> {
  const { files, kustomizations, mistakes } = findManifestFiles(paths.filter((path) => path !== '-'));
  const read: ManifestsRead = { manifests: [], mistakes: [...mistakes], warnings: [], files: 0, otherDocuments: 0 };
  if (paths.includes('-')) {
    const bytes = await readStdin();
    readFile(stdin, 'objects', () => decodeText(bytes), read);
  }
  const found = new Set(files.filter(({ named }) => !named).map(({ path }) => resolve(path)));
  const patches = new Set<string>();
  for (const one of kustomizations.map(readPatches)) {
    const passedOver = one.files.filter((file) => found.has(file));
    for (const file of passedOver) patches.add(file);
    if (passedOver.length > 0) read.warnings.push(patchesPassedOver(one, passedOver.length));
  }
  for (const { path, named } of files) {
    const expected = named ? 'objects' : patches.has(resolve(path)) ? 'patches' : 'anything';
    readFile(path, expected, () => readText(path), read);
  }
  return read;
}

/** What a file holds: one that was named must hold objects, and patches are never taken for them. */
type Expected = 'objects' | 'anything' | 'patches';

function readFile(file: string, expected: Expected, textOf: () => string, read: ManifestsRead): void {
  read.files++;
  try {
    const { documents, mistakes } = readYamlDocuments(textOf(), file);
    read.mistakes.push(...mistakes);
    // A pipe from a command that failed must not look clean.
    if (expected === 'objects' && documents.length === 0 && mistakes.length === 0)
      read.mistakes.push({ file, field: '', message: file === stdin ? `${noDocument}; ${brokenPipe}` : noDocument });
    for (const document of documents) addManifests(document, expected, read);
  } catch (error) {
    if (!(error instanceof OperatorError)) throw error;
    read.mistakes.push({ file, field: '', message: error.message });
  }
}

/** Adds one by one: a List can hold more items than a call takes arguments. */
function addManifests(document: YamlDocument, expected: Expected, read: ManifestsRead): void {
  if (expected === 'patches') {
    read.otherDocuments++;
    return;
  }
  const { manifests, mistakes, others } = manifestsIn(document);
  for (const manifest of manifests) read.manifests.push(manifest);
  for (const mistake of expected === 'objects' ? [...mistakes, ...others] : mistakes) read.mistakes.push(mistake);
  if (expected === 'anything') read.otherDocuments += others.length;
}
