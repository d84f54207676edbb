import { isFields } from './fields.ts';

/** A value as one line of YAML, to paste: `{matchLabels: {app: checkout, version: "1.0"}}`; undefined entries are left out. */
export function flowYaml(value: unknown): string {
  if (typeof value === 'string') return scalar(value);
  if (Array.isArray(value)) return `[${value.map(flowYaml).join(', ')}]`;
  if (!isFields(value)) return JSON.stringify(value);
  let entries = '';
  for (const key of Object.keys(value)) {
    if (value[key] === undefined) continue;
    entries += `${entries === '' ? '' : ', '}${scalar(key)}: ${flowYaml(value[key])}`;
  }
  return `{${entries}}`;
}

/** Quoted wherever YAML could take it for something else: numbers, dates, `no`, `null`. */
function scalar(text: string): string {
  const plain =
    /^([A-Za-z][\w./-]*|\d+%)$/.test(text) && (text.length > 5 || !/^(y|n|yes|no|on|off|true|false|null)$/i.test(text));
  return plain ? text : JSON.stringify(text);
}
