import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { stringify } from 'yaml';
import { checks } from '../../src/checks/index.ts';
import { at, list } from '../../src/kubernetes/fields.ts';
import { applyPatch, sameJson } from '../../src/kubernetes/json-patch.ts';
import type { KubernetesObject } from '../../src/kubernetes/object.ts';
import { type ControlPlane, startControlPlane } from '../control-plane/control-plane.ts';
import { type Fixture, loadExpectedObject, loadFixtures } from '../fixtures/load-fixture.ts';
import { type Api, apiOf, pathOf, type Reply } from './api.ts';
import { type FixtureWorld, startFixtureWorld } from './fixture-world.ts';
import { type RunningWebhook, startWebhook, untilAsked } from './guardrail.ts';

/** The `patched` fixtures on a real API server and controller manager, each with a policy that has just its check, patching. */

const port = 18_571;
const recordAnnotation = 'daytwo.dev/mutated-by';
const folder = mkdtempSync(join(tmpdir(), 'daytwo-patches-'));
let controlPlane: ControlPlane;
let webhook: RunningWebhook | undefined;
let admin: Api;
let world: FixtureWorld;

/** Cases for older servers than the one of the tests are left to the unit tests. */
const cases = loadFixtures('*/*/patched/*.yaml').filter(({ version }) => version === undefined);
const deployments = cases.filter(({ request }) => request.object.kind === 'Deployment');

beforeAll(async () => {
  controlPlane = await startControlPlane({ controllerManager: true });
  admin = apiOf(controlPlane, 'admin');
  world = await startFixtureWorld(controlPlane, cases);
});

afterEach(async () => {
  await webhook?.stop();
  webhook = undefined;
});

afterAll(async () => {
  await Promise.all([admin?.close(), world?.setup.close()]);
  await controlPlane?.stop();
  rmSync(folder, { recursive: true });
});

test.each(named(cases))('%s becomes what the fixture says, by the server too', async (_path, fixture) => {
  await startPatching(fixture);
  const made = await world.prepare(fixture);
  try {
    const patched = await admin.create(fixture.request.object, 'dryRun=All');
    const expected = await world.setup.create(loadExpectedObject(fixture), 'dryRun=All');
    expect([patched.message, expected.message]).toEqual(['', '']);
    expect(at(patched.body, 'metadata', 'annotations', recordAnnotation)).toBe(fixture.check);
    expect(comparable(patched.body)).toEqual(comparable(expected.body));
  } finally {
    await world.cleanUp(made);
  }
});

describe('no patch starts a rollout that nobody asked for', () => {
  test.each(named(deployments))('%s', async (_path, fixture) => {
    await startPatching(fixture);
    const made = await world.prepare(fixture);
    const { object } = fixture.request;
    try {
      // It is older than daytwo.
      expect((await world.setup.create(object)).message).toBe('');
      await untilObserved(object);
      expect(await countReplicaSets(object)).toBe(1);

      await succeed(admin.send('PATCH', pathOf(object), { metadata: { labels: { edited: 'once' } } }, mergePatch));
      await untilObserved(object);
      expect(await countReplicaSets(object)).toBe(1);
      expect(await patchedBy(object)).toBe(patchesObjectAlone(fixture) ? fixture.check : undefined);

      // Its author rolls it out anyway.
      const image = {
        op: 'replace',
        path: '/spec/template/spec/containers/0/image',
        value: 'registry.example/new:2.0',
      };
      await succeed(admin.send('PATCH', pathOf(object), [image], { 'content-type': 'application/json-patch+json' }));
      await untilObserved(object);
      expect(await countReplicaSets(object)).toBe(2);
      expect(await patchedBy(object)).toBe(patchesUpdates(fixture) ? fixture.check : undefined);

      // `kubectl replace` with the manifest, which knows nothing of the patch: the patch comes again, and nothing restarts.
      await succeed(admin.send('PUT', pathOf(object), withImage(object, image.value)));
      await untilObserved(object);
      expect(await countReplicaSets(object)).toBe(2);
    } finally {
      await world.setup.send('DELETE', `${pathOf(object)}?propagationPolicy=Background`);
      await world.cleanUp(made);
    }
  });
});

const firstImage = '/spec/template/spec/containers/0/image';
const mergePatch = { 'content-type': 'application/merge-patch+json' };

function named(fixtures: readonly Fixture[]): readonly (readonly [string, Fixture])[] {
  return fixtures.map((fixture) => [fixture.path, fixture]);
}

/** Everything else is left alone: what a case shows is the patch of one check. */
async function startPatching({ check, params }: Fixture): Promise<void> {
  const policy = join(folder, 'patching.yaml');
  const rules = [{ check, action: 'Audit', patch: true, params }];
  const object = {
    apiVersion: 'daytwo.dev/v1alpha1',
    kind: 'ReadinessPolicy',
    metadata: { name: 'patching' },
    spec: { rules },
  };
  writeFileSync(policy, stringify(object));
  webhook = await startWebhook(controlPlane, { policy, port, failurePolicy: 'Fail' });
  await untilAsked(controlPlane, webhook);
}

/** Without what tells two objects of one manifest apart, and the note of who patched. */
function comparable(body: unknown): object {
  const { apiVersion, kind, metadata, status: _status, ...content } = body as KubernetesObject;
  const { [recordAnnotation]: _record, ...annotations } = (metadata.annotations ?? {}) as Record<string, string>;
  // The volume of the token has a name that the server makes up.
  const text = JSON.stringify(content).replaceAll(/kube-api-access-\w{5}/g, 'kube-api-access');
  return { apiVersion, kind, labels: metadata.labels, annotations, content: JSON.parse(text) as unknown };
}

function withImage(object: KubernetesObject, image: string): object {
  return applyPatch(object, [{ op: 'replace', path: firstImage, value: image }]);
}

async function succeed(reply: Promise<Reply>): Promise<void> {
  expect((await reply).message).toBe('');
}

/** Until the Deployment controller has acted on the object as it is. */
async function untilObserved(object: KubernetesObject): Promise<void> {
  for (const deadline = Date.now() + 20_000; Date.now() < deadline; await sleep(50)) {
    const { body } = await admin.send('GET', pathOf(object));
    if (at(body, 'status', 'observedGeneration') === at(body, 'metadata', 'generation')) return;
  }
  throw new Error(`${pathOf(object)} was not observed`);
}

function patchesUpdates({ check }: Fixture): boolean {
  return checks.find(({ id }) => id === check)?.patchOperations?.includes('UPDATE') ?? true;
}

/** Outside the template nothing restarts. */
function patchesObjectAlone(fixture: Fixture): boolean {
  return patchesUpdates(fixture) && sameJson(template(fixture.request.object), template(loadExpectedObject(fixture)));
}

function template(object: KubernetesObject): unknown {
  return at(object, 'spec', 'template');
}

async function patchedBy(object: KubernetesObject): Promise<unknown> {
  const { body } = await admin.send('GET', pathOf(object));
  return at(body, 'metadata', 'annotations', recordAnnotation);
}

async function countReplicaSets({ metadata }: KubernetesObject): Promise<number> {
  const { body } = await admin.send('GET', `/apis/apps/v1/namespaces/${metadata.namespace}/replicasets`);
  const isIts = (item: unknown): boolean =>
    list(at(item, 'metadata', 'ownerReferences')).some((owner) => at(owner, 'name') === metadata.name);
  return list(at(body, 'items')).filter(isIts).length;
}
