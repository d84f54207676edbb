import type { JSONSchemaType } from 'ajv';
import { type Check, type CheckDefinition, defineCheck, type Finding } from '../../src/checks/check.ts';
import type { Request } from '../../src/engine/decision.ts';
import { list } from '../../src/kubernetes/fields.ts';
import type { KubernetesObject } from '../../src/kubernetes/object.ts';
import { ObjectIndex } from '../../src/kubernetes/object-index.ts';
import type { ActivePolicy } from '../../src/policy/active-policy.ts';
import type { PolicySpec, Rule } from '../../src/policy/readiness-policy.ts';
import { parsePolicy } from '../../src/policy/parse-policy.ts';

type NoParams = Record<string, never>;
const noParams = { type: 'object', additionalProperties: false, required: [] } as unknown as JSONSchemaType<NoParams>;

/** Finds every container whose image has no tag; its patch adds a label to the template. */
export function imageTagCheck(more: Partial<CheckDefinition<NoParams>> = {}): Check {
  return defineCheck<NoParams>({
    id: 'compute/image-tag',
    title: 'Image tags',
    why: 'nobody knows what runs',
    prevents: [],
    remedy: 'Name a tag.',
    severity: 'high',
    kinds: ['apps/Deployment', 'core/Pod', 'batch/Job'],
    reads: {},
    params: { schema: noParams, defaults: {} },
    *evaluate({ workload }): Generator<Finding> {
      for (const { name, pointer, container } of workload?.template.containers ?? []) {
        if (container.image?.includes(':')) continue;
        yield {
          identity: `container/${name}/image`,
          path: `${pointer}/image`,
          message: `container "${name}" has no tag`,
          fix: 'Set a tag',
        };
      }
    },
    ...more,
  });
}

export function policyOf(
  check: Check,
  rule: Partial<Rule> = {},
  spec: Partial<PolicySpec> = {},
  ownNamespace?: string,
): ActivePolicy {
  return parse({ ...spec, rules: [{ check: check.id, action: 'Deny', ...rule }] }, [check], ownNamespace);
}

/** Each of them denies and patches. */
export function policyOfAll(checklist: readonly Check[]): ActivePolicy {
  return parse({ rules: checklist.map(({ id }) => ({ check: id, action: 'Deny', patch: true })) }, checklist);
}

function parse(spec: object, checklist: readonly Check[], ownNamespace?: string): ActivePolicy {
  const value = { apiVersion: 'daytwo.dev/v1alpha1', kind: 'ReadinessPolicy', metadata: { name: 'test' }, spec };
  return parsePolicy({ file: 'test.yaml', value, locate: () => undefined }, checklist, ownNamespace);
}

export function deployment(images: Readonly<Record<string, string>>, tweak: object = {}): KubernetesObject {
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'checkout', namespace: 'shop' },
    spec: {
      replicas: 1,
      template: {
        metadata: { labels: { app: 'checkout' } },
        spec: { containers: Object.entries(images).map(([name, image]) => ({ name, image })) },
      },
    },
    ...tweak,
  };
}

export function pod(image: string, metadata: object = {}): KubernetesObject {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'checkout-1', namespace: 'shop', ...metadata },
    spec: { containers: [{ name: 'app', image }] },
  };
}

export function create(object: KubernetesObject, tweak: Partial<Request> = {}): Request {
  return {
    object,
    oldObject: undefined,
    operation: 'CREATE',
    subresource: undefined,
    source: 'admission',
    namespace: object.metadata.namespace,
    user: 'jane',
    dryRun: false,
    now: 0,
    ...tweak,
  };
}

export function update(oldObject: KubernetesObject, object: KubernetesObject, tweak: Partial<Request> = {}): Request {
  return create(object, { oldObject, operation: 'UPDATE', ...tweak });
}

export function worldOf(...objects: readonly KubernetesObject[]): ObjectIndex {
  const world = new ObjectIndex('all');
  for (const object of objects) world.put(object);
  return world;
}

export function namespace(name: string, labels: Readonly<Record<string, string>> = {}): KubernetesObject {
  return { apiVersion: 'v1', kind: 'Namespace', metadata: { name, labels } };
}

/** `['container/app/image Deny']` */
export function shown(decision: {
  results: readonly { findings: readonly { identity: string; action: string }[] }[];
}): readonly string[] {
  return decision.results
    .flatMap(({ findings }) => list(findings))
    .map((finding) => {
      const { identity, action } = finding as { identity: string; action: string };
      return `${identity} ${action}`;
    });
}
