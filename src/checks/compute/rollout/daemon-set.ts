import { at } from '../../../kubernetes/fields.ts';
import { flowYaml } from '../../../kubernetes/flow-yaml.ts';
import { resolveIntOrPercent } from '../../../kubernetes/int-or-percent.ts';
import type { KubernetesObject } from '../../../kubernetes/object.ts';
import type { PodTemplate } from '../../../kubernetes/pod-template.ts';
import type { Finding } from '../../check.ts';
import { heldOnNode } from './held-on-node.ts';

const rollingUpdate = '/spec/updateStrategy/rollingUpdate';

export function* judgeDaemonSetRollout(object: KubernetesObject, template: PodTemplate): Iterable<Finding> {
  const { maxUnavailable, maxSurge } = {
    maxUnavailable: at(object, 'spec', 'updateStrategy', 'rollingUpdate', 'maxUnavailable'),
    maxSurge: at(object, 'spec', 'updateStrategy', 'rollingUpdate', 'maxSurge'),
  };
  // Of a plain number nobody knows which part of the nodes it is.
  const percent = typeof maxUnavailable === 'string' ? resolveIntOrPercent(maxUnavailable, 100, 'up') : undefined;
  if (percent !== undefined && percent >= 50) yield describeWide(maxUnavailable);
  const surge = resolveIntOrPercent(maxSurge, 100, 'up') ?? 0;
  const port = surge > 0 ? heldOnNode(template) : undefined;
  if (port !== undefined) yield describeCollision(maxSurge, port);
}

function describeWide(maxUnavailable: unknown): Finding {
  return {
    identity: 'all-unavailable',
    path: `${rollingUpdate}/maxUnavailable`,
    message: `maxUnavailable: ${flowYaml(maxUnavailable)} stops its pods on that many nodes at once`,
    why: 'a version that does not start is missing on half of the cluster before anyone sees it',
    fix: 'Take a few nodes at a time:\nspec:\n  updateStrategy:\n    rollingUpdate: {maxUnavailable: 10%}',
    atMost: 'Warn',
  };
}

function describeCollision(maxSurge: unknown, what: string): Finding {
  return {
    identity: 'surge',
    path: `${rollingUpdate}/maxSurge`,
    message: `maxSurge: ${flowYaml(maxSurge)} starts a second pod on a node, which needs ${what} too`,
    why: 'the new pod waits for what the old one holds, and the old one for the new one to be ready',
    fix: 'Let the old pod go first:\nspec:\n  updateStrategy:\n    rollingUpdate: {maxUnavailable: 1, maxSurge: 0}',
    atMost: 'Warn',
  };
}
