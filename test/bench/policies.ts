import { checks } from '../../src/checks/index.ts';
import { loadSoundPolicy } from '../../src/commands/load-policy.ts';
import { judge } from '../../src/engine/judge.ts';
import type { KubernetesObject } from '../../src/kubernetes/object.ts';
import { ObjectIndex } from '../../src/kubernetes/object-index.ts';
import type { ActivePolicy, SoundPolicy } from '../../src/policy/active-policy.ts';
import { buildPolicySet } from '../../src/policy/policy-set.ts';
import { decodeReview } from '../../src/webhook/decode.ts';
import { renderReview, respondToValidation } from '../../src/webhook/respond.ts';
import { median } from './median.ts';
import { deploymentReviews } from './reviews.ts';

const now = Date.parse('2026-11-21T00:00:00Z');
const reviews = deploymentReviews(500);

/**
 * What `/validate` costs with 50 policies of 5 rules and one with a rule for every check, and 1,000 exemptions, against none of
 * them: CPU time of a request from body to body, without the network, rounds alternating. All namespaces are production, so one
 * request in ten has findings of Deny and looks for exemptions.
 */
export async function benchPolicies(rounds = 15): Promise<void> {
  const policiesFolder = new URL('../../policies/', import.meta.url);
  const base = await loadSoundPolicy({ policy: 'baseline', policiesFolder });
  const few = buildPolicySet({ objects: [], base, checklist: checks });
  const started = performance.now();
  const many = buildPolicySet({
    objects: Array.from({ length: 50 }, (_, index) => teamPolicy(index, base)),
    base,
    checklist: checks,
  });
  const built = performance.now() - started;
  if (many.states.some(({ status }) => !status.accepted)) throw new Error(many.states[0]?.status.message);
  for (const [title, exemptions] of [
    ['spread over 10 namespaces', Array.from({ length: 1000 }, (_, index) => exemption(index, `team-${index % 10}`))],
    ['all in one namespace of ten', Array.from({ length: 1000 }, (_, index) => exemption(index, 'team-0'))],
  ] as const) {
    const without = judging(few.active, []);
    const together = judging(many.active, exemptions);
    compare(without, together);
    const results = Array.from({ length: rounds }, () => compare(without, together));
    const ratio = median(results.map((round) => round.second / round.first));
    const [alone, both] = [median(results.map(({ first }) => first)), median(results.map(({ second }) => second))];
    console.log(
      `50 policies and 1,000 exemptions, ${title}: ${both.toFixed(0)} µs a request, ${alone.toFixed(0)} µs without; ` +
        `ratio ${ratio.toFixed(3)} (goal <= 1.10)`,
    );
  }
  console.log(`50 policies are read and put in force in ${built.toFixed(1)} ms`);
}

/** What a request is judged by and against. */
interface Judging {
  readonly policy: ActivePolicy;
  readonly view: ObjectIndex;
}

/**
 * Half of them find their namespaces by name, half by label; one in five is about namespaces that exist. They want what the
 * base wants, so that the same is found and said with them and without.
 */
function teamPolicy(index: number, base: SoundPolicy): KubernetesObject {
  const team = index % 5 === 0 ? `team-${index / 5}` : `absent-${index}`;
  const match =
    index % 2 === 0 ? { namespaces: [team, `${team}-*`] } : { namespaceSelector: { matchLabels: { team } } };
  const chosen = index === 49 ? base.rules : base.rules.slice(0, 5);
  return {
    apiVersion: 'daytwo.dev/v1alpha1',
    kind: 'ReadinessPolicy',
    metadata: { name: `policy-${index}`, uid: `uid-${index}`, generation: 1 },
    spec: { rules: chosen.map(({ rule }) => Object.assign({}, rule, { match })) },
  };
}

/** One in four has expired, one in ten goes by labels, and none is for the objects that come. */
function exemption(index: number, namespace: string): KubernetesObject {
  const target = index % 10 === 0 ? { selector: { matchLabels: { era: 'old' } } } : { name: `legacy-${index}` };
  return {
    apiVersion: 'daytwo.dev/v1alpha1',
    kind: 'ReadinessExemption',
    metadata: { name: `exemption-${index}`, namespace },
    spec: {
      checks: ['compute/memory-limit', 'compute/resource-requests'],
      target: { kind: index % 3 === 0 ? 'apps/StatefulSet' : 'apps/Deployment', ...target },
      reason: 'for the bench',
      owner: 'team bench',
      until: index % 4 === 0 ? '2026-10-01' : '2027-06-30',
    },
  };
}

function judging(policy: ActivePolicy, exemptions: readonly KubernetesObject[]): Judging {
  const view = new ObjectIndex('all', { major: 1, minor: 36 });
  for (let index = 0; index < 10; index += 1) {
    const labels = { 'daytwo.dev/tier': 'production', team: `team-${index}` };
    view.put({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: `team-${index}`, labels } });
  }
  for (const one of exemptions) view.put(one);
  return { policy, view };
}

/** Requests in a row: so few that whatever disturbs the machine disturbs both sides. */
const batch = 25;

/** Microseconds of CPU a request, batch by batch in turns, the one that comes first changing. */
function compare(one: Judging, other: Judging): { readonly first: number; readonly second: number } {
  const spent = { first: 0, second: 0 };
  for (let at = 0; at < reviews.length * 4; at += batch) {
    const bodies = reviews.slice(at % reviews.length, (at % reviews.length) + batch);
    const oneFirst = (at / batch) % 2 === 0;
    if (oneFirst) spent.first += measure(one, bodies);
    spent.second += measure(other, bodies);
    if (!oneFirst) spent.first += measure(one, bodies);
  }
  const requests = reviews.length * 4;
  return { first: spent.first / requests, second: spent.second / requests };
}

/** Microseconds of CPU: what else the machine does is not counted. */
function measure({ policy, view }: Judging, bodies: readonly string[]): number {
  const before = process.cpuUsage();
  for (const body of bodies) {
    const request = decodeReview(Buffer.from(body), now);
    renderReview(respondToValidation(request, judge(request, policy, view)));
  }
  const { user, system } = process.cpuUsage(before);
  return user + system;
}
