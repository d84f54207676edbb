import { type ClusterView, unseenKind } from '../../kubernetes/cluster-view.ts';
import { own } from '../../kubernetes/fields.ts';
import { injectionsOf, injectPrefix, type Injection } from '../../kubernetes/instrumentation.ts';
import { pointerTo, yamlBelow } from '../../kubernetes/json-pointer.ts';
import { annotationOf, type GroupKind, type KubernetesObject, labelOf } from '../../kubernetes/object.ts';
import { isInMesh } from '../../kubernetes/mesh.ts';
import { isInstrumented, sidecarAnnotation } from '../../kubernetes/telemetry.ts';
import { replicatedKinds, type Workload } from '../../kubernetes/workload.ts';
import { type CheckSubject, defineCheck, type Finding } from '../check.ts';
import { isPlatformContainer } from '../injected-containers.ts';

const instrumentationKind: GroupKind = 'opentelemetry.io/Instrumentation';
const domain = 'instrumentation.opentelemetry.io/';
const goTarget = `${domain}otel-go-auto-target-exe`;

export const otelInstrumentation = defineCheck<object>({
  id: 'observability/otel-instrumentation',
  title: 'Requests can be followed through the workload',
  why: 'when requests are slow nobody can say whether this workload or one behind it is the reason',
  prevents: [
    'a slow checkout whose cause is looked for in five services one after the other',
    'an annotation that everybody relies on, and that the operator has never seen',
  ],
  remedy:
    'Let the OpenTelemetry operator inject its SDK, by an annotation on the pod template or on the Namespace and an Instrumentation, or ' +
    'tell an SDK of the application where to send. This is plumbing alone: that spans and metrics arrive, only the backend can show.',
  severity: 'low',
  kinds: [...replicatedKinds, 'apps/DaemonSet', 'batch/CronJob'],
  // Each is needed by some findings only; `unknown` speaks up for the Namespace, which may ask for all pods in it.
  reads: { 'core/Namespace': 'none', [instrumentationKind]: 'none' },
  params: { schema: { type: 'object', properties: {}, required: [], additionalProperties: false }, defaults: {} },
  *evaluate(subject, _params, view) {
    const { workload, object } = subject;
    if (workload === undefined) return;
    const around = namespaceOf(subject, view);
    const ignored = ignoredAnnotations(object, workload);
    for (const key of ignored) yield describeIgnored(key, object, workload);
    for (const injection of injectionsOf(workload.template.annotations, around?.metadata.annotations))
      yield* judgeInjection(injection, subject, workload, view);
    if (ignored.length === 0 && isOpen(workload, around) && unseenKind(['core/Namespace'], view) === undefined)
      yield describeNothing(workload);
  },
  unknown(subject, _params, view) {
    const { workload } = subject;
    const isUnclear = workload !== undefined && isOpen(workload, namespaceOf(subject, view));
    return isUnclear ? unseenKind(['core/Namespace'], view) : undefined;
  },
});

function namespaceOf({ namespace }: CheckSubject, view: ClusterView): KubernetesObject | undefined {
  return namespace === undefined ? undefined : view.get('core/Namespace', undefined, namespace);
}

function isOpen({ template }: Workload, around: KubernetesObject | undefined): boolean {
  return !isInstrumented(template, around) && !isInMesh(template, around);
}

/** One that switches it off asks for nothing that could be missed. */
function ignoredAnnotations(object: KubernetesObject, { template }: Workload): readonly string[] {
  return Object.keys(object.metadata.annotations ?? {}).filter(
    (key) =>
      isForPods(key) &&
      own(template.annotations, key) === undefined &&
      annotationOf(object, key)?.toLowerCase() !== 'false',
  );
}

function isForPods(key: string): boolean {
  return key.startsWith(injectPrefix) || key === sidecarAnnotation;
}

function describeIgnored(key: string, object: KubernetesObject, { template }: Workload): Finding {
  return {
    identity: `ignored/${key}`,
    path: pointerTo('/metadata/annotations', key),
    message: `annotation ${key} on the ${object.kind} is ignored`,
    why: 'the operator sees pods alone, so nothing is injected, and nobody is told',
    fix: `Move it to the pod template:\n${yamlBelow(template.pointer, `metadata:\n  annotations:\n    ${key}: "${annotationOf(object, key)}"`)}`,
    atMost: 'Warn',
    severity: 'medium',
  };
}

function describeNothing({ template }: Workload): Finding {
  return {
    identity: 'telemetry',
    path: `${template.pointer}/metadata/annotations`,
    message: 'nothing shows that its requests are traced or measured',
    fix:
      'Let the OpenTelemetry operator inject the SDK of its language, for example:\n' +
      `annotations:\n  ${injectPrefix}java: "true"\n# or tell the SDK of the application where to send:\n# OTEL_EXPORTER_OTLP_ENDPOINT`,
    atMost: 'Audit',
  };
}

function* judgeInjection(
  injection: Injection,
  { namespace }: CheckSubject,
  workload: Workload,
  view: ClusterView,
): Iterable<Finding> {
  const { template } = workload;
  const { language } = injection;
  const path = pointerTo(template.pointer, 'metadata', 'annotations', injectPrefix + language);
  if (unseenKind([instrumentationKind], view) === undefined) yield* judgeReference(injection, path, namespace, view);
  if (language === 'go') yield* judgeGo(path, workload, namespace, view);
  // What a proxy or an agent serves is not the application's.
  const mains = template.containers.filter((one) => one.class === 'main' && !isPlatformContainer(one.name));
  const named =
    own(template.annotations, `${domain}container-names`) ??
    own(template.annotations, `${domain}${language}-container-names`);
  if (mains.length < 2 || named !== undefined || language === 'go') return;
  yield {
    identity: 'containers',
    path,
    message: `of its ${mains.length} containers only "${mains[0]?.name}" is instrumented`,
    why: 'the SDK goes into the first container unless others are named',
    fix: `Name the containers that serve requests:\nannotations:\n  ${domain}container-names: ${mains.map(({ name }) => name).join(',')}`,
    atMost: 'Audit',
    severity: 'info',
  };
}

/** `true` means the only Instrumentation of the pod's own namespace. Source: opentelemetry-operator getInstrumentationInstance. */
function* judgeReference(
  { language, value }: Injection,
  path: string,
  namespace: string | undefined,
  view: ClusterView,
): Iterable<Finding> {
  const place = { identity: `instrumentation/${language}`, path, atMost: 'Warn', severity: 'medium' } as const;
  const why = 'the operator then injects nothing, and the pods start without it';
  if (value.toLowerCase() === 'true') {
    const here = [...view.list(instrumentationKind, namespace)].map(({ metadata }) => metadata.name ?? '');
    if (here.length === 1) return;
    yield here.length === 0
      ? {
          ...place,
          message: `inject-${language} asks for the Instrumentation of namespace ${namespace}, which has none`,
          why,
          fix: 'Make an Instrumentation there, or name that of another namespace: <namespace>/<name>',
          pending: true,
        }
      : {
          ...place,
          message: `inject-${language}: "true" does not say which of ${here.length} Instrumentations it means`,
          why,
          fix: `Name one of them: ${here.toSorted().join(', ')}`,
        };
    return;
  }
  const slash = value.indexOf('/');
  const where = slash === -1 ? namespace : value.slice(0, slash);
  const name = value.slice(slash + 1);
  if (view.get(instrumentationKind, where, name) !== undefined) return;
  yield {
    ...place,
    message: `inject-${language} names Instrumentation ${where}/${name}, which does not exist`.slice(0, 120),
    why,
    fix: 'Correct the name, or make that Instrumentation',
    pending: true,
  };
}

/** The agent for Go runs beside the program, and looks into it from outside. */
function* judgeGo(
  path: string,
  { template }: Workload,
  namespace: string | undefined,
  view: ClusterView,
): Iterable<Finding> {
  const place = { path, atMost: 'Audit', severity: 'info' } as const;
  if (own(template.annotations, goTarget) === undefined) {
    yield {
      ...place,
      identity: 'go/target',
      message: 'inject-go does not say which program to look into',
      why: 'the agent for Go waits for a program that nobody has named, unless the Instrumentation names it',
      fix: `Name the path of the program in the container:\nannotations:\n  ${goTarget}: /app`,
    };
  }
  const around = namespace === undefined ? undefined : view.get('core/Namespace', undefined, namespace);
  const level = around && labelOf(around, 'pod-security.kubernetes.io/enforce');
  if (level !== 'baseline' && level !== 'restricted') return;
  yield {
    ...place,
    identity: 'go/privileged',
    message: `inject-go needs a privileged container, which namespace ${namespace} (${level}) refuses`,
    why: 'the Pod as it is injected is refused, and nothing starts',
    fix: 'Build the SDK into the program instead, or run it in a namespace that allows privileged containers',
  };
}
