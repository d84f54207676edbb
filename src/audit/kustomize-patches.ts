import { basename, dirname, resolve } from 'node:path';
import { type Mistake, OperatorError } from '../errors.ts';
import { at, list } from '../kubernetes/fields.ts';
import { readText } from './read-text.ts';
import { readYamlDocuments } from './read-yaml.ts';

/** Whether kustomize takes it for a kustomization, by its name. */
export function isKustomization(path: string): boolean {
  return ['kustomization.yaml', 'kustomization.yml', 'Kustomization'].includes(basename(path));
}

/** The files by which a kustomization changes objects: each is a part of an object, and looks like a whole one. */
export interface KustomizePatches {
  readonly kustomization: string;
  /** Absolute paths. */
  readonly files: readonly string[];
}

export function readPatches(kustomization: string): KustomizePatches {
  const values = valuesOf(kustomization);
  const patches = ['patches', 'patchesJson6902'].flatMap((field) => values.flatMap((value) => list(at(value, field))));
  // Paths, or patches themselves: then there is no such file.
  const merged = values.flatMap((value) => list(at(value, 'patchesStrategicMerge')));
  const files = [...patches.map((patch) => at(patch, 'path')), ...merged];
  const folder = dirname(kustomization);
  return {
    kustomization,
    files: files.filter((file) => typeof file === 'string').map((file) => resolve(folder, file)),
  };
}

/** Says what was not judged, and how it can be. */
export function patchesPassedOver({ kustomization }: KustomizePatches, passedOver: number): Mistake {
  const files = passedOver === 1 ? 'a file that is' : `${passedOver} files that are`;
  const build = `kustomize build ${dirname(kustomization)} | daytwo audit -`;
  return {
    file: kustomization,
    field: '',
    message: `patches with ${files} not judged alone; what it makes is judged by: ${build}`,
  };
}

/** What is wrong with the file is said where it is read as a manifest. */
function valuesOf(kustomization: string): readonly unknown[] {
  try {
    return readYamlDocuments(readText(kustomization), kustomization).documents.map(({ value }) => value);
  } catch (error) {
    if (!(error instanceof OperatorError)) throw error;
    return [];
  }
}
