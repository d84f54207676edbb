import type { Mistake } from '../errors.ts';
import { groupKindOf } from '../kubernetes/object.ts';
import type { PlacedManifest } from './manifest.ts';

/** Objects that are written more than once: the one that is applied last stays, and the others were judged for nothing. */
export function duplicateWarnings(manifests: readonly PlacedManifest[]): readonly Mistake[] {
  const first = new Map<string, PlacedManifest>();
  const warnings: Mistake[] = [];
  for (const manifest of manifests) {
    const name = nameOf(manifest);
    const earlier = name === undefined ? undefined : first.get(name);
    if (earlier === undefined) {
      if (name !== undefined) first.set(name, manifest);
      continue;
    }
    const { document, pointer } = manifest;
    const { line } = earlier.document.locate(earlier.pointer);
    warnings.push({
      file: document.file,
      position: document.locate(pointer),
      field: '',
      message: `${name} stands in ${earlier.document.file}:${line} already; the one that is applied last stays`,
    });
  }
  return warnings;
}

/** `apps/Deployment shop/checkout`; undefined for an object whose name the API server makes up. */
function nameOf({ object, namespace }: PlacedManifest): string | undefined {
  const { name } = object.metadata;
  if (name === undefined) return undefined;
  return `${groupKindOf(object)} ${namespace === undefined ? '' : `${namespace}/`}${name}`;
}
