import { expect, test } from 'vitest';
import { readYamlDocuments } from '../../src/audit/read-yaml.ts';

/** What `sigs.k8s.io/yaml` 1.6, and so kubectl 1.36, makes of each, asked in Go. */
const valueOf: readonly (readonly [written: string, value: unknown])[] = [
  ...['y', 'Y', 'yes', 'Yes', 'YES', 'on', 'On', 'ON', 'true', 'True', 'TRUE'].map((word) => [word, true] as const),
  ...['n', 'N', 'no', 'No', 'NO', 'off', 'Off', 'OFF', 'false', 'False', 'FALSE'].map((word) => [word, false] as const),
  ...['', '~', 'null', 'Null', 'NULL'].map((word) => [word, null] as const),
  ['oN', 'oN'],
  ['nULL', 'nULL'],
  ['"yes"', 'yes'],
  ["'on'", 'on'],
  ['!!str yes', 'yes'],
  ['12', 12],
  ['+12', 12],
  ['-0', 0],
  ['0644', 420],
  ['-0644', -420],
  ['0o644', 420],
  ['0O17', 15],
  ['089', 89],
  ['00', 0],
  ['0o8', '0o8'],
  ['1_000', 1000],
  ['1__0', 10],
  ['0_7', 7],
  ['0x1F', 31],
  ['-0x1F', -31],
  ['0x', '0x'],
  ['0xabcdefabcdefabcdefabcdefabcdefabcdefabcd', '0xabcdefabcdefabcdefabcdefabcdefabcdefabcd'],
  ['0b101', 5],
  ['0b12', '0b12'],
  ['1.', 1],
  ['.5', 0.5],
  ['-.5', -0.5],
  ['1e3', 1000],
  ['12345e7', 123_450_000_000],
  ['1e', '1e'],
  ['1e400', '1e400'],
  ['1_0.5', 10.5],
  ['99999999999999999999', 1e20],
  ['.', '.'],
  ['+', '+'],
  ['1:30', '1:30'],
  ['190:20:30', '190:20:30'],
  ['2024-01-02', '2024-01-02'],
  ['2024-01-02T10:00:00Z', '2024-01-02T10:00:00Z'],
  ['10.0.0.1', '10.0.0.1'],
  ['100m', '100m'],
  ['1Gi', '1Gi'],
  ['NaN', 'NaN'],
  ['<<', '<<'],
  ['=', '='],
  ['!!int "3"', 3],
  ['!!int 0x10', 16],
  ['!!float 3', 3],
  ['!!bool yes', true],
  ['!!binary aGVsbG8=', 'hello'],
  ['!Ref name', 'name'],
  ['! 12', '12'],
];

test.each(valueOf)('%s is %j', (written, value) => {
  const { documents, mistakes } = readYamlDocuments(`field: ${written}\n`, 'a.yaml');
  expect(mistakes).toEqual([]);
  expect(documents[0]?.value).toEqual({ field: value });
});

test.each([
  ['on: push', 'true'],
  ['0644: x', '420'],
  ['8080: x', '8080'],
  ['1.5: x', '1.5'],
  ['"on": x', 'on'],
])('the key of %s is text: %s', (written, key) => {
  expect(Object.keys(readYamlDocuments(written, 'a.yaml').documents[0]?.value as object)).toEqual([key]);
});

test.each(['field: .inf', 'field: .nan', 'field: !!int abc', 'field: !!bool 3', '~: x', '? [a]\n: b', '{a: 1}: b'])(
  '%j cannot be JSON, and is refused as kubectl refuses it',
  (written) => {
    const { documents, mistakes } = readYamlDocuments(`ok: 1\n---\n${written}\n`, 'a.yaml');
    expect(documents).toHaveLength(1);
    expect(mistakes).toHaveLength(1);
    expect(mistakes[0]?.position?.line).toBe(3);
  },
);
