import { checks } from '../../src/checks/index.ts';
import { loadSoundPolicy } from '../../src/commands/load-policy.ts';
import type { KubernetesObject } from '../../src/kubernetes/object.ts';
import { ObjectIndex } from '../../src/kubernetes/object-index.ts';
import type { ActivePolicy, SoundPolicy } from '../../src/policy/active-policy.ts';
import { buildPolicySet } from '../../src/policy/policy-set.ts';
import { type AdmitOptions, validate } from '../../src/webhook/admit.ts';
import { createMetrics } from '../../src/webhook/metrics.ts';
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
    const without = admitOptions(few.active, []);
    const together = admitOptions(many.active, exemptions);
    for (const options of [without, together]) measure(options);
    const results = Array.from({ length: rounds }, () => ({ without: measure(without), together: measure(together) }));
    const ratio = median(results.map((round) => round.together / round.without));
    const micro = (of: (round: (typeof results)[number]) => number): string =>
      (median(results.map(of)) * 1000).toFixed(0);
    console.log(
      `50 policies and 1,000 exemptions, ${title}: ${micro((one) => one.together)} µs a request, ` +
        `${micro((one) => one.without)} µs without; ratio ${ratio.toFixed(3)} (goal <= 1.10)`,
    );
  }
  console.log(`50 policies are read and put in force in ${built.toFixed(1)} ms`);
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
    spec: { rules: chosen.map(({ rule }) => ({ ...rule, match })) },
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

function admitOptions(policy: ActivePolicy, exemptions: readonly KubernetesObject[]): AdmitOptions {
  const view = new ObjectIndex('all', { major: 1, minor: 36 });
  for (let index = 0; index < 10; index += 1) {
    const labels = { 'daytwo.dev/tier': 'production', team: `team-${index}` };
    view.put({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: `team-${index}`, labels } });
  }
  for (const one of exemptions) view.put(one);
  return {
    policy: () => policy,
    view: () => view,
    now: () => now,
    log: { info: () => {}, error: () => {} },
    metrics: createMetrics({
      kinds: new Set(['apps/Deployment']),
      certificateExpiry: () => ({ authority: 0, serving: 0 }),
      cacheAges: () => [],
    }),
  };
}

/** Milliseconds of CPU a request: what else the machine does is not counted. */
function measure(options: AdmitOptions): number {
  const before = process.cpuUsage();
  for (let time = 0; time < 4; time += 1) {
    for (const body of reviews) validate(options, { body, traceparent: undefined });
  }
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000 / reviews.length / 4;
}
