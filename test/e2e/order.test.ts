import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { type ControlPlane, startControlPlane } from '../control-plane/control-plane.ts';
import { type Api, apiOf, pathOf } from './api.ts';
import { type Bundle, bundleFor, type BundleKind } from './bundle.ts';
import { must, type RunningWebhook, startWebhook, untilAsked } from './guardrail.ts';
import { manifest, node } from './objects.ts';

/**
 * The order of apply does not matter: under `baseline` every order of a bundle ends applied, and is judged the same in the end,
 * whether the bundle is complete or lacks its PodDisruptionBudget.
 */

let controlPlane: ControlPlane;
let webhook: RunningWebhook;
let api: Api;
/** What is said of a complete bundle that has been there for a while: it is no concern of the order. */
let standing: readonly string[];

beforeAll(async () => {
  controlPlane = await startControlPlane({ controllerManager: false });
  api = apiOf(controlPlane, 'admin');
  await must(controlPlane, ['apply', '-f', '-'], manifest(node('a', 'eu-1a'), node('b', 'eu-1b')));
  webhook = await startWebhook(controlPlane, { policy: 'baseline', port: 18_445, failurePolicy: 'Fail' });
  await untilAsked(controlPlane, webhook);
  const reference = bundleFor('reference');
  for (const kind of helm) expect((await api.apply(reference[kind])).status).toBe(201);
  await sleep(2_000);
  standing = await judgedAgain('reference', reference, helm);
});

afterAll(async () => {
  await api?.close();
  await webhook?.stop();
  await controlPlane?.stop();
});

type Lacking = 'nothing' | 'PodDisruptionBudget';
type Order = readonly BundleKind[];

const helm: Order = [
  'PriorityClass',
  'Namespace',
  'NetworkPolicy',
  'PodDisruptionBudget',
  'ServiceAccount',
  'ConfigMap',
  'StorageClass',
  'PersistentVolumeClaim',
  'Service',
  'Deployment',
  'HorizontalPodAutoscaler',
];
const kustomize: Order = [
  'Namespace',
  'StorageClass',
  'ServiceAccount',
  'ConfigMap',
  'Service',
  'PriorityClass',
  'PersistentVolumeClaim',
  'Deployment',
  'HorizontalPodAutoscaler',
  'PodDisruptionBudget',
  'NetworkPolicy',
];

describe('by kubectl', () => {
  const orders: readonly (readonly [string, Order])[] = [
    ['Helm', helm],
    ['kustomize', kustomize],
    ['file names', helm.toSorted()],
    ['Helm backwards', helm.toReversed()],
    ['kustomize backwards', kustomize.toReversed()],
    ['workload first', first('Namespace', 'Deployment')],
    ['budget first', first('Namespace', 'PodDisruptionBudget')],
    ['autoscaler first', first('Namespace', 'HorizontalPodAutoscaler')],
    ['namespace last', [...helm.filter((kind) => kind !== 'Namespace'), 'Namespace']],
    ['storage last', [...helm.filter((kind) => kind !== 'StorageClass'), 'StorageClass']],
  ];

  describe.each(orders)('%s', (name, order) => {
    test.each<Lacking>(['nothing', 'PodDisruptionBudget'])('lacking %s', async (lacking) => {
      const space = spaceOf(name, lacking);
      const bundle = bundleFor(space);
      await applyByKubectl(order.filter((kind) => kind !== lacking).map((kind) => bundle[kind]));
      await expectJudged(space, bundle, lacking);
    });
  });

  test('the class of volumes is patched wherever it stands', async () => {
    const mode = ['-o', 'jsonpath={.volumeBindingMode}'];
    for (const [name] of orders) {
      const space = spaceOf(name, 'nothing');
      expect(await must(controlPlane, ['get', 'storageclass', space, ...mode]), name).toBe('WaitForFirstConsumer');
    }
  });

  /** As every client does: what fails because its namespace is not there yet is tried again; nothing else may fail. */
  async function applyByKubectl(objects: readonly object[]): Promise<void> {
    const { code, stderr } = await controlPlane.kubectl(['apply', '-f', '-'], { input: manifest(...objects) });
    expect(stderr).not.toContain('denied the request');
    if (code !== 0) expect(stderr).toMatch(/namespaces? .*not found/);
    await must(controlPlane, ['apply', '-f', '-'], manifest(...objects));
  }
});

describe('as Flux does: a dry run of all, then all of it, and an end at the first error', () => {
  test.each<Lacking>(['nothing', 'PodDisruptionBudget'])('lacking %s', async (lacking) => {
    const space = spaceOf('flux', lacking);
    const bundle = bundleFor(space);
    const definitions: Order = ['Namespace', 'PriorityClass', 'StorageClass'];
    const rest = kustomize.filter((kind) => kind !== lacking && !definitions.includes(kind));
    for (const stage of [definitions, rest]) {
      for (const query of ['dryRun=All', '']) {
        for (const kind of stage) {
          const { status, message } = await api.apply(bundle[kind], query);
          expect(status, `${kind} ${query}: ${message}`).toBeLessThan(300);
        }
      }
    }
    await expectJudged(space, bundle, lacking);
  });
});

describe('in any order', () => {
  /** `ORDER_SEED=1000` tries sixty others. */
  const firstSeed = Number(process.env['ORDER_SEED'] ?? 1);
  const seeds = Array.from({ length: 60 }, (_, i) => firstSeed + i);

  test.each(seeds)('of seed %i', async (seed) => {
    const order = shuffled(helm, seed);
    await Promise.all(
      (['nothing', 'PodDisruptionBudget'] as const).map(async (lacking) => {
        const space = spaceOf(`seed-${seed}`, lacking);
        const bundle = bundleFor(space);
        const kinds = order.filter((kind) => kind !== lacking);
        const late: BundleKind[] = [];
        for (const kind of kinds) if (!(await applied(bundle, kind, order))) late.push(kind);
        for (const kind of late)
          expect(await applied(bundle, kind, order), `${kind} of ${order.join(', ')}`).toBe(true);
        await expectJudged(space, bundle, lacking, order);
      }),
    );
  });

  /** False where it must be tried again, because its namespace is not there yet. */
  async function applied(bundle: Bundle, kind: BundleKind, order: Order): Promise<boolean> {
    const { status, message } = await api.apply(bundle[kind]);
    if (status < 300) return true;
    expect(message, `${kind} of ${order.join(', ')}`).toMatch(/^namespaces "[^"]*" not found/);
    return false;
  }
});

/** In the end there is nothing to say but what always was, and what the bundle lacks. */
async function expectJudged(space: string, bundle: Bundle, lacking: Lacking, order: Order = []): Promise<void> {
  const kinds = helm.filter((kind) => kind !== lacking);
  const missing = lacking === 'nothing' ? [] : [expect.stringMatching(/^Deployment: compute\/pdb-required: pending: /)];
  const others = standing.filter((line) => !line.startsWith(`${lacking}: `));
  await vi.waitFor(async () => {
    const said = await judgedAgain(space, bundle, kinds);
    expect(said.filter(isPending), order.join(', ')).toEqual(missing);
    expect(
      said.filter((line) => !isPending(line)),
      order.join(', '),
    ).toEqual(others);
  }, 10_000);
}

/** What the real webhook says of these objects now that all are there: warnings of a dry run that changes an annotation. */
async function judgedAgain(space: string, bundle: Bundle, kinds: Order): Promise<readonly string[]> {
  const replies = await Promise.all(
    kinds.map(async (kind) => {
      const annotation = { metadata: { annotations: { judged: 'again' } } };
      const type = { 'content-type': 'application/merge-patch+json' };
      const reply = await api.send('PATCH', `${pathOf(bundle[kind])}?dryRun=All`, annotation, type);
      expect(reply.status, reply.message).toBe(200);
      return reply.warnings.map((warning) => `${kind}: ${warning.replaceAll(space, 'space')}`);
    }),
  );
  return replies.flat().toSorted();
}

function isPending(line: string): boolean {
  return line.includes(': pending: ');
}

function first(...kinds: readonly BundleKind[]): Order {
  return [...kinds, ...helm.filter((kind) => !kinds.includes(kind))];
}

function spaceOf(name: string, lacking: Lacking): string {
  return `${name.replaceAll(' ', '-').toLowerCase()}-${lacking === 'nothing' ? 'complete' : 'lacking'}`;
}

/** Fisher and Yates, with the dice of mulberry32: the same order for the same seed. */
function shuffled(kinds: Order, seed: number): Order {
  const result = [...kinds];
  let state = seed;
  for (let left = result.length; left > 1; left -= 1) {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    const chosen = ((mixed ^ (mixed >>> 14)) >>> 0) % left;
    [result[left - 1], result[chosen]] = [result[chosen] as BundleKind, result[left - 1] as BundleKind];
  }
  return result;
}
