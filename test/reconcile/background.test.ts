import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { checks } from '../../src/checks/index.ts';
import { groupKindOf, type KubernetesObject } from '../../src/kubernetes/object.ts';
import { ObjectIndex } from '../../src/kubernetes/object-index.ts';
import { watchedKinds } from '../../src/kubernetes/watched-kinds.ts';
import { parsePolicy } from '../../src/policy/parse-policy.ts';
import { type Background, createBackground } from '../../src/reconcile/background.ts';
import type { ViolationEvent } from '../../src/reconcile/violation-event.ts';

/** The background side over a cluster cache in memory, by a clock that the tests set. */

const minute = 60_000;
const grace = 10 * minute;
const start = Date.parse('2026-11-01T12:00:00Z');
const rules = [
  'identity/service-account-exists',
  'compute/pdb-overlap',
  'compute/pdb-blocks-eviction',
  'compute/autoscaler-collision',
  'compute/node-pinning',
  'compute/priority-class',
  'network/ingress-backend',
  'storage/default-storageclass',
  'storage/pvc-storageclass',
  'storage/stateful-controller',
].map((check) => ({ check, action: 'Warn' }));
const value = {
  apiVersion: 'daytwo.dev/v1alpha1',
  kind: 'ReadinessPolicy',
  metadata: { name: 'test' },
  spec: { rules },
};
const policy = parsePolicy({ file: 'test.yaml', value, locate: () => undefined }, checks);

let now: number;
/** How often it has looked at what is due. */
let looks = 0;
let world: ObjectIndex;
/** Kinds of which nothing is known at present. */
let unknown: Set<string>;
let background: Background;
let events: ViolationEvent[];
/** How long one of the same name is enough, of each Event. */
let lately: number[];
/** The API server takes no Events. */
let isFull: boolean;
let over: AbortController;
let running: Promise<void>;

beforeEach(async () => {
  now = start;
  unknown = new Set();
  world = new ObjectIndex((kind) => (unknown.has(kind) ? 'none' : 'all'));
  over = new AbortController();
  apply({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'shop' } });
  apply({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'other' } });
  lead();
  await settled();
});

afterEach(async () => {
  over.abort();
  await running;
});

function lead(sweepEvery = 1e12): void {
  events = [];
  lately = [];
  isFull = false;
  background = createBackground({
    view: () => world,
    policy: () => policy,
    notReady: () => {
      looks += 1;
      return undefined;
    },
    now: () => now,
    grace,
    log: { info: () => {}, warn: () => {} },
    reporter: 'test',
    async writeEvent(event, enough) {
      if (isFull) throw new Error('no space left');
      events.push(event);
      lately.push(enough);
    },
    // No sweep helps, as a rule.
    schedule: { settle: 0, sweepEvery, sweepSoon: 1e12 },
  });
  running = background.run({ signal: over.signal, holds: () => true });
}

/** Ends the term and begins another one. */
async function another(sweepEvery?: number): Promise<void> {
  over.abort();
  await running;
  over = new AbortController();
  lead(sweepEvery);
  await settled();
}

/** As the watch would bring it. */
function apply(object: KubernetesObject): void {
  const kind = groupKindOf(object);
  const { name = '', namespace } = object.metadata;
  const { creationTimestamp = new Date(now).toISOString() } =
    world.get(kind, namespace, name)?.metadata ?? object.metadata;
  const kept = watchedKinds.get(kind)?.trim({
    ...object,
    metadata: { ...object.metadata, uid: `${kind} ${name}`, creationTimestamp },
  });
  if (kept === undefined) throw new Error(`${kind} is not held`);
  world.put(kept);
  background?.touch(kind, namespace, name);
}

function remove(object: KubernetesObject): void {
  const { name = '', namespace } = object.metadata;
  world.delete(groupKindOf(object), namespace, name);
  background.touch(groupKindOf(object), namespace, name);
}

/** Lets it judge what is due: it looks once at what has changed until now, and then again. */
async function settled(): Promise<void> {
  const enough = looks + 2;
  const hasLooked = (): void => {
    background.touch('core/Event', undefined, 'wakes it up');
    expect(looks).toBeGreaterThanOrEqual(enough);
  };
  await vi.waitFor(hasLooked, { interval: 1 });
}

async function after(milliseconds: number): Promise<void> {
  now += milliseconds;
  await settled();
}

/** `['Deployment/web identity/service-account-exists pending']` */
function standing(): readonly string[] {
  return [...background.standing()].map(
    ({ object, finding, state }) => `${object.kind}/${object.metadata.name} ${finding.check.id} ${state}`,
  );
}

function notes(): readonly unknown[] {
  return events.map(({ note }) => note);
}

function deployment(name: string, podSpec: object = {}, spec: object = {}): KubernetesObject {
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name, namespace: 'shop' },
    spec: {
      replicas: 3,
      selector: { matchLabels: { app: name } },
      template: { metadata: { labels: { app: name } }, spec: { containers: [{ name: 'app' }], ...podSpec } },
      ...spec,
    },
  };
}

function budget(name: string, spec: object = { maxUnavailable: 1 }): KubernetesObject {
  return {
    apiVersion: 'policy/v1',
    kind: 'PodDisruptionBudget',
    metadata: { name, namespace: 'shop' },
    spec: { selector: { matchLabels: { app: 'web' } }, ...spec },
  };
}

function autoscaler(name: string): KubernetesObject {
  return {
    apiVersion: 'autoscaling/v2',
    kind: 'HorizontalPodAutoscaler',
    metadata: { name, namespace: 'shop' },
    spec: {
      minReplicas: 3,
      maxReplicas: 6,
      scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' },
    },
  };
}

function storageClass(name: string, isDefault = true): KubernetesObject {
  return {
    apiVersion: 'storage.k8s.io/v1',
    kind: 'StorageClass',
    metadata: { name, annotations: { 'storageclass.kubernetes.io/is-default-class': String(isDefault) } },
    provisioner: 'ebs.csi.aws.com',
  };
}

const account: KubernetesObject = {
  apiVersion: 'v1',
  kind: 'ServiceAccount',
  metadata: { name: 'robot', namespace: 'shop' },
};

function claim(storageClassName: string): KubernetesObject {
  return {
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: { name: 'data', namespace: 'shop' },
    spec: { storageClassName, accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
  };
}

const ingress: KubernetesObject = {
  apiVersion: 'networking.k8s.io/v1',
  kind: 'Ingress',
  metadata: { name: 'front', namespace: 'shop' },
  spec: { ingressClassName: 'edge', defaultBackend: { service: { name: 'web', port: { number: 80 } } } },
};

const web: KubernetesObject = {
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name: 'web', namespace: 'shop' },
  spec: { selector: { app: 'web' }, ports: [{ port: 80 }] },
};

const ofNode: KubernetesObject = {
  apiVersion: 'v1',
  kind: 'Node',
  metadata: { name: 'n1', labels: { disk: 'hdd' } },
};

describe('what an object waits for', () => {
  const cases: readonly (readonly [string, KubernetesObject, KubernetesObject, readonly KubernetesObject[]])[] = [
    ['identity/service-account-exists', deployment('web', { serviceAccountName: 'robot' }), account, []],
    ['storage/pvc-storageclass', claim('fast'), storageClass('fast'), []],
    [
      'compute/priority-class',
      deployment('web', { priorityClassName: 'gold' }),
      { apiVersion: 'scheduling.k8s.io/v1', kind: 'PriorityClass', metadata: { name: 'gold' }, value: 7 },
      [],
    ],
    [
      'network/ingress-backend',
      ingress,
      {
        apiVersion: 'networking.k8s.io/v1',
        kind: 'IngressClass',
        metadata: { name: 'edge' },
        spec: { controller: 'example.com/edge' },
      },
      [web],
    ],
    [
      'network/ingress-backend',
      { ...ingress, spec: { defaultBackend: { service: { name: 'web', port: { number: 80 } } } } },
      web,
      [],
    ],
    [
      'compute/node-pinning',
      deployment('web', { nodeSelector: { disk: 'ssd' } }),
      { apiVersion: 'v1', kind: 'Node', metadata: { name: 'n2', labels: { disk: 'ssd' } } },
      [ofNode, account],
    ],
  ];

  test.each(cases)('%s: is pending, then a violation, until it arrives', async (check, object, awaited, world) => {
    for (const one of world) apply(one);
    apply(object);
    await settled();
    const mine = (): readonly string[] => standing().filter((line) => line.includes(check));
    expect(mine()).toEqual([`${object.kind}/${object.metadata.name} ${check} pending`]);
    expect(events).toEqual([]);

    await after(grace);
    expect(mine()).toEqual([`${object.kind}/${object.metadata.name} ${check} violation`]);
    expect(notes().filter((note) => String(note).startsWith(check))).toHaveLength(1);

    apply(awaited);
    await settled();
    expect(mine()).toEqual([]);
  });

  test('is never told of where it arrives in time', async () => {
    apply(deployment('web', { serviceAccountName: 'robot' }));
    await settled();
    await after(grace - minute);
    apply(account);
    await after(grace);
    expect(standing()).toEqual([]);
    expect(events).toEqual([]);
  });

  test('has the grace period again where an old object is edited, or left by what it needs', async () => {
    apply(deployment('web'));
    await after(5 * grace);
    apply(deployment('web', { serviceAccountName: 'robot' }));
    await settled();
    await after(grace - minute);
    expect(standing()).toEqual(['Deployment/web identity/service-account-exists pending']);
    await after(minute);
    expect(standing()).toEqual(['Deployment/web identity/service-account-exists violation']);

    apply(account);
    await settled();
    remove(account);
    await settled();
    expect(standing()).toEqual(['Deployment/web identity/service-account-exists pending']);
    await after(grace);
    expect(events).toHaveLength(2);
  });

  test('is a violation at once to a leader that finds it at an old object', async () => {
    apply(deployment('web', { serviceAccountName: 'robot' }));
    await after(grace);
    await another();
    expect(standing()).toEqual(['Deployment/web identity/service-account-exists violation']);
  });

  describe('is carried over while its check has no verdict', () => {
    const violation = 'Deployment/web identity/service-account-exists violation';
    const web = deployment('web', { serviceAccountName: 'robot' });
    const gaps: readonly (readonly [string, () => void, () => void])[] = [
      [
        'for want of knowledge',
        () => void unknown.add('core/ServiceAccount'),
        () => void unknown.delete('core/ServiceAccount'),
      ],
      [
        'since it faults',
        () => {
          const get = world.get.bind(world);
          vi.spyOn(world, 'get').mockImplementation((kind, ...rest) => {
            if (kind === 'core/ServiceAccount') throw new Error('a defect');
            return get(kind, ...rest);
          });
        },
        () => void vi.restoreAllMocks(),
      ],
    ];

    test.each(gaps)('%s', async (_why, begin, end) => {
      apply(web);
      await settled();
      await after(grace);
      expect(standing()).toEqual([violation]);
      begin();
      apply(web);
      await settled();
      expect(standing()).toEqual([violation]);
      end();
      apply(web);
      await settled();
      expect(standing()).toEqual([violation]);
      expect(events).toHaveLength(1);
      begin();
      apply(deployment('web'));
      await settled();
      end();
      apply(deployment('web'));
      await settled();
      expect(standing()).toEqual([]);
    });

    test.each(gaps)('%s, and its grace period goes on', async (_why, begin, end) => {
      apply(web);
      await settled();
      begin();
      await after(grace - minute);
      apply(web);
      await after(2 * minute);
      expect(events).toEqual([]);
      end();
      apply(web);
      await settled();
      expect(standing()).toEqual([violation]);
      expect(events).toHaveLength(1);
    });
  });

  test('is forgotten with its namespace', async () => {
    apply(deployment('web', { serviceAccountName: 'robot' }));
    await settled();
    remove({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'shop' } });
    await settled();
    expect(standing()).toEqual([]);
  });
});

describe('the Event of a violation', () => {
  beforeEach(async () => {
    await another(5 * minute);
    apply(deployment('web', { serviceAccountName: 'robot' }));
    await settled();
  });

  test('is written again every half hour while it stands, and at once where it comes back', async () => {
    await after(grace);
    expect(lately).toEqual([30 * minute]);
    await after(25 * minute);
    expect(lately).toHaveLength(1);
    await after(5 * minute);
    expect(lately).toEqual([30 * minute, 0]);

    apply(account);
    await after(30 * minute);
    expect(lately).toHaveLength(2);
    remove(account);
    await settled();
    await after(grace);
    expect(lately).toEqual([30 * minute, 0, 0]);
  });

  test('is written by the next sweep where it was refused', async () => {
    isFull = true;
    await after(grace);
    isFull = false;
    apply(deployment('web', { serviceAccountName: 'robot' }));
    await after(minute);
    expect(events).toEqual([]);
    await after(4 * minute);
    expect(events).toHaveLength(1);
  });
});

describe('a conflict', () => {
  const others = [deployment('web')];
  const cases: readonly (readonly [string, readonly KubernetesObject[], KubernetesObject])[] = [
    ['compute/pdb-overlap', [budget('old')], budget('new')],
    ['compute/autoscaler-collision', [autoscaler('old')], autoscaler('new')],
    ['compute/pdb-blocks-eviction', [], budget('new', { minAvailable: 3 })],
  ];

  test.each(cases)('%s: is a violation only if it lasts', async (check, before, object) => {
    for (const one of [...others, ...before]) apply(one);
    await after(5 * grace);
    apply(object);
    await settled();
    expect(standing()).toContain(`${object.kind}/new ${check} pending`);
    await after(grace - minute);
    expect(events).toEqual([]);
    await after(minute);
    expect(standing()).toContain(`${object.kind}/new ${check} violation`);
    expect(notes().join('\n')).toContain(check);
    expect(notes().join('\n')).not.toMatch(/pending|missing/);
    remove(object);
    await settled();
    expect(standing()).toEqual([]);
  });

  test('is found where the claim that the pods cannot share comes after them', async () => {
    apply(deployment('web', { volumes: [{ name: 'data', persistentVolumeClaim: { claimName: 'data' } }] }));
    await settled();
    expect(standing()).toEqual([]);
    apply({
      apiVersion: 'v1',
      kind: 'PersistentVolumeClaim',
      metadata: { name: 'data', namespace: 'shop' },
      spec: { accessModes: ['ReadWriteOnce'], storageClassName: 'disk', resources: { requests: { storage: '1Gi' } } },
    });
    await settled();
    expect(standing()).toContain('Deployment/web storage/stateful-controller pending');
    await after(grace);
    expect(notes().join('\n')).toContain('3 replicas share claim "data", which is ReadWriteOnce');
  });

  test('of objects outside of namespaces is followed too, and its Event is in the namespace default', async () => {
    apply(storageClass('old'));
    apply(storageClass('new'));
    await settled();
    await after(grace);
    expect(standing().toSorted()).toEqual([
      'StorageClass/new storage/default-storageclass violation',
      'StorageClass/old storage/default-storageclass violation',
    ]);
    expect(events[0]).toMatchObject({
      metadata: { namespace: 'default' },
      regarding: { kind: 'StorageClass', namespace: undefined },
      note: expect.stringContaining('is the default too'),
    });
    apply(storageClass('old', false));
    await settled();
    expect(standing()).toEqual([]);
  });
});

test('of what lies outside of namespaces only those that wait for its kind are judged again', async () => {
  const asked = vi.spyOn(world, 'list');
  const judged = (): readonly unknown[] => [
    ...new Set(asked.mock.calls.map(([, namespace]) => namespace).filter((one) => one !== undefined)),
  ];
  apply(claim('fast'));
  await settled();
  asked.mockClear();
  apply(storageClass('fast'));
  await settled();
  expect(judged()).toEqual(['shop']);
});
