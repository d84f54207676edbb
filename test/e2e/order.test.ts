import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import type { ControlPlane } from '../control-plane/control-plane.ts';
import {
  firstEight,
  must,
  type RunningWebhook,
  startGuardedControlPlane,
  startWebhook,
  untilAsked,
} from './guardrail.ts';
import { defaultDeny, deployment, disruptionBudget, manifest, namespace, node, storageClass } from './objects.ts';

/** The order of apply does not matter: every order of a bundle ends applied, and is judged the same in the end. */

let controlPlane: ControlPlane;
let webhook: RunningWebhook;

beforeAll(async () => {
  controlPlane = await startGuardedControlPlane();
  await must(controlPlane, ['apply', '-f', '-'], manifest(node('a', 'eu-1a'), node('b', 'eu-1b')));
  webhook = await startWebhook(controlPlane, { policy: firstEight, port: 18_445, failurePolicy: 'Fail' });
  await untilAsked(controlPlane, webhook);
});

afterAll(async () => {
  await webhook?.stop();
  await controlPlane?.stop();
});

type Kind =
  | 'Namespace'
  | 'NetworkPolicy'
  | 'PodDisruptionBudget'
  | 'Deployment'
  | 'StorageClass'
  | 'PersistentVolumeClaim';

const orders: readonly (readonly [string, readonly Kind[]])[] = [
  [
    'Helm',
    ['Namespace', 'NetworkPolicy', 'PodDisruptionBudget', 'StorageClass', 'PersistentVolumeClaim', 'Deployment'],
  ],
  [
    'kustomize',
    ['Namespace', 'StorageClass', 'PersistentVolumeClaim', 'Deployment', 'PodDisruptionBudget', 'NetworkPolicy'],
  ],
  [
    'file names',
    ['Deployment', 'Namespace', 'NetworkPolicy', 'PodDisruptionBudget', 'PersistentVolumeClaim', 'StorageClass'],
  ],
  [
    'backwards',
    ['PersistentVolumeClaim', 'StorageClass', 'Deployment', 'PodDisruptionBudget', 'NetworkPolicy', 'Namespace'],
  ],
  [
    'workload first',
    ['Namespace', 'Deployment', 'PersistentVolumeClaim', 'StorageClass', 'NetworkPolicy', 'PodDisruptionBudget'],
  ],
  [
    'budget first',
    ['Namespace', 'PodDisruptionBudget', 'Deployment', 'NetworkPolicy', 'PersistentVolumeClaim', 'StorageClass'],
  ],
  [
    'storage last',
    ['NetworkPolicy', 'Namespace', 'PodDisruptionBudget', 'Deployment', 'PersistentVolumeClaim', 'StorageClass'],
  ],
];

test.each(orders)('%s', async (name, order) => {
  const space = `order-${name.replaceAll(' ', '-').toLowerCase()}`;
  const bundle = bundleFor(space);
  await applyInOrder(order.map((kind) => manifest(bundle[kind])));

  // The caches have heard of everything when the Deployment is judged without a word about its companions.
  await vi.waitFor(async () => expect(await judgedAgain(space, bundle.Deployment)).toBe(''), 10_000);
  expect(await judgedAgain(space, bundle.PodDisruptionBudget)).toBe('');
  const mode = await must(controlPlane, ['get', 'storageclass', space, '-o', 'jsonpath={.volumeBindingMode}']);
  expect(mode).toBe('WaitForFirstConsumer');
});

test('all of it as a server-side dry run first, and only then for real, as Flux does', async () => {
  const space = 'order-flux';
  const bundle = bundleFor(space);
  await must(controlPlane, ['apply', '-f', '-'], manifest(bundle.Namespace));
  const rest = manifest(bundle.Deployment, bundle.PodDisruptionBudget, bundle.NetworkPolicy, bundle.StorageClass);
  await must(controlPlane, ['apply', '--dry-run=server', '-f', '-'], rest);
  await must(controlPlane, ['apply', '-f', '-'], rest);
});

test('what is missing is named whatever the order, and only that', async () => {
  const said = new Set<string>();
  for (const [name, order] of orders.slice(0, 3)) {
    const space = `lacking-${name.replaceAll(' ', '-').toLowerCase()}`;
    const bundle = bundleFor(space);
    await applyInOrder(order.filter((kind) => kind !== 'PodDisruptionBudget').map((kind) => manifest(bundle[kind])));
    await vi.waitFor(async () => {
      const words = await judgedAgain(space, bundle.Deployment);
      expect(words).toContain('compute/pdb-required');
      expect(words).not.toContain('network/default-deny');
    }, 10_000);
    said.add((await judgedAgain(space, bundle.Deployment)).replaceAll(space, ''));
  }
  expect(said.size).toBe(1);
});

function bundleFor(space: string): Record<Kind, object> {
  return {
    Namespace: namespace(space, 'production'),
    NetworkPolicy: defaultDeny(space),
    PodDisruptionBudget: disruptionBudget(space),
    Deployment: deployment(space, 'checkout', { replicas: 3 }),
    StorageClass: storageClass(space),
    PersistentVolumeClaim: {
      apiVersion: 'v1',
      kind: 'PersistentVolumeClaim',
      metadata: { name: 'data', namespace: space },
      spec: { storageClassName: space, accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
    },
  };
}

/** As every client does: what fails because its namespace is not there yet is tried again; nothing else may fail. */
async function applyInOrder(manifests: readonly string[]): Promise<void> {
  const again: string[] = [];
  for (const input of manifests) {
    const { code, stderr } = await controlPlane.kubectl(['apply', '-f', '-'], { input });
    expect(stderr).not.toContain('denied the request');
    if (code === 0) continue;
    expect(stderr).toMatch(/namespaces? .*not found/);
    again.push(input);
  }
  if (again.length > 0) await must(controlPlane, ['apply', '-f', '-'], again.join('---\n'));
}

/** What the real webhook says of the object now that everything is there: warnings of a dry run under another name. */
async function judgedAgain(space: string, object: object): Promise<string> {
  const { metadata } = object as { metadata: object };
  const twin = { ...object, metadata: { ...metadata, name: 'judged-again' } };
  const { code, stderr } = await controlPlane.kubectl(['create', '--dry-run=server', '-f', '-', '-n', space], {
    input: manifest(twin),
  });
  expect(code, stderr).toBe(0);
  return stderr.replaceAll('judged-again', '');
}
