import type { ParamMistake } from '../checks/check.ts';
import { at, fields, list } from '../kubernetes/fields.ts';
import { pointerTo } from '../kubernetes/json-pointer.ts';

/**
 * What the API would refuse in a LabelSelector that fits its schema, and what therefore selects nothing (or, as NotIn, leaves out
 * nothing). Not in the CustomResourceDefinition: an API server would not afford it for each of any number of rules.
 * Source: apimachinery ValidateLabelSelector.
 * @param pointer where it stands
 */
export function* selectorMistakes(selector: unknown, pointer: string): Iterable<ParamMistake> {
  for (const [key, value] of Object.entries(fields(at(selector, 'matchLabels')))) {
    const place = pointerTo(`${pointer}/matchLabels`, key);
    if (!isLabelKey(key)) yield { pointer: place, message: `no label can have this name; ${keyForm}` };
    yield* valueMistakes(value, place);
  }
  for (const [index, one] of list(at(selector, 'matchExpressions')).entries())
    yield* requirementMistakes(one, pointerTo(`${pointer}/matchExpressions`, index));
}

function* requirementMistakes(requirement: unknown, pointer: string): Iterable<ParamMistake> {
  const { key, operator } = fields(requirement);
  const values = list(at(requirement, 'values'));
  if (typeof key === 'string' && key !== '' && !isLabelKey(key))
    yield { pointer: `${pointer}/key`, message: `no label can have the name ${JSON.stringify(key)}; ${keyForm}` };
  if ((operator === 'In' || operator === 'NotIn') && values.length === 0)
    yield {
      pointer: `${pointer}/values`,
      message: `must name the values to compare with: ${operator} needs at least one`,
    };
  if ((operator === 'Exists' || operator === 'DoesNotExist') && values.length > 0) {
    const meant = operator === 'Exists' ? 'In' : 'NotIn';
    yield {
      pointer: `${pointer}/values`,
      message: `${operator} looks at no values; write ${meant} to compare with them`,
    };
  }
  for (const [index, value] of values.entries()) yield* valueMistakes(value, pointerTo(`${pointer}/values`, index));
}

function* valueMistakes(value: unknown, pointer: string): Iterable<ParamMistake> {
  if (typeof value === 'string' && value !== '' && !isName(value))
    yield { pointer, message: `no label can have the value ${JSON.stringify(value)}; ${nameForm}` };
}

const nameForm = 'it is made of letters, digits, "-", "_" and ".", and begins and ends with a letter or digit';
const keyForm = `${nameForm}; a DNS name and "/" may stand before it`;

function isLabelKey(key: string): boolean {
  const slash = key.indexOf('/');
  return (slash === -1 || isDnsName(key.slice(0, slash))) && isName(key.slice(slash + 1));
}

function isName(text: string): boolean {
  return text.length <= 63 && /^[A-Za-z0-9](?:[-\w.]*[A-Za-z0-9])?$/.test(text);
}

function isDnsName(text: string): boolean {
  return text.length <= 253 && text.split('.').every((part) => /^[a-z0-9](?:[-a-z0-9]*[a-z0-9])?$/.test(part));
}
