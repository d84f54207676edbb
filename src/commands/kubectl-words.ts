import { styleText } from 'node:util';
import { printable } from '../audit/reporters/printable.ts';
import type { Operation } from '../kubernetes/json-patch.ts';
import { fieldPath, valueAt } from '../kubernetes/json-pointer.ts';
import { groupOf, type KubernetesObject } from '../kubernetes/object.ts';
import type { Applied } from './stand-in-api-server.ts';

/** `deployment.apps/checkout created`, and below it the fields that were patched. */
export function successWords({ object, sent, result, patch, patchedBy }: Applied, color: boolean): string {
  const lines = patch.flatMap((operation) => patchLines(operation, sent)).map(printable);
  const painted = color ? lines.map((line) => styleText(line.startsWith('-') ? 'red' : 'green', line)) : lines;
  const patched = patch.length === 0 ? [] : [`  patched by ${patchedBy.replaceAll(',', ', ')}:`];
  return [`${resourceName(object)} ${result}`, ...patched, ...painted.map((line) => `    ${line}`), ''].join('\n');
}

/** What kubectl prints when a webhook says no to `kubectl apply -f FILE`. */
export function denialWords({ denial, sent }: Applied, file: string, exists: boolean): string {
  const doing = exists
    ? `applying patch to: ${resourceName(sent)}, for: "${printable(file)}"`
    : `creating "${printable(file)}"`;
  const { webhook, reason, message } = denial ?? { webhook: '', reason: '', message: '' };
  return `Error from server (${reason}): error when ${doing}: admission webhook "${webhook}" denied the request: ${message}\n`;
}

/** `deployment.apps/checkout`, `namespace/shop` */
export function resourceName({ apiVersion, kind, metadata }: KubernetesObject): string {
  const group = groupOf(apiVersion);
  const name = metadata.name ?? metadata.generateName ?? '';
  return printable(`${kind.toLowerCase()}${group === '' ? '' : `.${group}`}/${name}`);
}

/** `+ spec.a: 1`. Guards are no change, nor are the empty parents that a later line fills. */
function patchLines(operation: Operation, sent: KubernetesObject): readonly string[] {
  const { op, path } = operation;
  const field = fieldPath(path);
  if (op === 'remove') return [`- ${field}`];
  if (op === 'test' || isEmpty(operation.value)) return [];
  const before = op === 'replace' ? valueAt(sent, path) : undefined;
  const added = `+ ${field}: ${shown(operation.value)}`;
  return before === undefined ? [added] : [`- ${field}: ${shown(before)}`, added];
}

function isEmpty(value: unknown): boolean {
  return typeof value === 'object' && value !== null && Object.keys(value).length === 0;
}

function shown(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}
