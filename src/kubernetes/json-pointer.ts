import { isFields } from './fields.ts';

/** `/spec/template/spec/containers/0/env` + `a/b` → `…/a~1b`. Source: RFC 6901. */
export function pointerTo(base: string, ...keys: readonly (string | number)[]): string {
  let pointer = base;
  for (const key of keys) pointer += `/${escapeKey(String(key))}`;
  return pointer;
}

export function pointerKeys(pointer: string): readonly string[] {
  return pointer === '' ? [] : pointer.slice(1).split('/').map(unescapeKey);
}

/** The value there, or undefined; own properties only. */
export function valueAt(root: unknown, pointer: string): unknown {
  let current = root;
  for (const key of pointerKeys(pointer)) {
    if (Array.isArray(current)) current = /^(0|[1-9]\d*)$/.test(key) ? current[Number(key)] : undefined;
    else current = isFields(current) && Object.hasOwn(current, key) ? current[key] : undefined;
  }
  return current;
}

/** As people write it, `spec.containers[0].env[2].value`; a key that is not a word is quoted: `metadata.annotations["a/b"]`. */
export function fieldPath(pointer: string): string {
  let path = '';
  for (const key of pointerKeys(pointer)) {
    if (/^\d+$/.test(key)) path += `[${key}]`;
    else if (/^[\w-]+$/.test(key)) path += path === '' ? key : `.${key}`;
    else path += `[${JSON.stringify(key)}]`;
  }
  return path;
}

/** Lines of YAML, to paste where the keys of the pointer lead: `/spec/template` and `metadata: {}` are three lines. */
export function yamlBelow(pointer: string, yaml: string): string {
  const keys = pointerKeys(pointer);
  const indent = '  '.repeat(keys.length);
  const lines = yaml.split('\n').map((line) => indent + line);
  return [...keys.map((key, depth) => `${'  '.repeat(depth)}${key}:`), ...lines].join('\n');
}

function escapeKey(key: string): string {
  return key.includes('~') || key.includes('/') ? key.replaceAll('~', '~0').replaceAll('/', '~1') : key;
}

function unescapeKey(key: string): string {
  return key.includes('~') ? key.replaceAll('~1', '/').replaceAll('~0', '~') : key;
}
