import { beforeEach, describe, expect, test } from 'vitest';
import { checks } from '../../src/checks/index.ts';
import { groupKindOf, type KubernetesObject } from '../../src/kubernetes/object.ts';
import { ObjectIndex } from '../../src/kubernetes/object-index.ts';
import { watchedKinds } from '../../src/kubernetes/watched-kinds.ts';
import { parsePolicy } from '../../src/policy/parse-policy.ts';
import { riskToWorkloads } from '../../src/reconcile/companions.ts';
import { companionProvider, type ProvideCompanions } from '../../src/reconcile/provide-companions.ts';
import { type JudgedNamespace, standingFindings } from '../../src/reconcile/standing-findings.ts';

/** Companions over a cluster in memory, by a clock that the tests set: looked at whenever they say so. */

const minute = 60_000;
const grace = 10 * minute;
const start = Date.parse('2026-11-01T12:00:00Z');
const value = {
  apiVersion: 'daytwo.dev/v1alpha1',
  kind: 'ReadinessPolicy',
  metadata: { name: 'test' },
  spec: {
    tiers: { default: 'production' },
    rules: ['compute/pdb-required', 'network/default-deny'].map((check) => ({
      check,
      action: 'Warn',
      whenMissing: 'Create',
    })),
  },
};
const policy = parsePolicy({ file: 'test.yaml', value, locate: () => undefined }, checks);

let now: number;
let world: ObjectIndex;
let provide: ProvideCompanions;
/** `make daytwo-allow-dns` */
let done: string[];
let warned: string[];
/** Names of objects that the API server refuses to make or to remove, with its words. */
let refused: Map<string, string>;
let risk: string | undefined;

beforeEach(() => {
  now = start;
  world = new ObjectIndex('all');
  done = [];
  warned = [];
  refused = new Map();
  risk = undefined;
  provide = companionProvider({
    log: { info: () => {}, warn: (_fields, message) => void warned.push(message) },
    apply: async (object) => write('make', object, () => put(object)),
    remove: async (object) => write('withdraw', object, () => remove(object)),
    riskOfIsolation: async () => risk,
  });
});

function write(act: string, object: KubernetesObject, change: () => void): void {
  const { name = '' } = object.metadata;
  const refusal = refused.get(name);
  done.push(`${act} ${name}${refusal === undefined ? '' : ': refused'}`);
  if (refusal !== undefined) throw new Error(refusal);
  change();
}

/** As the watch would bring it. */
function put(object: KubernetesObject): void {
  const kind = groupKindOf(object);
  const { name, namespace } = object.metadata;
  const { creationTimestamp = new Date(now).toISOString() } = world.get(kind, namespace, name ?? '')?.metadata ?? {};
  const metadata = { ...object.metadata, uid: `${kind} ${name}`, creationTimestamp };
  const kept = watchedKinds.get(kind)?.trim({ ...object, metadata });
  if (kept !== undefined) world.put(kept);
}

function remove(object: KubernetesObject): void {
  world.delete(groupKindOf(object), object.metadata.namespace, object.metadata.name ?? '');
}

/** What is done at a look at the namespace some time later. */
async function after(milliseconds: number): Promise<readonly string[]> {
  now += milliseconds;
  done = [];
  await look();
  return done;
}

async function look(): Promise<number | undefined> {
  const judged: JudgedNamespace = { view: world, policy, now, grace };
  return await provide('shop', [...standingFindings('shop', judged)], judged, { holds: () => true });
}

function namespace(generate: string): KubernetesObject {
  return {
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name: 'shop', labels: { 'daytwo.dev/generate': generate } },
  };
}

function workload(kind: 'Deployment' | 'DaemonSet', name: string, app = name): KubernetesObject {
  return {
    apiVersion: 'apps/v1',
    kind,
    metadata: { name, namespace: 'shop' },
    spec: {
      ...(kind === 'Deployment' && { replicas: 3 }),
      selector: { matchLabels: { app } },
      template: template(app),
    },
  };
}

function cronJob(name: string, app: string): KubernetesObject {
  return {
    apiVersion: 'batch/v1',
    kind: 'CronJob',
    metadata: { name, namespace: 'shop' },
    spec: { jobTemplate: { spec: { template: template(app) } } },
  };
}

function template(app: string): object {
  return { metadata: { labels: { app } }, spec: { containers: [{ name: 'app' }] } };
}

function networkPolicy(
  name: string,
  spec: object = { podSelector: {}, policyTypes: ['Ingress', 'Egress'] },
): KubernetesObject {
  return { apiVersion: 'networking.k8s.io/v1', kind: 'NetworkPolicy', metadata: { name, namespace: 'shop' }, spec };
}

const pair = ['make daytwo-allow-dns', 'make daytwo-default-deny'];

describe('default-deny', () => {
  beforeEach(() => put(namespace('networkpolicy')));

  test('comes at once into a new namespace, names first', async () => {
    expect(await after(0)).toEqual(pair);
    expect(await after(grace)).toEqual([]);
  });

  test.each([
    ['that closed it', networkPolicy('own')],
    ['that was for some of its pods', networkPolicy('own', { podSelector: { matchLabels: { app: 'web' } } })],
  ])('does not come into a namespace that has just lost a policy %s', async (_what, own) => {
    put(workload('Deployment', 'web'));
    put(workload('Deployment', 'other'));
    put(own);
    expect(await after(30 * 24 * 60 * minute)).toEqual([]);
    remove(own);
    expect(await after(500)).toEqual([]);
    expect(await look()).toBe(now + grace);
    risk = 'Pod web has been there for more than a minute';
    expect(await after(grace)).toEqual([]);
  });

  test('comes again where nothing has run in it for the grace period', async () => {
    await after(0);
    await after(500);
    remove(networkPolicy('daytwo-allow-dns'));
    remove(networkPolicy('daytwo-default-deny'));
    expect(await after(500)).toEqual([]);
    expect(await after(grace)).toEqual(pair);
  });

  test('comes at once into an old namespace that is empty and opts in', async () => {
    put({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'shop' } });
    expect(await after(grace)).toEqual([]);
    put(namespace('networkpolicy'));
    expect(await after(grace)).toEqual(pair);
  });

  test('is never without names: they come back, whatever runs there', async () => {
    await after(0);
    remove(networkPolicy('daytwo-allow-dns'));
    risk = 'Pod web has been there for more than a minute';
    expect(await after(500)).toEqual(['make daytwo-allow-dns']);
  });

  test('takes the other one along when it is deleted', async () => {
    await after(0);
    await after(500);
    remove(networkPolicy('daytwo-default-deny'));
    expect(await after(500)).toEqual(['withdraw daytwo-allow-dns']);
    expect(await after(minute)).toEqual([]);
    expect(await after(grace)).toEqual(pair);
  });

  test('does not come where names are refused, and goes before them', async () => {
    refused.set('daytwo-allow-dns', 'exceeded quota');
    expect(await after(0)).toEqual(['make daytwo-allow-dns: refused']);
    refused.clear();
    expect(await after(minute)).toEqual(pair);

    put(networkPolicy('own'));
    refused.set('daytwo-default-deny', 'denied');
    expect(await after(minute)).toEqual(['withdraw daytwo-default-deny: refused']);
    refused.clear();
    expect(await after(minute)).toEqual(['withdraw daytwo-default-deny', 'withdraw daytwo-allow-dns']);
  });
});

describe('what is kept in a namespace', () => {
  const onNode = { spec: { template: { spec: { hostNetwork: true } } } };

  test.each([
    ['a Deployment, whether it has pods or not', workload('Deployment', 'web'), 'Deployment web'],
    ['a CronJob', cronJob('report', 'report'), 'CronJob report'],
    ['only what is in the network of its node', { ...workload('DaemonSet', 'agent'), ...onNode }, undefined],
  ])('is a risk after a minute: %s', (_what, object, risk) => {
    put(object);
    expect(riskToWorkloads('shop', world, now + minute)).toBeUndefined();
    const found = riskToWorkloads('shop', world, now + minute + 1);
    if (risk === undefined) expect(found).toBeUndefined();
    else expect(found).toContain(`${risk} has been there for more than a minute`);
  });
});

describe('a budget', () => {
  beforeEach(() => put(namespace('pdb')));

  test.each([
    ['a CronJob', cronJob('cleanup', 'web')],
    ['a DaemonSet', workload('DaemonSet', 'agent', 'web')],
    ['another Deployment', workload('Deployment', 'canary', 'web')],
  ])('goes when %s with the same labels comes, and comes again after it', async (_what, other) => {
    put(workload('Deployment', 'web'));
    expect(await after(grace)).toEqual(['make web-day2']);
    put(other);
    expect(await after(minute)).toEqual(['withdraw web-day2']);
    expect(await after(grace)).toEqual([]);
    remove(other);
    expect(await after(minute)).toEqual(['make web-day2']);
  });

  test('that is refused holds up nothing else, is tried ever more rarely, and is told of once', async () => {
    for (const name of ['a', 'b', 'c']) put(workload('Deployment', name));
    refused.set('a-day2', 'exceeded quota');
    expect(await after(grace)).toEqual(['make a-day2: refused', 'make b-day2', 'make c-day2']);

    const pauses: number[] = [];
    for (let next = await look(); pauses.length < 8; next = await look()) {
      pauses.push((next ?? Number.NaN) - now);
      expect(await after((next ?? Number.NaN) - now)).toEqual(['make a-day2: refused']);
    }
    expect(pauses.map((pause) => pause / 1000)).toEqual([5, 10, 20, 40, 80, 160, 300, 300]);
    expect(warned).toEqual(['cannot make a companion, trying again']);

    refused.set('a-day2', 'denied by a webhook');
    await after(5 * minute);
    expect(warned).toHaveLength(2);
    refused.clear();
    expect(await after(5 * minute)).toEqual(['make a-day2']);
    expect(await look()).toBeUndefined();
  });
});
