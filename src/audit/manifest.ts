import type { Mistake } from '../errors.ts';
import { at, type Fields, isFields } from '../kubernetes/fields.ts';
import { fieldPath } from '../kubernetes/json-pointer.ts';
import type { KubernetesObject } from '../kubernetes/object.ts';
import type { YamlDocument } from './read-yaml.ts';

/** A Kubernetes object, and where it was written. */
export interface Manifest {
  readonly object: KubernetesObject;
  readonly document: YamlDocument;
  /** JSON Pointer to the object in the document: empty, or `/items/3` in a List. */
  readonly pointer: string;
}

/** A manifest with the namespace that its object would live in; undefined for a cluster-scoped one. */
export interface PlacedManifest extends Manifest {
  readonly namespace: string | undefined;
}

export interface ManifestsInDocument {
  readonly manifests: readonly Manifest[];
  readonly mistakes: readonly Mistake[];
  /** What is no Kubernetes object at all; a mistake only where one was expected. */
  readonly others: readonly Mistake[];
}

/** The objects of a document: itself, or the items of a List, as kubectl unpacks it. */
export function manifestsIn(document: YamlDocument): ManifestsInDocument {
  const found: Found = { document, manifests: [], mistakes: [], others: [] };
  collect(document.value, '', found);
  return found;
}

interface Found {
  readonly document: YamlDocument;
  readonly manifests: Manifest[];
  readonly mistakes: Mistake[];
  readonly others: Mistake[];
}

function collect(value: unknown, pointer: string, found: Found): void {
  if (!isFields(value)) return report(found.others, found, pointer, 'is not a Kubernetes object, but a list or text');
  if (isList(value)) return collectItems(value, pointer, found);
  const { apiVersion, kind, metadata } = value;
  if (typeof apiVersion !== 'string' || typeof kind !== 'string') {
    const missing =
      typeof kind === 'string' ? 'apiVersion' : typeof apiVersion === 'string' ? 'kind' : 'apiVersion and kind';
    // An object whose author forgot a line, in contrast to a file of another tool.
    const meant = typeof kind === 'string' && isFields(metadata);
    return report(meant ? found.mistakes : found.others, found, pointer, `${missing} missing: not a Kubernetes object`);
  }
  const wrong = wrongMetadata(metadata);
  if (wrong !== undefined) return report(found.mistakes, found, pointer + wrong.pointer, wrong.message);
  const object = { ...value, apiVersion, kind, metadata: metadata ?? {} };
  found.manifests.push({ object, document: found.document, pointer });
}

type List = Fields & { readonly kind: string; readonly items: readonly unknown[] | null };

/** Programs in Go write an empty list as null. */
function isList(value: Fields): value is List {
  const { kind, items } = value;
  return typeof kind === 'string' && kind.endsWith('List') && (Array.isArray(items) || items === null);
}

/** Items of a typed list (`DeploymentList`) may leave out what the list says. */
function collectItems({ apiVersion, kind, items }: List, pointer: string, found: Found): void {
  const inherited = kind === 'List' ? {} : { apiVersion, kind: kind.slice(0, -'List'.length) };
  items?.forEach((item, index) =>
    collect(isFields(item) ? { ...inherited, ...item } : item, `${pointer}/items/${index}`, found),
  );
}

/** What the API server would refuse to decode, and what everything here relies on: names are text. */
function wrongMetadata(metadata: unknown): { readonly pointer: string; readonly message: string } | undefined {
  if (metadata === undefined || metadata === null) return undefined;
  if (!isFields(metadata)) return { pointer: '/metadata', message: 'must be a mapping' };
  for (const key of ['name', 'generateName', 'namespace']) {
    const written = at(metadata, key) ?? '';
    if (typeof written === 'object')
      return { pointer: `/metadata/${key}`, message: 'must be text, not a mapping or list' };
    if (typeof written !== 'string')
      return { pointer: `/metadata/${key}`, message: `must be text, not ${JSON.stringify(written)}; put it in quotes` };
  }
  return undefined;
}

function report(list: Mistake[], { document }: Found, pointer: string, message: string): void {
  list.push({ file: document.file, position: document.locate(pointer), field: fieldPath(pointer), message });
}
