import type { ClusterView } from '../../kubernetes/cluster-view.ts';
import { at, list, text } from '../../kubernetes/fields.ts';
import type { Operation } from '../../kubernetes/json-patch.ts';
import { pointerTo } from '../../kubernetes/json-pointer.ts';
import {
  defaultPriorityClass,
  findPriorityClass,
  ownPriorityClasses,
  priorityClassKind,
  systemClasses,
} from '../../kubernetes/priority-class.ts';
import { type Workload, workloadKinds } from '../../kubernetes/workload.ts';
import type { ActionByTier } from '../action.ts';
import { type CheckSubject, defineCheck, type Finding } from '../check.ts';
import { fitsPattern } from '../name-pattern.ts';

interface Params {
  /** Classes that a workload may name; any where the list is empty. */
  allowed: string[];
  /** The class for each tier: what the fix names and a patch sets. */
  tierMap: Record<string, string>;
  /** Namespaces, besides the policy's system namespaces, whose pods may be system-critical; `*` stands for anything. */
  systemAllowed: string[];
  /** Whether a workload may be refused for naming no class. */
  denyMissing: boolean;
  /** Whether a patch may touch bare Pods. */
  patchPods: boolean;
}

export const priorityClass = defineCheck<Params>({
  id: 'compute/priority-class',
  title: 'Workloads have a PriorityClass',
  why: 'when nodes are full after a failure it waits among everything else, or makes room for it',
  prevents: [
    'Preempted by pod … on node … (a production pod that had to make room)',
    'FailedCreate: … is forbidden: no PriorityClass with name … was found',
    'node agents that are evicted because an application outranks them',
  ],
  remedy:
    'Set priorityClassName in the pod template to a class that says how much the workload matters, or make one PriorityClass ' +
    'of the cluster the globalDefault. The system-* classes are for what keeps nodes and the cluster alive. A literal ' +
    'priority in a template only ever repeats the class, or makes the API server refuse its pods.',
  severity: 'medium',
  kinds: workloadKinds,
  // The system classes and a literal priority need no knowledge; `unknown` speaks up for the rest.
  reads: { [priorityClassKind]: 'none' },
  params: {
    schema: {
      type: 'object',
      properties: {
        allowed: { type: 'array', items: { type: 'string' } },
        tierMap: {
          type: 'object',
          required: [],
          propertyNames: { enum: ['production', 'standard', 'sandbox'] },
          additionalProperties: { type: 'string', minLength: 1 },
        },
        systemAllowed: { type: 'array', items: { type: 'string' } },
        denyMissing: { type: 'boolean' },
        patchPods: { type: 'boolean' },
      },
      required: [],
      additionalProperties: false,
    },
    defaults: { allowed: [], tierMap: {}, systemAllowed: ['daytwo-system'], denyMissing: false, patchPods: false },
  },
  *evaluate(subject, params, view) {
    const { workload } = subject;
    if (workload === undefined) return;
    yield* literalPriority(subject, workload);
    const name = classOf(workload);
    if (name === '') yield* missing(subject, workload, params, view);
    else if (systemClasses.has(name)) yield* systemClass(subject, workload, name, params);
    else yield* namedClass(subject, workload, name, params, view);
  },
  unknown({ workload, tier }, _params, view) {
    if (workload === undefined || view.knows(priorityClassKind) === 'all') return undefined;
    const name = classOf(workload);
    const seen = name === '' ? defaultPriorityClass(view) : findPriorityClass(name, view);
    return seen !== undefined || (name === '' && tier === 'sandbox') ? undefined : priorityClassKind;
  },
  /** A class that does not exist would keep every pod from being made: only one that is seen is set. */
  patch(subject, params, view) {
    const { workload, tier } = subject;
    const wanted = params.tierMap[tier];
    if (workload === undefined || wanted === undefined || view.get(priorityClassKind, undefined, wanted) === undefined)
      return [];
    if (classOf(workload) !== '' || defaultPriorityClass(view) !== undefined) return [];
    if (workload.template.pointer === '' && !params.patchPods) return [];
    return setClass(workload, wanted);
  },
});

function classOf({ template }: Workload): string {
  return text(template.spec['priorityClassName']) ?? '';
}

/**
 * On a Pod the Priority plugin has run already and written the numbers of no class; after a patch it runs again, and
 * refuses numbers that are not those of the new class. Source: plugin/pkg/admission/priority.
 */
function setClass({ template }: Workload, wanted: string): readonly Operation[] {
  const spec = pointerTo(template.pointer, 'spec');
  const outdated = ['priority', 'preemptionPolicy'].filter((field) => Object.hasOwn(template.spec, field));
  return [
    { op: 'add', path: pointerTo(spec, 'priorityClassName'), value: wanted },
    ...outdated.map((field): Operation => ({ op: 'remove', path: pointerTo(spec, field) })),
  ];
}

/** On a Pod that has come through the API server the number is the plugin's own. */
function* literalPriority(subject: CheckSubject, { template }: Workload): Iterable<Finding> {
  const { priority } = template.spec;
  if (priority === undefined || priority === null) return;
  if (template.pointer === '' && subject.source !== 'files') return;
  yield {
    identity: 'literal',
    path: pointerTo(template.pointer, 'spec', 'priority'),
    message: `priority: ${JSON.stringify(priority).slice(0, 24)} is written out, and its pods are refused unless it is the class's`,
    why: 'only the PriorityClass decides: another number ends in FailedCreate, at the latest when the class is changed',
    fix: 'Remove the field priority; priorityClassName brings it',
    atMost: 'Warn',
  };
}

function* missing(subject: CheckSubject, workload: Workload, params: Params, view: ClusterView): Iterable<Finding> {
  if (view.knows(priorityClassKind) !== 'all' || defaultPriorityClass(view) !== undefined) return;
  if (subject.tier === 'sandbox' && !params.denyMissing) return;
  yield {
    identity: 'missing',
    path: pathOf(workload),
    message: 'no priorityClassName, and no PriorityClass is the default: priority 0',
    fix: adviseClass(params.tierMap[subject.tier] ?? params.allowed[0] ?? ownPriorityClasses(view)[0]),
    atMost: ceilingOf(params),
  };
}

function adviseClass(known: string | undefined): string {
  if (known !== undefined)
    return `Set the class that fits it, such as ${known}, in the pod template:\npriorityClassName: ${known}`;
  return (
    'Set priorityClassName: business-critical in the pod template, once there is such a class:\n' +
    'apiVersion: scheduling.k8s.io/v1\nkind: PriorityClass\nmetadata: {name: business-critical}\nvalue: 100000'
  );
}

/** They outrank every application and are the last to be evicted; any namespace may name them unless a quota forbids it. */
function* systemClass(
  { namespace, inSystemNamespace }: CheckSubject,
  workload: Workload,
  name: string,
  { systemAllowed }: Params,
): Iterable<Finding> {
  if (inSystemNamespace) return;
  if (namespace !== undefined && systemAllowed.some((pattern) => fitsPattern(namespace, pattern))) return;
  yield {
    identity: `system/${name}`,
    path: pathOf(workload),
    message: `priorityClassName ${name} outside the system namespaces`,
    why: 'its pods may push out DNS, network and storage agents, and are spared when a node runs out of memory',
    fix: "Set a class of the applications' own, or ask whoever runs daytwo to add the namespace to systemAllowed in the ReadinessPolicy",
    severity: 'high',
  };
}

function* namedClass(
  subject: CheckSubject,
  workload: Workload,
  name: string,
  params: Params,
  view: ClusterView,
): Iterable<Finding> {
  if (params.allowed.length > 0 && !params.allowed.includes(name)) yield notAllowed(workload, name, params);
  const found = findPriorityClass(name, view);
  if (found === undefined) {
    if (view.knows(priorityClassKind) === 'all') yield notFound(workload, name, view);
    return;
  }
  const usual = defaultPriorityClass(view)?.value ?? 0;
  if (subject.tier === 'production' && found.value < usual)
    yield {
      ...lowPlace(workload),
      message: `${name} has the value ${found.value}, below the ${usual} of pods without a class`,
      why: 'after a failure, when room is short, everything without a class comes before this production workload',
      fix: 'Set a class that ranks above batch work and pods without a class',
    };
  else if (subject.tier === 'production' && found.preemptionPolicy === 'Never' && isServing(workload))
    yield {
      ...lowPlace(workload),
      message: `${name} never preempts (preemptionPolicy: Never), but the workload serves`,
      why: 'after a failure, when room is short, it waits for room instead of taking it from lesser pods',
      fix: 'Set a class without preemptionPolicy: Never',
    };
}

function notAllowed(workload: Workload, name: string, params: Params): Finding {
  return {
    identity: `not-allowed/${name}`,
    path: pathOf(workload),
    message: `priorityClassName ${name.slice(0, 63)} is not one of those allowed`,
    why: 'a class of the wrong rank preempts what matters more, or is preempted by what matters less',
    fix: `Set one of ${params.allowed.join(', ')}`,
    atMost: ceilingOf(params),
  };
}

function notFound(workload: Workload, name: string, view: ClusterView): Finding {
  const known = ownPriorityClasses(view).slice(0, 3);
  return {
    identity: `not-found/${name}`,
    path: pathOf(workload),
    message: `there is no PriorityClass ${name.slice(0, 63)}`,
    why: 'until there is one, the API server refuses every pod of it (FailedCreate)',
    fix: `Create the PriorityClass${known.length > 0 ? `, or set one that there is: ${known.join(', ')}` : ' first'}`,
    atMost: 'Warn',
    severity: 'high',
    pending: true,
  };
}

function lowPlace(workload: Workload): Pick<Finding, 'identity' | 'path' | 'atMost' | 'severity'> {
  return { identity: 'low', path: pathOf(workload), atMost: 'Audit', severity: 'low' };
}

/** A long-running workload that listens: one that only works through a queue may well wait. */
function isServing({ groupKind, template }: Workload): boolean {
  return (
    groupKind !== 'batch/Job' &&
    groupKind !== 'batch/CronJob' &&
    template.containers.some((one) => one.class === 'main' && list(at(one.container, 'ports')).length > 0)
  );
}

function pathOf({ template }: Workload): string {
  return pointerTo(template.pointer, 'spec', 'priorityClassName');
}

function ceilingOf({ denyMissing }: Params): ActionByTier {
  return denyMissing
    ? { production: 'Deny', standard: 'Warn', sandbox: 'Audit' }
    : { production: 'Warn', standard: 'Audit', sandbox: 'Audit' };
}
