import type { ClusterView } from '../../kubernetes/cluster-view.ts';
import { flowYaml } from '../../kubernetes/flow-yaml.ts';
import { isAddedLater } from '../../kubernetes/label-selector.ts';
import { namedObject } from '../../kubernetes/named-objects.ts';
import { servedKinds, servedWorkloads, unseenKind, workloadsIn } from '../../kubernetes/served-workloads.ts';
import type { Service } from '../../kubernetes/service.ts';
import type { Workload } from '../../kubernetes/workload.ts';
import type { Finding } from '../check.ts';

/** Labels that a blue/green rollout switches in the selector, before or after the pods that carry them exist. */
const switchLabels: ReadonlySet<string> = new Set(['rollouts-pod-template-hash', 'slot', 'version']);

/** What is wrong with a selector that no template in the namespace carries all labels of. */
export function* judgeUnmatched(service: Service, namespace: string | undefined, view: ClusterView): Iterable<Finding> {
  // What is not seen may be just what it selects.
  if (unseenKind(servedKinds, view) !== undefined) return;
  const rest = Object.fromEntries(Object.entries(service.selector).filter(([key]) => !switchLabels.has(key)));
  const [besides] = servedWorkloads(rest, namespace, view);
  yield besides === undefined ? describeMissing(service, namespace, view) : describeSwitch(service, besides.workload);
}

/** Whether the selector asks only for labels that a template would show. */
export function showsInTemplates({ selector }: Service, ignoreLabels: readonly string[]): boolean {
  const keys = Object.keys(selector);
  const isIgnored = (key: string): boolean =>
    ignoreLabels.some((one) => (one.endsWith('/') ? key.startsWith(one) : key === one));
  return keys.length > 0 && !keys.some((key) => isAddedLater(key) || isIgnored(key));
}

function describeSwitch({ selector }: Service, workload: Workload): Finding {
  const switched = Object.entries(selector).filter(([key]) => switchLabels.has(key));
  return {
    identity: 'selector/switch',
    path: '/spec/selector',
    message: `no workload has ${textOf(Object.fromEntries(switched))}; the rest selects ${namedObject(workload)}`,
    why: 'if nothing brings pods with that label, nobody answers',
    fix: 'Switch the label only once the pods that carry it are ready',
    atMost: 'Audit',
    severity: 'info',
  };
}

function describeMissing({ selector }: Service, namespace: string | undefined, view: ClusterView): Finding {
  const near = nearest(selector, namespace, view);
  return {
    identity: 'selector',
    path: '/spec/selector',
    message: `no workload in namespace "${namespace}" has the labels ${textOf(selector)}`,
    fix:
      near === undefined
        ? 'Correct the selector, or apply the workload that it is for'
        : `Select by labels that the pods have; those of ${namedObject(near)} are:\nselector: ${flowYaml(near.template.labels)}`,
    atMost: 'Warn',
    pending: true,
  };
}

function textOf(labels: object): string {
  return Object.entries(labels)
    .map(([key, value]) => `${key}=${String(value)}`)
    .join(', ')
    .slice(0, 60);
}

/** The workload that shares most labels with the selector, which is most likely the one that is meant. */
function nearest(selector: object, namespace: string | undefined, view: ClusterView): Workload | undefined {
  let best: Workload | undefined;
  let most = 0;
  for (const workload of workloadsIn(namespace, view)) {
    const shared = Object.entries(selector).filter(([key, value]) => workload.template.labels[key] === value).length;
    if (shared > most) [best, most] = [workload, shared];
  }
  return best;
}
