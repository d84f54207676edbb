import { Ajv, type ErrorObject } from 'ajv';
import type { ParamMistake } from '../checks/check.ts';
import { pointerTo } from '../kubernetes/json-pointer.ts';
import { nearestName } from './nearest-name.ts';

// `strictRequired` and `strictTypes` would refuse the if/then/else of `action`.
const ajv = new Ajv({ allErrors: true, strict: true, strictRequired: false, strictTypes: false });

/** Every way in which a value departs from a JSON Schema, in words for the person who wrote it; no coercion. */
export function validate(schema: object, value: unknown): readonly ParamMistake[] {
  const accepts = ajv.compile(schema);
  return accepts(value) ? [] : (accepts.errors ?? []).filter((error) => error.keyword !== 'if').map(describe);
}

function describe(error: ErrorObject): ParamMistake {
  const params: Readonly<Record<string, unknown>> = error.params;
  switch (error.keyword) {
    case 'additionalProperties': {
      const name = String(params['additionalProperty']);
      return { pointer: pointerTo(error.instancePath, name), message: unknownField(name, knownFields(error)) };
    }
    case 'required':
      return { pointer: error.instancePath, message: `the field ${String(params['missingProperty'])} is missing` };
    case 'const':
      return { pointer: error.instancePath, message: `must be ${JSON.stringify(params['allowedValue'])}` };
    case 'enum':
      return { pointer: error.instancePath, message: oneOf(error.data, params['allowedValues'] as readonly unknown[]) };
    case 'type':
      return {
        pointer: error.instancePath,
        message: `must be ${article(String(params['type']))}, not ${shown(error.data)}`,
      };
    default:
      return { pointer: error.instancePath, message: error.message ?? error.keyword };
  }
}

function knownFields(error: ErrorObject): readonly string[] {
  const parent = error.parentSchema as { readonly properties?: object } | undefined;
  return Object.keys(parent?.properties ?? {});
}

function unknownField(name: string, known: readonly string[]): string {
  const meant = nearestName(name, known);
  return meant === undefined
    ? `there is no such field; there are ${known.join(', ')}`
    : `there is no such field; did you mean ${meant}?`;
}

function oneOf(written: unknown, allowed: readonly unknown[]): string {
  const names = allowed.map(String);
  const meant = typeof written === 'string' ? nearestName(written, names) : undefined;
  const hint = meant === undefined ? '' : `; did you mean ${meant}?`;
  return `must be one of ${names.join(', ')}, not ${shown(written)}${hint}`;
}

function article(type: string): string {
  return /^[aeio]/.test(type) ? `an ${type}` : `a ${type}`;
}

function shown(value: unknown): string {
  return Array.isArray(value)
    ? 'a list'
    : typeof value === 'object' && value !== null
      ? 'an object'
      : JSON.stringify(value);
}
