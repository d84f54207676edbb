import { describe, expect, test } from 'vitest';
import { readinessProbe } from '../../../src/checks/network/readiness-probe.ts';
import type { KubernetesObject } from '../../../src/kubernetes/object.ts';
import { configure, deployment, find, object, subject, world } from '../compute/compute-kit.ts';

const port = { name: 'http', containerPort: 8080 };
const container = (more: object = {}) => ({ name: 'app', ports: [port], ...more });
const service = (ports: readonly object[], more: object = {}) =>
  object('v1', 'Service', 'checkout', { selector: { app: 'checkout' }, ports, ...more });
const http = service([{ port: 80, targetPort: 'http' }]);
const bare = deployment(1, { containers: [container()] });
const ready = { readinessProbe: { tcpSocket: { port: 8080 } } };
const judged = (one: KubernetesObject, ...objects: KubernetesObject[]) =>
  find(readinessProbe, subject(one), world('all', objects)).map(
    ({ identity, atMost }) => `${identity} ${typeof atMost === 'string' ? atMost : 'Deny'}`,
  );

test('Jobs are not among the kinds that it judges', () => {
  expect(readinessProbe.kinds.filter((kind) => kind.startsWith('batch/'))).toEqual([]);
});

describe('which container a Service reaches', () => {
  test.each<[string, object, readonly object[], string[]]>([
    ['by name', { port: 80, targetPort: 'http' }, [container()], ['container/app Deny']],
    ['by number', { port: 80, targetPort: 8080 }, [container()], ['container/app Deny']],
    ['by its own number, without a target', { port: 8080 }, [container()], ['container/app Deny']],
    [
      'none by a name for another protocol',
      { port: 80, targetPort: 'http', protocol: 'UDP' },
      [container()],
      ['container/app Warn'],
    ],
    ['any, where the number is declared nowhere', { port: 80, targetPort: 9 }, [container()], ['container/app Deny']],
    ['any, unless one of them is asked', { port: 80, targetPort: 9 }, [container(), { name: 'b', ...ready }], []],
    [
      'none by a name that nobody declares, so that it counts for no Service',
      { port: 80, targetPort: 'web' },
      [container()],
      ['container/app Warn'],
    ],
    ['none for a metrics name', { name: 'metrics', port: 80, targetPort: 9 }, [container()], []],
    ['perhaps for a metrics number', { port: 80, targetPort: 9090 }, [container()], ['container/app Warn']],
    [
      'the one of two that is not asked, though the other holds it back',
      { port: 80, targetPort: 'http' },
      [container(), { name: 'b', ...ready }],
      ['container/app Warn'],
    ],
    [
      'null for a probe is none',
      { port: 80, targetPort: 'http' },
      [container({ readinessProbe: null })],
      ['container/app Deny'],
    ],
  ])('%s', (_title, target, containers, expected) => {
    expect(judged(deployment(1, { containers }), service([target]))).toEqual(expected);
  });
});

test('of several Services the one that proves the point counts, in any order', () => {
  const doubtful = {
    ...http,
    metadata: { ...http.metadata, name: 'a' },
    spec: { ...(http['spec'] as object), selector: { app: 'checkout', 'pod-template-hash': '1' } },
  };
  expect(judged(bare, doubtful, http)).toEqual(['container/app Deny']);
  expect(judged(bare, http, doubtful)).toEqual(['container/app Deny']);
  expect(judged(bare, doubtful)).toEqual(['container/app Warn']);
});

test('both ends speak up at admission, and only the one that can be mended is refused', () => {
  expect(judged(bare, http)).toEqual(['container/app Deny']);
  expect(judged(http, bare)).toEqual(['Deployment/checkout/container/app Warn']);
  expect(find(readinessProbe, subject(http, { source: 'files' }), world('all', [bare]))).toEqual([]);
});

describe('what nothing found means', () => {
  const probed = deployment(1, { containers: [container(ready)] });
  const portless = deployment(1, { containers: [{ name: 'app' }] });

  test.each<[string, KubernetesObject, 'none' | 'some' | 'all', string | undefined]>([
    ['probed, whatever there is', probed, 'none', undefined],
    ['no ports, Services unknown', portless, 'none', 'core/Service'],
    ['no ports, some Services', portless, 'some', 'core/Service'],
    ['no ports, all Services', portless, 'all', undefined],
    ['a Service, workloads unknown', http, 'none', 'apps/Deployment'],
  ])('%s', (_title, one, knowledge, expected) => {
    const view = world(knowledge, []);
    expect(find(readinessProbe, subject(one), view)).toEqual([]);
    expect(configure(readinessProbe).unknown(subject(one), view)).toBe(expected);
  });
});

test.each<[string, object, string]>([
  [
    'a path',
    { name: 'http', containerPort: 8080 },
    'httpGet: {path: "/ready", port: 8080}   # a path that your application answers with 200 once it can serve\n  periodSeconds: 5',
  ],
  ['TLS by name', { name: 'https', containerPort: 9000 }, 'httpGet: {path: "/ready", port: 9000, scheme: HTTPS}'],
  ['TLS by number', { containerPort: 8443 }, 'httpGet: {path: "/ready", port: 8443, scheme: HTTPS}'],
  [
    'a command',
    { containerPort: 6379 },
    'exec: {command: [redis-cli, ping]}\n  timeoutSeconds: 5\n  periodSeconds: 10',
  ],
  ['a slow command', { containerPort: 5672 }, 'check_running]}\n  timeoutSeconds: 10\n  periodSeconds: 20'],
])('the probe to paste asks for %s', (_title, one, expected) => {
  const target = service([{ port: 1, targetPort: (one as { containerPort: number }).containerPort }]);
  const workload = deployment(1, { containers: [container({ ports: [one] })] });
  expect(find(readinessProbe, subject(workload), world('all', [target]))[0]?.fix).toContain(expected);
});
