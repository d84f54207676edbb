import type { AdmissionWebhook } from '../../kubernetes/admission-webhook.ts';
import { floorField, replicaBounds } from '../../kubernetes/autoscaling.ts';
import { type ClusterView, unseenKind } from '../../kubernetes/cluster-view.ts';
import { budgetKind, hasBudget } from '../../kubernetes/disruption-budget.ts';
import { namedObject } from '../../kubernetes/named-objects.ts';
import { daemonSetKind } from '../../kubernetes/node-agents.ts';
import { type GroupKind, kindOf, type KubernetesObject } from '../../kubernetes/object.ts';
import { readyPods } from '../../kubernetes/ready-pods.ts';
import { servedKinds, servedWorkloads } from '../../kubernetes/served-workloads.ts';
import { readService, serviceKind } from '../../kubernetes/service.ts';
import { replicatedKinds, type Workload } from '../../kubernetes/workload.ts';
import type { CheckSubject, Finding, Severity } from '../check.ts';

/**
 * What answers a webhook that fails closed: while nothing does, what it is asked about is refused.
 * @param isVital whether the cluster cannot heal without what it is asked about
 */
export function* judgeBackend(
  webhook: AdmissionWebhook,
  isVital: boolean,
  source: CheckSubject['source'],
  view: ClusterView,
): Iterable<Finding> {
  const { name, pointer, service } = webhook;
  if (service === undefined || unseenKind([serviceKind, ...servedKinds], view) !== undefined) return;
  const held = view.get(serviceKind, service.namespace, service.name);
  const place = { identity: `webhook/${name}/backend`, path: `${pointer}/clientConfig/service` };
  const finding =
    held === undefined ? describeGone(service) : judgeService(held, service.namespace, isVital, source, view);
  if (finding === undefined) return;
  const { fault, ...others } = finding;
  yield { ...place, message: `webhook ${name} fails closed, and ${fault}`.slice(0, 120), ...others };
}

interface Fault extends Pick<Finding, 'why' | 'fix' | 'pending' | 'severity'> {
  /** Goes on from "it fails closed, and". */
  readonly fault: string;
}

const refused = 'each request that it is asked about is refused: no endpoints available for service "…"';

function describeGone({ namespace, name }: { readonly namespace: string; readonly name: string }): Fault {
  return {
    fault: 'its Service does not exist',
    why: 'each request that it is asked about is refused: service "…" not found',
    fix: `Install what answers as Service ${namespace}/${name}, or delete this configuration`,
    pending: true,
  };
}

function judgeService(
  held: KubernetesObject,
  namespace: string,
  isVital: boolean,
  source: CheckSubject['source'],
  view: ClusterView,
): Fault | undefined {
  const { selector, name } = readService(held);
  // Somebody else writes its endpoints.
  if (Object.keys(selector).length === 0) return undefined;
  const matches = servedWorkloads(selector, namespace, view);
  if (matches.length === 0) return describeUnserved(`${namespace}/${name}`);
  const served = matches.filter(({ match }) => match === 'yes').map(({ workload }) => workload);
  const [first] = served;
  if (first === undefined) return undefined;
  if (source === 'live' && served.every((one) => isUnready(one, namespace, view)))
    return describeUnready(first, namespace);
  // A DaemonSet has a pod on every node, and no drain asks a budget about it.
  if (served.some(({ replicas }) => replicas === undefined)) return undefined;
  return judgeReplicas(served, namespace, isVital, view);
}

function describeUnserved(service: string): Fault {
  return {
    fault: 'its Service selects no pods of any workload',
    why: refused,
    fix: `Correct the selector of Service ${service}, or bring back what it selects`,
    pending: true,
    severity: 'medium',
  };
}

/** Of other kinds the view does not hold how many are ready. */
function isUnready({ groupKind, name }: Workload, namespace: string, view: ClusterView): boolean {
  const object = countedKinds.has(groupKind) ? view.get(groupKind, namespace, name) : undefined;
  return object !== undefined && readyPods(object) === 0;
}

const countedKinds: ReadonlySet<GroupKind> = new Set([...replicatedKinds, daemonSetKind]);

function describeUnready(workload: Workload, namespace: string): Fault {
  return {
    fault: `no pod is ready that could answer it (${namedObject(workload)})`,
    why: refused,
    fix: `See why: kubectl describe ${kindOf(workload.groupKind).toLowerCase()} ${workload.name} -n ${namespace}`,
    pending: true,
  };
}

function judgeReplicas(
  served: readonly Workload[],
  namespace: string,
  isVital: boolean,
  view: ClusterView,
): Fault | undefined {
  const bounds = served.map((workload) => ({ workload, ...replicaBounds(workload, view) }));
  const total = bounds.reduce((sum, { worst }) => sum + worst, 0);
  const [largest] = bounds.toSorted((a, b) => b.worst - a.worst);
  if (total < 2 && largest !== undefined) return describeFew(largest, total, namespace, isVital ? undefined : 'medium');
  if (view.knows(budgetKind) !== 'all') return undefined;
  const bare = bounds.find(({ workload, worst }) => worst > 0 && !hasBudget(workload.template, namespace, view));
  return bare && describeUnbudgeted(bare.workload, namespace, isVital ? 'medium' : 'low');
}

function describeFew(
  { workload, autoscaler }: { readonly workload: Workload; readonly autoscaler: KubernetesObject | undefined },
  total: number,
  namespace: string,
  severity: Severity | undefined,
): Fault {
  const noun = namedObject(workload);
  return {
    fault: `${total === 1 ? 'one pod answers' : 'no pod answers'} it (${noun})`,
    why:
      total === 1
        ? 'when its node is drained, every request that it is asked about is refused until the pod has started elsewhere'
        : refused,
    fix:
      autoscaler === undefined
        ? `Run at least two replicas of ${noun} in namespace ${namespace}:\nreplicas: 2`
        : `Let ${autoscaler.kind} ${autoscaler.metadata.name} in namespace ${namespace} keep at least two:\n${floorField(autoscaler)}: 2`,
    severity,
  };
}

function describeUnbudgeted(workload: Workload, namespace: string, severity: Severity): Fault {
  const noun = namedObject(workload);
  return {
    fault: `no PodDisruptionBudget keeps its pods (${noun})`,
    why: 'a drain of several nodes may take all of its pods at once, and then every request is refused',
    fix: `Add a PodDisruptionBudget with maxUnavailable: 1 for ${noun} in namespace ${namespace}`,
    severity,
  };
}
