import { Ajv, type ErrorObject } from 'ajv';
import type { ParamMistake } from '../checks/check.ts';
import { pointerTo } from '../kubernetes/json-pointer.ts';
import { nearestName } from './nearest-name.ts';

// `strictRequired` and `strictTypes` would refuse the if/then/else of `action`.
// `verbose` brings the schema and the value along, for messages that name both.
// The schemas are our own, and tests compare them with the schema of schemas: to do that here, and to polish code that runs a few
// times, took a fifth of the start of every command that reads a policy.
const ajv = new Ajv({
  allErrors: true,
  verbose: true,
  strict: true,
  strictRequired: false,
  strictTypes: false,
  meta: false,
  validateSchema: false,
  code: { optimize: false },
});
// The same schemas make the CustomResourceDefinitions; these keywords speak to the API server alone.
ajv.addVocabulary(['x-kubernetes-preserve-unknown-fields', 'x-kubernetes-validations']);

/** Every way in which a value departs from a JSON Schema, in words for the person who wrote it; no coercion. */
export function validate(schema: object, value: unknown): readonly ParamMistake[] {
  const accepts = ajv.compile(schema);
  if (accepts(value)) return [];
  const errors = accepts.errors ?? [];
  const mistyped = new Set(errors.filter(({ keyword }) => keyword === 'type').map(({ instancePath }) => instancePath));
  return errors
    .filter(({ keyword, instancePath }) => keyword !== 'if' && !(keyword === 'enum' && mistyped.has(instancePath)))
    .map(describe);
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
      return { pointer: error.instancePath, message: mistyped(String(params['type']), error) };
    case 'minItems':
      return {
        pointer: error.instancePath,
        message: `must name at least ${params['limit'] === 1 ? 'one' : String(params['limit'])}`,
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
  if (meant !== undefined) return `there is no such field; did you mean ${meant}?`;
  return known.length === 0 ? 'there is no such field' : `there is no such field; there are ${known.join(', ')}`;
}

function oneOf(written: unknown, allowed: readonly unknown[]): string {
  const names = allowed.map(String);
  const meant = typeof written === 'string' ? nearestName(written, names) : undefined;
  const hint = meant === undefined ? '' : `; did you mean ${meant}?`;
  return `must be one of ${names.join(', ')}, not ${shown(written)}${hint}`;
}

function mistyped(type: string, error: ErrorObject): string {
  const allowed = (error.parentSchema as { readonly enum?: readonly unknown[] } | undefined)?.enum;
  // The trap of YAML 1.1, which kubectl speaks: an unquoted Off is a boolean.
  if (error.data === false && allowed?.includes('Off'))
    return "must be one of Deny, Warn, Audit, 'Off'; YAML reads an unquoted Off as false, so quote it";
  return `must be ${article(type)}, not ${shown(error.data)}`;
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
