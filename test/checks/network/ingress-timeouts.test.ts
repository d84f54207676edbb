import { expect, test } from 'vitest';
import { ingressTimeouts } from '../../../src/checks/network/ingress-timeouts.ts';
import { find, object, subject, world } from '../compute/compute-kit.ts';

const attributes = 'alb.ingress.kubernetes.io/load-balancer-attributes';

test.each([
  ['deletion_protection.enabled=true', 'deletion_protection.enabled=true,idle_timeout.timeout_seconds=60'],
  ['a=1, idle_timeout.timeout_seconds=900 ,b=2', 'a=1,b=2,idle_timeout.timeout_seconds=60'],
])('the other attributes of an ALB stay: %s', (written, expected) => {
  const ingress = object('networking.k8s.io/v1', 'Ingress', 'shop', { ingressClassName: 'alb' });
  const annotated = { ...ingress, metadata: { ...ingress.metadata, annotations: { [attributes]: written } } };
  expect(find(ingressTimeouts, subject(annotated), world('all', []))[0]?.fix).toContain(`"${expected}"`);
});

test.each([
  [{ request: '30s', backendRequest: '0s' }, '{request: 30s, backendRequest: 30s}'],
  [{ request: '0s', backendRequest: '2m' }, '{request: 2m, backendRequest: 2m}'],
  [{ request: '0s', backendRequest: '0s' }, '{request: 60s, backendRequest: 60s}'],
  [{ request: '0s' }, '{request: 60s}'],
  [{ backendRequest: '0s' }, '{backendRequest: 60s}'],
])('timeouts of a route that the API server takes, instead of %j', (timeouts, expected) => {
  const rules = [{ timeouts, backendRefs: [{ name: 'web', port: 80 }] }];
  const route = object('gateway.networking.k8s.io/v1', 'HTTPRoute', 'shop', { rules });
  expect(find(ingressTimeouts, subject(route), world('all', []))[0]?.fix.replaceAll('"', '')).toContain(
    `timeouts: ${expected}`,
  );
});
