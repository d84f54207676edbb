import { describe, expect, test } from 'vitest';
import { resourceRequests } from '../../../src/checks/compute/resource-requests.ts';
import { applyPatch } from '../../../src/kubernetes/json-patch.ts';
import type { KubernetesObject } from '../../../src/kubernetes/object.ts';
import { validate } from '../../../src/policy/validate.ts';
import { configure, deployment, find, object, subject, world } from './compute-kit.ts';

const nothing = world('all', []);
const withContainer = (resources: unknown) => deployment(1, { containers: [{ name: 'app', resources }] });
const identities = (of: KubernetesObject, view = nothing) =>
  find(resourceRequests, subject(of), view).map(({ identity }) => identity);

describe('what counts as a request', () => {
  test.each<[string, unknown, string[]]>([
    ['an exponent', { requests: { cpu: '1e-1', memory: '1e8' } }, []],
    ['a number', { requests: { cpu: 0.1, memory: 134217728 } }, []],
    ['null, which the API server reads as 0', { requests: { cpu: null, memory: '1Gi' } }, ['container/app/cpu']],
    ['less than nothing', { requests: { cpu: '-1', memory: '1Gi' } }, ['container/app/cpu']],
    ['a unit that does not exist', { requests: { cpu: '100m', memory: '1GB' } }, ['container/app/memory']],
    ['a limit that is no quantity', { requests: { cpu: '1' }, limits: { memory: 'lots' } }, ['container/app/memory']],
    ['a list in place of the map', { requests: ['cpu'] }, ['pod/best-effort']],
    ['text in place of all', 'none', ['pod/best-effort']],
  ])('%s', (_title, resources, expected) => {
    expect(identities(withContainer(resources))).toEqual(expected);
  });

  test('what the API server will refuse is quoted', () => {
    const [finding] = find(
      resourceRequests,
      subject(withContainer({ requests: { cpu: '1', memory: '1GB' } })),
      nothing,
    );
    expect(finding?.message).toBe('container "app" has the memory request "1GB", which is no quantity');
  });

  test('a request that comes from a limit is shown at the limit', () => {
    const [finding] = find(
      resourceRequests,
      subject(withContainer({ requests: { cpu: '1' }, limits: { memory: 0 } })),
      nothing,
    );
    expect(finding).toMatchObject({
      path: '/spec/template/spec/containers/0/resources/limits/memory',
      message: 'container "app" has a memory limit of 0',
    });
  });
});

test('an ephemeral container cannot carry resources', () => {
  const pod = object('v1', 'Pod', 'checkout', {
    containers: [{ name: 'app', resources: { requests: { cpu: 1, memory: '1Gi' } } }],
    ephemeralContainers: [{ name: 'debugger' }],
  });
  expect(identities(pod)).toEqual([]);
});

describe('a VerticalPodAutoscaler', () => {
  const vpa = (updateMode: string | undefined, target: object, containerName = 'app') => ({
    ...object('autoscaling.k8s.io/v1', 'VerticalPodAutoscaler', 'checkout', {
      targetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'checkout' },
      updatePolicy: { updateMode },
    }),
    status: { recommendation: { containerRecommendations: [{ containerName, target }] } },
  });
  const both = { cpu: '120m', memory: '200Mi' };

  test.each<[string, KubernetesObject, string[]]>([
    ['that recommends both', vpa('Auto', both), []],
    ['that only starts pods so', vpa('Initial', both), []],
    ['without a mode, which means that it acts', vpa(undefined, both), []],
    ['that is Off', vpa('Off', both), ['pod/best-effort']],
    ['that has nothing to recommend yet', { ...vpa('Auto', both), status: {} }, ['pod/best-effort']],
    ['that leaves memory alone', vpa('Auto', { cpu: '120m' }), ['container/app/memory']],
    ['for another container', vpa('Auto', both, 'proxy'), ['pod/best-effort']],
  ])('%s', (_title, autoscaler, expected) => {
    expect(identities(withContainer({}), world('all', [autoscaler]))).toEqual(expected);
  });

  test('may resize as it likes', () => {
    const pod = object('v1', 'Pod', 'checkout', { containers: [{ name: 'app' }] });
    const resize = (user: string) =>
      find(resourceRequests, subject(pod, { operation: 'UPDATE', subresource: 'resize', user }), nothing);
    expect(resize('system:serviceaccount:kube-system:vpa-updater')).toEqual([]);
    expect(resize('jane').map(({ atMost }) => atMost)).toEqual(['Warn']);
  });
});

describe('pod-level resources', () => {
  const withPodLevel = (resources: unknown, more: object = {}) =>
    deployment(1, { resources, containers: [{ name: 'app' }], ...more });
  const requested = { requests: { cpu: '1', memory: '1Gi' } };

  test.each<[string, KubernetesObject, { major: number; minor: number } | undefined, string[]]>([
    ['on 1.34', withPodLevel(requested), { major: 1, minor: 34 }, []],
    ['on a server that is not known', withPodLevel(requested), undefined, []],
    ['on 1.33', withPodLevel(requested), { major: 1, minor: 33 }, ['pod/resources', 'pod/best-effort']],
    [
      'on Windows',
      withPodLevel(requested, { os: { name: 'windows' } }),
      { major: 1, minor: 36 },
      ['pod/resources', 'pod/best-effort'],
    ],
    ['of 0', withPodLevel({ requests: { cpu: 0, memory: 0 } }), { major: 1, minor: 36 }, ['pod/best-effort']],
    ['null', withPodLevel(null), { major: 1, minor: 31 }, ['pod/best-effort']],
  ])('%s', (_title, of, version, expected) => {
    expect(identities(of, world('all', [], version))).toEqual(expected);
  });
});

test('the one finding of a BestEffort pod speaks for each of its containers', () => {
  const [finding] = find(
    resourceRequests,
    subject(deployment(1, { containers: [{ name: 'app' }, { name: 'proxy' }] })),
    nothing,
  );
  expect(finding?.covers).toEqual([
    'container/app/cpu',
    'container/app/memory',
    'container/proxy/cpu',
    'container/proxy/memory',
  ]);
});

describe('the patch', () => {
  const patch = (of: KubernetesObject, tweak = {}) =>
    configure(resourceRequests).patch(subject(of, { ...tweak }), nothing);

  test('stays out of production', () => {
    expect(patch(withContainer(undefined), { tier: 'production' })).toEqual([]);
  });

  test.each([
    ['a 0 that somebody wrote', { requests: { cpu: 0 } }],
    ['what is no quantity', { requests: { cpu: 'much' } }],
  ])('does not put right %s', (_title, resources) => {
    expect(patch(withContainer(resources))).toEqual([]);
  });

  test('makes the maps that are missing, or null', () => {
    const requests = { cpu: '50m', memory: '64Mi' };
    for (const resources of [undefined, null, {}, { requests: null }, { requests: {} }]) {
      const of = withContainer(resources);
      expect(applyPatch(of, patch(of))).toEqual(withContainer({ requests }));
    }
  });

  test('leaves an injected container to its injector', () => {
    const pod = object('v1', 'Pod', 'checkout', { containers: [{ name: 'app' }, { name: 'istio-proxy' }] });
    expect(patch(pod).map(({ path }) => path)).toEqual([
      '/spec/containers/0/resources',
      '/spec/containers/0/resources',
    ]);
  });
});

test('default amounts that the API server would refuse are refused in the policy', () => {
  const mistakes = resourceRequests.configure({ defaults: { cpu: '50 m', memory: '64Mi' } }, validate);
  expect(mistakes).toMatchObject([{ pointer: '/defaults/cpu' }]);
});
