import { type ClusterView, unseenKind } from '../../kubernetes/cluster-view.ts';
import { type Fields, fields, isFields } from '../../kubernetes/fields.ts';
import { flowYaml } from '../../kubernetes/flow-yaml.ts';
import { namedObject } from '../../kubernetes/named-objects.ts';
import { servedKinds, workloadsIn } from '../../kubernetes/served-workloads.ts';
import type { Service } from '../../kubernetes/service.ts';
import type { Workload } from '../../kubernetes/workload.ts';
import type { Finding } from '../check.ts';

/** Labels that a blue/green rollout switches in the selector, before or after the pods that carry them exist. */
const switchLabels: ReadonlySet<string> = new Set(['slot', 'version']);

/** What is wrong with a selector that no template in the namespace carries all labels of. */
export function* judgeUnmatched(service: Service, namespace: string | undefined, view: ClusterView): Iterable<Finding> {
  // What is not seen may be just what it selects.
  if (unseenKind(servedKinds, view) !== undefined) return;
  const workloads = [...workloadsIn(namespace, view)];
  const { selector } = service;
  const besides = nearest(
    selector,
    workloads.filter((one) => mayComeTrue(selector, one)),
  );
  yield besides === undefined
    ? describeMissing(service, nearest(selector, workloads), namespace)
    : describeExtra(service, besides);
}

/** Whether only such labels are missing as pods get in operation: those that are switched, and those that the template leaves open. */
function mayComeTrue(selector: object, { template }: Workload): boolean {
  return Object.keys(missingLabels(selector, template.labels)).every(
    (key) => switchLabels.has(key) || template.labels[key] === undefined,
  );
}

function missingLabels(selector: object, labels: Readonly<Record<string, string>>): Fields {
  return Object.fromEntries(Object.entries(selector).filter(([key, value]) => labels[key] !== value));
}

/** Servers such as Vault, and the agents of a database, label the pod that leads: just one answers, and the template shows none of it. */
function describeExtra({ selector }: Service, workload: Workload): Finding {
  const missing = missingLabels(selector, workload.template.labels);
  const isSwitch = Object.keys(missing).every((key) => switchLabels.has(key));
  return {
    identity: isSwitch ? 'selector/switch' : 'selector/extra',
    path: '/spec/selector',
    message: `no workload has ${textOf(missing)}; the rest selects ${namedObject(workload)}`,
    why: 'if nothing brings pods with that label, nobody answers',
    fix: isSwitch
      ? 'Switch the label only once the pods that carry it are ready'
      : `Select by the labels of the workload, unless its pods label themselves as they run:\nselector: ${flowYaml(labelsOf(workload))}`,
    atMost: 'Audit',
    severity: 'info',
  };
}

function describeMissing({ selector }: Service, near: Workload | undefined, namespace: string | undefined): Finding {
  return {
    identity: 'selector',
    path: '/spec/selector',
    message:
      near === undefined
        ? `no workload in namespace "${namespace}" has the labels ${textOf(selector)}`
        : `selects no workload: ${namedObject(near)} does not have ${textOf(missingLabels(selector, near.template.labels))}`,
    fix:
      near === undefined
        ? 'Correct the selector, or apply the workload that it is for'
        : `Select by labels that the pods keep; ${namedObject(near)} goes by:\nselector: ${flowYaml(labelsOf(near))}`,
    atMost: 'Warn',
    pending: true,
  };
}

/** Those that the workload itself goes by. Others of its template change, as that of the version does. */
function labelsOf({ selector, template }: Workload): Fields {
  const { matchLabels } = fields(selector);
  return isFields(matchLabels) && Object.keys(matchLabels).length > 0 ? matchLabels : template.labels;
}

function textOf(labels: object): string {
  return Object.entries(labels)
    .map(([key, value]) => `${key}=${String(value)}`)
    .join(', ')
    .slice(0, 60);
}

/** The workload that shares most labels with the selector, which is most likely the one that is meant. */
function nearest(selector: object, workloads: readonly Workload[]): Workload | undefined {
  let best: Workload | undefined;
  let most = 0;
  for (const workload of workloads) {
    const shared = Object.entries(selector).filter(([key, value]) => workload.template.labels[key] === value).length;
    if (shared > most) [best, most] = [workload, shared];
  }
  return best;
}
