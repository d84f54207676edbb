import { setTimeout as sleep } from 'node:timers/promises';
import { groupKindOf, type KubernetesObject } from '../../src/kubernetes/object.ts';
import type { ControlPlane } from '../control-plane/control-plane.ts';
import type { Fixture } from '../fixtures/load-fixture.ts';
import { type Api, apiOf, pathOf } from './api.ts';
import { must } from './guardrail.ts';
import { manifest } from './objects.ts';

/** Makes what a fixture says is there already, as somebody whom nobody judges. */
export interface FixtureWorld {
  /** Requests of that somebody. */
  readonly setup: Api;
  /** All objects of the fixture but the judged one. @returns what to clean up afterwards */
  prepare(fixture: Fixture): Promise<readonly KubernetesObject[]>;
  cleanUp(made: readonly KubernetesObject[]): Promise<void>;
}

const platform = 'system:addon-manager';

/** @param fixtures all that it will make: the kinds that the API server lacks are defined at once, before a webhook looks for them */
export async function startFixtureWorld(
  controlPlane: ControlPlane,
  fixtures: readonly Fixture[],
): Promise<FixtureWorld> {
  const binding = ['create', 'clusterrolebinding', 'set-up', '--clusterrole=cluster-admin', `--user=${platform}`];
  await must(controlPlane, binding);
  const setup = apiOf(controlPlane, 'admin', platform);
  const definitions = ['apply', '-f', 'manifests/install/05-crds.yaml', '-f', '-'];
  await must(controlPlane, definitions, manifest(...(await customKinds(setup, fixtures))));
  await must(controlPlane, ['wait', '--for=condition=Established', 'crd', '--all']);
  return {
    setup,
    prepare: async (fixture) => await prepare(setup, fixture),
    cleanUp: async (made) => await cleanUp(setup, made),
  };
}

/** What the case says is there already, in the order of the file; its namespaces, with the ServiceAccount of every namespace, first. */
async function prepare(setup: Api, { objects, request }: Fixture): Promise<readonly KubernetesObject[]> {
  const others = objects.slice(0, -1);
  const named = new Set(objects.map(({ metadata }) => metadata.namespace).filter((name) => name !== undefined));
  for (const object of others) if (object.kind === 'Namespace') named.delete(object.metadata.name ?? '');
  const made: KubernetesObject[] = [];
  for (const name of named) await apply(setup, { apiVersion: 'v1', kind: 'Namespace', metadata: { name } });
  for (const object of others.toSorted((a, b) => Number(b.kind === 'Namespace') - Number(a.kind === 'Namespace'))) {
    await apply(setup, object);
    if (object.kind !== 'Namespace') made.push(object);
    else await apply(setup, serviceAccount(object.metadata.name ?? ''));
  }
  for (const name of named) if (!isDefaultAccount(request.object)) await apply(setup, serviceAccount(name));
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

async function apply(setup: Api, object: KubernetesObject): Promise<void> {
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

async function cleanUp(setup: Api, made: readonly KubernetesObject[]): Promise<void> {
  for (const object of made) {
    await setup.send('DELETE', `${pathOf(object)}?gracePeriodSeconds=0`);
    // No controller is there to take off what protects a claim that is in use, and its volume.
    const patch = { 'content-type': 'application/merge-patch+json' };
    if (object.kind.startsWith('PersistentVolume'))
      await setup.send('PATCH', pathOf(object), { metadata: { finalizers: null } }, patch);
  }
}

/** A definition that takes anything, for each kind of the cases that the API server has not. */
async function customKinds(setup: Api, fixtures: readonly Fixture[]): Promise<readonly object[]> {
  const { body } = await setup.send('GET', '/apis');
  const served = new Set(
    (body as { readonly groups: readonly { readonly name: string }[] }).groups.map(({ name }) => name),
  );
  const kinds = new Map(fixtures.flatMap(({ objects }) => objects).map((object) => [groupKindOf(object), object]));
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
