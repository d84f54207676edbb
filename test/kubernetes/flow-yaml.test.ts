import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { flowYaml } from '../../src/kubernetes/flow-yaml.ts';

test.each<[unknown, string]>([
  [
    { matchLabels: { app: 'checkout', 'app.kubernetes.io/name': 'x' } },
    '{matchLabels: {app: checkout, app.kubernetes.io/name: x}}',
  ],
  [{ version: '1.0', on: 'no', empty: '' }, '{version: "1.0", "on": "no", empty: ""}'],
  [{ maxUnavailable: '10%', max: 1, none: null, left: undefined }, '{maxUnavailable: 10%, max: 1, none: null}'],
  [[{ key: 'app', values: ['a: b', 'c #d'] }], '[{key: app, values: ["a: b", "c #d"]}]'],
])('%j', (value, yaml) => {
  expect(flowYaml(value)).toBe(yaml);
  expect(parse(yaml, { version: '1.1' })).toEqual(JSON.parse(JSON.stringify(value)));
});
