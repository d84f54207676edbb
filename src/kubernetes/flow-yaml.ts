import { isFields } from './fields.ts';

/** A value as one line of YAML, to paste: `{matchLabels: {app: checkout, version: "1.0"}}`; undefined entries are left out. */
export function flowYaml(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(flowYaml).join(', ')}]`;
  if (!isFields(value)) return typeof value === 'string' ? scalar(value) : JSON.stringify(value);
  const entries = Object.entries(value).filter(([, inner]) => inner !== undefined);
  return `{${entries.map(([key, inner]) => `${scalar(key)}: ${flowYaml(inner)}`).join(', ')}}`;
}

/** Quoted wherever YAML could take it for something else: numbers, dates, `no`, `null`. */
function scalar(text: string): string {
  const plain =
    /^([A-Za-z][\w./-]*|\d+%)$/.test(text) && (text.length > 5 || !/^(y|n|yes|no|on|off|true|false|null)$/i.test(text));
  return plain ? text : JSON.stringify(text);
}
