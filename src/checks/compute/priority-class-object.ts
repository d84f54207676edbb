import { type ClusterView, unseenKind } from '../../kubernetes/cluster-view.ts';
import { at } from '../../kubernetes/fields.ts';
import type { GroupKind } from '../../kubernetes/object.ts';
import {
  findPriorityClass,
  type PriorityClass,
  priorityClassKind,
  readPriorityClass,
  systemClasses,
} from '../../kubernetes/priority-class.ts';
import { type CheckSubject, defineCheck, type Finding } from '../check.ts';

interface Params {
  /** Where what the cluster itself needs runs: no application may rank above its classes. */
  platformNamespaces: string[];
}

const platformKinds: readonly GroupKind[] = ['apps/Deployment', 'apps/StatefulSet', 'apps/DaemonSet'];

export const priorityClassObject = defineCheck<Params>({
  id: 'compute/priority-class-object',
  title: 'PriorityClasses leave the platform on top',
  why: 'a class changes the rank of pods that nobody is looking at, and shows it only when a node is full',
  prevents: [
    'Preempted by pod … on node … (a DNS, network or storage agent that made room for an application)',
    'pods that get the priority of another default than their author knew',
  ],
  remedy:
    'Keep one globalDefault at most, with the value 0 or close to it, and the values of applications below those of the ' +
    'classes that the platform uses.',
  severity: 'medium',
  kinds: [priorityClassKind],
  reads: { [priorityClassKind]: 'some', ...Object.fromEntries(platformKinds.map((kind) => [kind, 'none'])) },
  params: {
    schema: {
      type: 'object',
      properties: { platformNamespaces: { type: 'array', items: { type: 'string' } } },
      required: [],
      additionalProperties: false,
    },
    defaults: { platformNamespaces: ['kube-system', 'calico-system', 'cilium', 'istio-system', 'linkerd'] },
  },
  *evaluate(subject, { platformNamespaces }, view) {
    const given = readPriorityClass(subject.object);
    if (systemClasses.has(given.name)) return;
    if (given.globalDefault) yield* judgeDefault(subject, given, view);
    yield* judgeRank(given, platformClasses(platformNamespaces, view));
  },
  unknown({ object }, _params, view) {
    const { globalDefault } = readPriorityClass(object);
    if (globalDefault && view.knows(priorityClassKind) !== 'all') return priorityClassKind;
    return unseenKind(platformKinds, view);
  },
});

/** The API server refuses a second default, but two of its replicas may each accept one at the same moment. */
function* judgeDefault(subject: CheckSubject, given: PriorityClass, view: ClusterView): Iterable<Finding> {
  const other = [...view.list(priorityClassKind)]
    .map(readPriorityClass)
    .find(({ name, globalDefault }) => globalDefault && name !== given.name);
  if (other !== undefined) yield describeSecondDefault(given, other, subject);
  else if (given.value > 0 && isNew(subject) && view.knows(priorityClassKind) === 'all') yield describeLift(given);
}

function describeSecondDefault(given: PriorityClass, other: PriorityClass, { source }: CheckSubject): Finding {
  const winner = given.value < other.value ? given : other;
  return {
    identity: `default/${other.name}`,
    path: '/globalDefault',
    message: `PriorityClass ${other.name} is a global default too`,
    why: `of several defaults the API server takes the one with the lowest value, here ${winner.name} (${winner.value})`,
    fix: `Leave one default: remove globalDefault: true here or in PriorityClass ${other.name}`,
    // A default that is moved from one class to another is on both for a moment.
    conflict: true,
    ...(source === 'admission' && { atMost: 'Warn' }),
  };
}

function describeLift({ value }: PriorityClass): Finding {
  return {
    identity: 'lift',
    path: '/globalDefault',
    message: `becomes the default with the value ${value}: running pods keep priority 0`,
    why: 'a pod that runs already ranks below every new one until it is replaced, and may be preempted by it',
    fix: 'Set value: 0 for a default that changes nobody, or restart what shall not make room',
    atMost: 'Audit',
    severity: 'info',
  };
}

function isNew({ operation, source }: CheckSubject): boolean {
  return operation === 'CREATE' && source !== 'live';
}

function* judgeRank(given: PriorityClass, platform: readonly PriorityClass[]): Iterable<Finding> {
  const [highest] = platform.toSorted((a, b) => b.value - a.value);
  // What the platform uses itself is no application's class.
  if (highest === undefined || given.value < highest.value || platform.some(({ name }) => name === given.name)) return;
  yield {
    identity: 'rank',
    path: '/value',
    message: `value ${given.value} ranks it with ${highest.name} (${highest.value}), the platform's highest, or above`,
    why: 'its pods can preempt the agents of their own node',
    fix: `Set a value below ${highest.value}; value is immutable, so delete the class and create it again if it exists`,
    atMost: 'Warn',
  };
}

/** Those of the API server itself are above all that anyone can define. */
function platformClasses(namespaces: readonly string[], view: ClusterView): readonly PriorityClass[] {
  const names = new Set<unknown>();
  for (const namespace of namespaces) {
    for (const kind of platformKinds) {
      for (const object of view.list(kind, namespace))
        names.add(at(object, 'spec', 'template', 'spec', 'priorityClassName'));
    }
  }
  return [...names]
    .filter((name) => typeof name === 'string')
    .filter((name) => !systemClasses.has(name))
    .map((name) => findPriorityClass(name, view))
    .filter((one) => one !== undefined);
}
