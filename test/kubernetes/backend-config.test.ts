import { expect, test } from 'vitest';
import { backendConfigFor, readBackendConfigNames } from '../../src/kubernetes/backend-config.ts';
import type { KubernetesObject } from '../../src/kubernetes/object.ts';

const key = 'cloud.google.com/backend-config';

function service(annotations: Record<string, string>): KubernetesObject {
  const ports = [{ name: 'http', port: 80 }, { port: 443 }];
  return { apiVersion: 'v1', kind: 'Service', metadata: { name: 'web', annotations }, spec: { ports } };
}

test.each<[string, string | number | undefined, string | undefined]>([
  ['{"default": "all"}', 80, 'all'],
  ['{"default": "all", "ports": {"http": "web"}}', 80, 'web'],
  ['{"default": "all", "ports": {"80": "web"}}', 'http', 'web'],
  ['{"ports": {"http": "by-name", "80": "by-number"}}', 80, 'by-name'],
  ['{"default": "all", "ports": {"http": "web"}}', 443, 'all'],
  ['{"ports": {"http": "web"}}', 443, undefined],
  ['{"ports": {"9090": "web"}}', 9090, 'web'],
  ['{"default": "all"}', undefined, 'all'],
  ['{"default": 1, "ports": ["web"]}', 80, undefined],
  ['{"default": null, "ports": null}', 80, undefined],
  ['null', 80, undefined],
  ['all', 80, undefined],
])('%s, port %s: %s', (written, port, expected) => {
  expect(backendConfigFor(service({ [key]: written }), port)).toBe(expected);
});

test('the key that is stable counts before the one from before', () => {
  const both = service({ [`beta.${key}`]: '{"default": "old"}', [key]: '{"default": "new"}' });
  expect(readBackendConfigNames(both)).toMatchObject({ annotation: key, otherwise: 'new' });
  expect(readBackendConfigNames(service({}))).toBeUndefined();
});
