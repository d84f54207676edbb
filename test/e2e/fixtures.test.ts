import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { checks } from '../../src/checks/index.ts';
import { loadPolicy } from '../../src/commands/load-policy.ts';
import { judge } from '../../src/engine/judge.ts';
import { groupKindOf, type KubernetesObject } from '../../src/kubernetes/object.ts';
import { type ControlPlane, startControlPlane } from '../control-plane/control-plane.ts';
import { type Fixture, loadFixtures } from '../fixtures/load-fixture.ts';
import { type Api, apiOf, pathOf } from './api.ts';
import { must, type RunningWebhook, startWebhook, untilAsked } from './guardrail.ts';
import { manifest } from './objects.ts';

/**
 * The fixtures of the checks as server-side dry runs under `strict`: what the engine says of a case in a file is what an API
 * server is told, with its defaults filled in, its own admission before ours, and a cache in the place of the file.
 *
 * Left out is what a CREATE in a cluster cannot show: UPDATEs and subresources, other versions and users, params that
 * `strict` does not have, and what needs less knowledge than a cluster gives or a live one with status.
 */
const port = 18_561;
const platform = 'system:addon-manager';
let controlPlane: ControlPlane;
let webhook: RunningWebhook;
let admin: Api;
/** Whom nobody judges: it makes what a case says is there already. */
let setup: Api;

/** Cases that a cluster answers in another way, and must. */
const otherwise: ReadonlyMap<string, string> = new Map([
  ['compute/priority-class-object/fail/second-default-at-admission.yaml', 'the API server refuses it itself'],
  ['compute/priority-class-object/fail/second-default.yaml', 'the API server refuses it itself'],
  [
    'storage/stateful-controller/pass/owned-replica-set.yaml',
    'an owner that anybody but its controller writes is not believed',
  ],
]);

const policiesFolder = new URL('../../policies/', import.meta.url);
const folder = mkdtempSync(join(tmpdir(), 'daytwo-fixtures-'));
/** `strict` where a namespace is production unless it says otherwise: the cases say nothing, and `strict` is at its strictest there. */
const policy = join(folder, 'strict-in-production.yaml');
const shipped = readFileSync(new URL('strict.yaml', policiesFolder), 'utf8');
writeFileSync(policy, shipped.replace('default: standard', 'default: production'));
const strict = await loadPolicy({ policy, policiesFolder });
const cases = loadFixtures('*/*/{pass,fail}/*.yaml').filter(canBeCreated);

beforeAll(async () => {
  // Without a controller manager nothing changes what a case says is there.
  controlPlane = await startControlPlane({ controllerManager: false });
  admin = apiOf(controlPlane, 'admin');
  setup = apiOf(controlPlane, 'admin', platform);
  await must(controlPlane, [
    'create',
    'clusterrolebinding',
    'set-up',
    '--clusterrole=cluster-admin',
    `--user=${platform}`,
  ]);
  await must(
    controlPlane,
    ['apply', '-f', 'manifests/install/05-crds.yaml', '-f', '-'],
    manifest(...(await customKinds())),
  );
  await must(controlPlane, ['wait', '--for=condition=Established', 'crd', '--all']);
  webhook = await startWebhook(controlPlane, { policy, port, failurePolicy: 'Fail' });
  await untilAsked(controlPlane, webhook);
});

afterAll(async () => {
  await Promise.all([admin?.close(), setup?.close()]);
  await webhook?.stop();
  await controlPlane?.stop();
  rmSync(folder, { recursive: true });
});

test.each(cases.map((fixture) => [fixture.path, fixture] as const))('%s', async (_path, fixture) => {
  const made = await prepare(fixture);
  try {
    const { status, message } = await admin.create(fixture.request.object, 'dryRun=All');
    const refusedByUs =
      status === 403 && message.startsWith('admission webhook "validate.daytwo.dev" denied the request');
    // Other checks may have found something in the case too; the server itself may not.
    expect(refusedByUs ? '' : message).toBe('');
    expect(message.includes(`✗ ${fixture.check} `), message).toBe(fixture.verdict === 'fail' && isRefused(fixture));
  } finally {
    await cleanUp(made);
  }
});

test('the cases cover every check that a cluster can show at a CREATE', () => {
  const covered = new Set(cases.map(({ check }) => check));
  const left = checks.map(({ id }) => id).filter((id) => !covered.has(id));
  expect(left).toEqual(['compute/namespace-guardrails', 'storage/backup-coverage']);
});

/** Whether the engine refuses it for its own check, as the same request: a dry run, of somebody who is no controller. */
function isRefused({ check, request, world }: Fixture): boolean {
  const { results } = judge(
    { ...request, source: 'admission', user: 'admin', dryRun: true },
    strict,
    world,
    'confirmed',
  );
  return results.some((result) => result.check.id === check && result.outcome === 'fail');
}

function canBeCreated({ path, request, params, knows, version }: Fixture): boolean {
  if (otherwise.has(path)) return false;
  const { operation, subresource, source, user } = request;
  const plain = operation === 'CREATE' && subresource === undefined && user === undefined && source !== 'live';
  return plain && Object.keys(params).length === 0 && knows === 'all' && version === undefined;
}

/** What the case says is there already, in the order of the file; its namespaces, with the ServiceAccount of every namespace, first. */
async function prepare({ objects, request }: Fixture): Promise<readonly KubernetesObject[]> {
  const others = objects.slice(0, -1);
  const named = new Set(objects.map(({ metadata }) => metadata.namespace).filter((name) => name !== undefined));
  for (const object of others) if (object.kind === 'Namespace') named.delete(object.metadata.name ?? '');
  const made: KubernetesObject[] = [];
  for (const name of named) await apply({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } });
  for (const object of others.toSorted((a, b) => Number(b.kind === 'Namespace') - Number(a.kind === 'Namespace'))) {
    await apply(object);
    if (object.kind !== 'Namespace') made.push(object);
    else await apply(serviceAccount(object.metadata.name ?? ''));
  }
  for (const name of named) if (!isDefaultAccount(request.object)) await apply(serviceAccount(name));
  // The time that a watch takes; more than ten times what it takes here.
  if (others.length > 0) await sleep(150);
  return made;
}

function isDefaultAccount({ kind, metadata }: KubernetesObject): boolean {
  return kind === 'ServiceAccount' && metadata.name === 'default';
}

function serviceAccount(namespace: string): KubernetesObject {
  return { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'default', namespace } };
}

async function apply(object: KubernetesObject): Promise<void> {
  const reply = await setup.apply(object);
  if (reply.status >= 300) throw new Error(`${pathOf(object)}: ${reply.message}`);
  if (object['status'] === undefined) return;
  const path = `${pathOf(object)}/status`;
  const { apiVersion, kind, metadata, status } = object;
  const { name, namespace } = metadata;
  const written = await setup.send(
    'PATCH',
    `${path}?fieldManager=test&force=true`,
    { apiVersion, kind, metadata: { name, namespace }, status },
    { 'content-type': 'application/apply-patch+yaml' },
  );
  // A custom resource without that subresource has kept it already.
  if (written.status >= 300 && written.status !== 404) throw new Error(`${path}: ${written.message}`);
}

async function cleanUp(made: readonly KubernetesObject[]): Promise<void> {
  for (const object of made) {
    await setup.send('DELETE', `${pathOf(object)}?gracePeriodSeconds=0`);
    // No controller is there to take off what protects a claim that is in use, and its volume.
    const patch = { 'content-type': 'application/merge-patch+json' };
    if (object.kind.startsWith('PersistentVolume'))
      await setup.send('PATCH', pathOf(object), { metadata: { finalizers: null } }, patch);
  }
}

/** A definition that takes anything, for each kind of the cases that the API server has not. */
async function customKinds(): Promise<readonly object[]> {
  const { body } = await admin.send('GET', '/apis');
  const served = new Set(
    (body as { readonly groups: readonly { readonly name: string }[] }).groups.map(({ name }) => name),
  );
  const kinds = new Map(cases.flatMap(({ objects }) => objects).map((object) => [groupKindOf(object), object]));
  return [...kinds.values()]
    .filter(({ apiVersion }) => apiVersion.includes('/') && !served.has(apiVersion.split('/')[0] ?? ''))
    .map(({ apiVersion, kind, metadata }) => {
      const [group, name] = apiVersion.split('/') as [string, string];
      const plural = pathOf({ apiVersion, kind, metadata: { name: '' } })
        .split('/')
        .at(-2);
      const openAPIV3Schema = { type: 'object', 'x-kubernetes-preserve-unknown-fields': true };
      return {
        apiVersion: 'apiextensions.k8s.io/v1',
        kind: 'CustomResourceDefinition',
        metadata: {
          name: `${plural}.${group}`,
          annotations: { 'api-approved.kubernetes.io': 'unapproved, a stand-in of a test' },
        },
        spec: {
          group,
          names: { plural, kind },
          scope: metadata.namespace === undefined ? 'Cluster' : 'Namespaced',
          versions: [{ name, served: true, storage: true, schema: { openAPIV3Schema } }],
        },
      };
    });
}
