import { describe, expect, test } from 'vitest';
import { gracefulShutdown } from '../../../src/checks/compute/graceful-shutdown.ts';
import { configure, deployment, find, object, subject, world } from './compute-kit.ts';

const ports = [{ containerPort: 8080 }];
const serving = deployment(3, { containers: [{ name: 'app', ports }] });
const service = object('v1', 'Service', 'checkout', { selector: { app: 'checkout' }, ports: [{ port: 80 }] });
const current = { major: 1, minor: 36 };

describe('what a patch may set', () => {
  test.each<[string, object, { major: number; minor: number } | undefined, boolean]>([
    ['a container that declares a port', { containers: [{ name: 'app', ports }] }, current, true],
    ['one that declares none', { containers: [{ name: 'app' }] }, current, false],
    ['on the first server with the field', { containers: [{ name: 'app', ports }] }, { major: 1, minor: 30 }, true],
    ['on a server without it', { containers: [{ name: 'app', ports }] }, { major: 1, minor: 29 }, false],
    ['on a server that is not known', { containers: [{ name: 'app', ports }] }, undefined, false],
    [
      'within too short a grace',
      { terminationGracePeriodSeconds: 14, containers: [{ name: 'app', ports }] },
      current,
      false,
    ],
    ['within just enough', { terminationGracePeriodSeconds: 15, containers: [{ name: 'app', ports }] }, current, true],
    [
      'beside a lifecycle',
      { containers: [{ name: 'app', ports, lifecycle: { stopSignal: 'SIGQUIT' } }] },
      current,
      false,
    ],
    ['beside an empty one', { containers: [{ name: 'app', ports, lifecycle: {} }] }, current, false],
    ['lifecycle: null', { containers: [{ name: 'app', ports, lifecycle: null }] }, current, true],
  ])('%s', (_title, podSpec, version, patched) => {
    const operations = configure(gracefulShutdown).patch(subject(deployment(3, podSpec)), world('all', [], version));
    expect(operations.length > 0).toBe(patched);
  });

  test('nothing in a Job, which nobody sends requests', () => {
    const job = object('batch/v1', 'Job', 'report', { template: { spec: { containers: [{ name: 'app', ports }] } } });
    expect(configure(gracefulShutdown).patch(subject(job), world('all', [], current))).toEqual([]);
  });
});

describe('whether requests are cut off', () => {
  const production = subject(serving, { tier: 'production' });

  test('is not known while Services may be elsewhere', () => {
    const view = world('some', []);
    expect([find(gracefulShutdown, production, view), configure(gracefulShutdown).unknown(production, view)]).toEqual([
      [],
      'core/Service',
    ]);
  });

  test('is known once one is found', () => {
    const view = world('some', [service]);
    expect(find(gracefulShutdown, production, view)).toMatchObject([{ identity: 'pre-stop', atMost: 'Audit' }]);
    expect(configure(gracefulShutdown).unknown(production, view)).toBeUndefined();
  });

  test('is not asked outside production', () => {
    expect(configure(gracefulShutdown).unknown(subject(serving), world('none', []))).toBeUndefined();
  });
});
