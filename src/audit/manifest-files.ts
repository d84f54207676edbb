import { type Dirent, readdirSync, statSync } from 'node:fs';
import { join, normalize } from 'node:path';
import type { Mistake } from '../errors.ts';
import { isKustomization } from './kustomize-patches.ts';
import { readFault } from './read-fault.ts';

/** A file to read. */
export interface ManifestFile {
  readonly path: string;
  /** The person named this file, not a folder around it: then it must hold Kubernetes objects. */
  readonly named: boolean;
}

export interface ManifestFiles {
  readonly files: readonly ManifestFile[];
  /** Those in the folders, whether they are among the files or, as `Kustomization`, not. */
  readonly kustomizations: readonly string[];
  readonly mistakes: readonly Mistake[];
}

/**
 * The files behind paths: a folder stands for every *.yaml, *.yml and *.json below it, sorted. As with `kubectl -f`, links
 * to files are followed and links to folders are not, so that there can be no loop.
 */
export function findManifestFiles(paths: readonly string[]): ManifestFiles {
  const files = new Map<string, ManifestFile>();
  const kustomizations = new Set<string>();
  const mistakes: Mistake[] = [];
  for (const path of paths.map(normalize)) {
    try {
      if (!statSync(path).isDirectory()) files.set(path, { path, named: true });
      else addFolder(path, files, kustomizations, mistakes);
    } catch (error) {
      mistakes.push({ file: path, field: '', message: readFault(error) });
    }
  }
  return { files: [...files.values()], kustomizations: [...kustomizations], mistakes };
}

function addFolder(
  folder: string,
  files: Map<string, ManifestFile>,
  kustomizations: Set<string>,
  mistakes: Mistake[],
): void {
  let empty = true;
  for (const path of walk(folder, mistakes)) {
    if (isKustomization(path)) kustomizations.add(path);
    if (!isManifest(path)) continue;
    empty = false;
    if (!files.has(path)) files.set(path, { path, named: false });
  }
  // A mistyped folder must not look like a clean one.
  if (empty) mistakes.push({ file: folder, field: '', message: 'no *.yaml, *.yml or *.json file in this folder' });
}

const skippedFolders = new Set(['.git', 'node_modules']);

function* walk(folder: string, mistakes: Mistake[]): Iterable<string> {
  for (const entry of readFolder(folder, mistakes)) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) {
      if (!skippedFolders.has(entry.name)) yield* walk(path, mistakes);
    } else if ((isManifest(path) || isKustomization(path)) && isFile(entry, path)) yield path;
  }
}

function isManifest(path: string): boolean {
  return /\.(?:ya?ml|json)$/.test(path);
}

function readFolder(folder: string, mistakes: Mistake[]): readonly Dirent[] {
  try {
    return readdirSync(folder, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1));
  } catch (error) {
    mistakes.push({ file: folder, field: '', message: readFault(error) });
    return [];
  }
}

/** A link that leads nowhere counts as a file: reading it says so. */
function isFile(entry: Dirent, path: string): boolean {
  if (!entry.isSymbolicLink()) return entry.isFile();
  try {
    return statSync(path).isFile();
  } catch {
    return true;
  }
}
