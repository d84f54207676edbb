import { describe, expect, test } from 'vitest';
import { probeTuning } from '../../../src/checks/network/probe-tuning.ts';
import type { KubernetesObject } from '../../../src/kubernetes/object.ts';
import { deployment, find, object, subject, world } from '../compute/compute-kit.ts';

const ask = { httpGet: { path: '/livez', port: 8080 } };
const withProbes = (probes: object, more: object = {}) =>
  deployment(1, { containers: [{ name: 'app', ...probes }], ...more });
const identities = (one: KubernetesObject) =>
  find(probeTuning, subject(one), world('all', [])).map(({ identity }) => identity.replace('container/app/', ''));

describe('the values between which nothing is said', () => {
  test.each<[string, object, string[]]>([
    ['two failures', { livenessProbe: { ...ask, failureThreshold: 2 } }, []],
    ['a delay of 120 s', { livenessProbe: { ...ask, initialDelaySeconds: 120 } }, []],
    [
      'a delay of 121 s',
      { livenessProbe: { ...ask, initialDelaySeconds: 121 } },
      ['livenessProbe/initialDelaySeconds'],
    ],
    ['a JVM after 10 s', { command: ['java'], livenessProbe: { ...ask, initialDelaySeconds: 10 } }, []],
    [
      'a JVM after 9 s',
      { command: ['java'], livenessProbe: { ...ask, initialDelaySeconds: 9 } },
      ['livenessProbe/start'],
    ],
    ['a timeout as long as the period', { readinessProbe: { ...ask, timeoutSeconds: 10 } }, []],
    ['a period of 30 s', { readinessProbe: { ...ask, periodSeconds: 30 } }, []],
    ['a period of 31 s', { readinessProbe: { ...ask, periodSeconds: 31 } }, ['readinessProbe/periodSeconds/recovery']],
    ['three successes', { readinessProbe: { ...ask, successThreshold: 3 } }, []],
    ['a grace of 30 s', { livenessProbe: { ...ask, terminationGracePeriodSeconds: 30 } }, []],
    ['a command with 2 s', { readinessProbe: { exec: { command: ['a'] }, timeoutSeconds: 2 } }, []],
    ['gRPC without a mesh', { readinessProbe: { grpc: { port: 9000 } } }, []],
    ['a name as host', { readinessProbe: { httpGet: { port: 8080, host: 'localhost.example' } } }, []],
    [
      'any loopback',
      { readinessProbe: { tcpSocket: { port: 1, host: '127.1.2.3' } } },
      ['readinessProbe/tcpSocket/host'],
    ],
  ])('%s', (_title, probes, expected) => {
    expect(identities(withProbes(probes))).toEqual(expected);
  });
});

test.each([
  ['/actuator/health', true],
  ['/actuator/health/', true],
  ['/actuator/health?show=all', true],
  ['/actuator/health/liveness', false],
  ['/readyz', true],
  ['/api/deep-check', true],
  ['/already', false],
  ['/healthz', false],
])('a liveness path of %s: %s', (path, isDeep) => {
  const found = identities(withProbes({ livenessProbe: { httpGet: { path, port: 8080 } } }));
  expect(found).toEqual(isDeep ? ['livenessProbe/httpGet/path'] : []);
});

describe('starts that were observed', () => {
  const startedAt = '2026-11-20T08:00:00Z';
  const pod = (name: string, readyAt: string, labels = { app: 'checkout' }): KubernetesObject => ({
    ...object('v1', 'Pod', name, {}, { labels }),
    status: {
      conditions: [{ type: 'Ready', status: 'True', lastTransitionTime: readyAt }],
      containerStatuses: [{ name: 'app', restartCount: 0, state: { running: { startedAt } } }],
    },
  });
  const slow = pod('a', '2026-11-20T08:02:00Z');
  const fast = pod('b', '2026-11-20T08:00:20Z');
  const strange = pod('c', '2026-11-20T08:02:00Z', { app: 'other' });
  const startupProbe = { ...ask, failureThreshold: 6 };

  test.each<[string, KubernetesObject[], number]>([
    ['all slower than allowed', [slow], 1],
    ['one fast enough', [slow, fast], 0],
    ["another workload's", [strange], 0],
    ['none', [], 0],
  ])('%s', (_title, pods, count) => {
    const live = subject(withProbes({ startupProbe }), { source: 'live' });
    expect(find(probeTuning, live, world('all', pods))).toHaveLength(count);
    expect(find(probeTuning, subject(withProbes({ startupProbe })), world('all', pods))).toEqual([]);
  });
});

test.each<[string, object, string]>([
  [
    'the time to answer that liveness has',
    { command: ['java'], livenessProbe: { ...ask, timeoutSeconds: 10 } },
    'timeoutSeconds: 10\n  periodSeconds: 10\n  failureThreshold: 12',
  ],
  [
    'a period as long as an answer takes',
    { livenessProbe: { ...ask, timeoutSeconds: 20 } },
    'livenessProbe:\n  periodSeconds: 20',
  ],
  [
    'no period within which nobody recovers',
    { readinessProbe: { ...ask, timeoutSeconds: 90 } },
    'readinessProbe:\n  periodSeconds: 30\n  timeoutSeconds: 30',
  ],
])('the fix has %s', (_title, probes, expected) => {
  expect(find(probeTuning, subject(withProbes(probes)), world('all', []))[0]?.fix).toContain(expected);
});
