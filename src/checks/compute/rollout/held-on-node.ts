import type { PodTemplate } from '../../../kubernetes/pod-template.ts';

/** What a pod holds of its node until it is gone, so that no second one of its kind fits there. */
export function heldOnNode({ spec, containers }: PodTemplate): string | undefined {
  if (spec['hostNetwork'] === true) return 'the network of the node (hostNetwork)';
  for (const { container } of containers) {
    for (const { hostPort } of container.ports ?? []) if (hostPort) return `host port ${hostPort}`;
  }
  return undefined;
}
