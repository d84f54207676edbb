import { describe, expect, test } from 'vitest';
import type { ConfiguredCheck } from '../../src/checks/check.ts';
import { checks } from '../../src/checks/index.ts';
import { readSubject } from '../../src/engine/subject.ts';
import type { ClusterView } from '../../src/kubernetes/cluster-view.ts';
import { groupKindOf, type KubernetesObject } from '../../src/kubernetes/object.ts';
import { ObjectIndex } from '../../src/kubernetes/object-index.ts';
import { watchedKinds } from '../../src/kubernetes/watched-kinds.ts';
import { activatePolicy } from '../../src/policy/active-policy.ts';
import { validate } from '../../src/policy/validate.ts';
import { liveRequest } from '../../src/reconcile/standing-findings.ts';
import { type Fixture, loadFixtures } from '../fixtures/load-fixture.ts';

const policy = activatePolicy('fixtures', { rules: [] }, [], checks);

const fixtures = checks.flatMap(({ id }) => loadFixtures(`${id}/*/*.yaml`));

/** A field that a check reads and the cluster cache drops would make another verdict in a cluster than anywhere else. */
describe('what the cluster cache keeps of the world is enough to judge alike', () => {
  test.each(fixtures.map((fixture) => [fixture.path, fixture] as const))('%s', (_path, fixture) => {
    const check = configure(fixture);
    const judge = (view: ClusterView) => [
      ...check.evaluate(readSubject(fixture.request, fixture.request.object, policy, view), view),
    ];
    expect(judge(trimmed(fixture))).toEqual(judge(fixture.world));
  });
});

/** The background judges what the cache holds of an object, and follows up what may change with others. */
describe('what the cluster cache keeps of an object is enough to find what stands in the background', () => {
  const held = fixtures.flatMap((fixture) => {
    const object = watchedKinds.get(groupKindOf(fixture.request.object))?.trim(fixture.request.object);
    return object === undefined ? [] : [[fixture.path, fixture, object] as const];
  });

  test.each(held)('%s', (_path, fixture, object) => {
    const check = configure(fixture);
    const standing = (judged: KubernetesObject) => {
      const subject = readSubject(
        liveRequest(judged, fixture.request.namespace, fixture.request.now),
        judged,
        policy,
        fixture.world,
      );
      return [...check.evaluate(subject, fixture.world)].filter(({ pending, conflict }) => pending || conflict);
    };
    expect(standing(object)).toEqual(standing(fixture.request.object));
  });
});

function configure({ check, params }: Fixture): ConfiguredCheck {
  const configured = checks.find(({ id }) => id === check)?.configure(params, validate);
  if (configured === undefined || !('evaluate' in configured)) throw new Error(`${check} cannot be configured`);
  return configured;
}

/** Objects of kinds that are not watched stay out: a check that needs them names them in `reads`, which another test sees. */
function trimmed({ objects, world }: Fixture): ObjectIndex {
  const view = new ObjectIndex((kind) => world.knows(kind), world.version);
  for (const object of objects) {
    const kept = watchedKinds.get(groupKindOf(object))?.trim(object);
    if (kept !== undefined) view.put(kept);
  }
  return view;
}
