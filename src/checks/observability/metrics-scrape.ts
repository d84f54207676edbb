import { type ClusterView, unseenKind } from '../../kubernetes/cluster-view.ts';
import { own, text } from '../../kubernetes/fields.ts';
import { pointerTo, yamlBelow } from '../../kubernetes/json-pointer.ts';
import { isCountedByMesh } from '../../kubernetes/mesh.ts';
import { monitorKinds, reaches, readMonitor } from '../../kubernetes/monitor.ts';
import { annotationOf, type GroupKind, type KubernetesObject } from '../../kubernetes/object.ts';
import { type PodTemplate, runsBeside } from '../../kubernetes/pod-template.ts';
import { selectingServices, type Service, serviceKind } from '../../kubernetes/service.ts';
import { sendsMetrics } from '../../kubernetes/telemetry.ts';
import { replicatedKinds, type Workload } from '../../kubernetes/workload.ts';
import { type CheckSubject, defineCheck, type Finding } from '../check.ts';

const scrape = 'prometheus.io/scrape';
const port = 'prometheus.io/port';
const needed: readonly GroupKind[] = ['core/Namespace', serviceKind, ...monitorKinds];

export const metricsScrape = defineCheck<object>({
  id: 'observability/metrics-scrape',
  title: 'Requests, errors and durations of a Service are counted',
  why: 'the first sign of an error is then a customer who calls',
  prevents: [
    'an incident that no dashboard shows, because the workload behind the Service was never scraped',
    'autoscaling and alerts by a metric that does not exist',
  ],
  remedy:
    'Let a ServiceMonitor or PodMonitor select the Service or its pods, annotate the pod template for the usual scrape configuration, or ' +
    'let a mesh or an exporter of the application send them. This is plumbing alone: whether the metrics that arrive tell requests, errors and durations, only they can show.',
  severity: 'low',
  kinds: [...replicatedKinds, 'apps/DaemonSet'],
  // Asked for what no annotation tells; `unknown` speaks up for it.
  reads: Object.fromEntries(needed.map((kind) => [kind, 'none'])),
  params: { schema: { type: 'object', properties: {}, required: [], additionalProperties: false }, defaults: {} },
  *evaluate(subject, _params, view) {
    const { workload, object } = subject;
    if (workload === undefined) return;
    const { template } = workload;
    const services = servicesOf(subject, workload, view);
    if (isIgnored(object, workload) && !services.some(isAnnotated)) {
      yield describeIgnored(object.kind, workload);
      return;
    }
    const written = text(own(template.annotations, port));
    if (own(template.annotations, scrape) === 'true' && written !== undefined && !isPort(written))
      yield describePort(workload, written);
    if (services.length === 0 || unseenKind(needed, view) !== undefined) return;
    if (!isCounted(services, subject, workload, view)) yield describeUncounted(workload, services);
  },
  unknown(subject, _params, view) {
    const { workload } = subject;
    const unseen = workload === undefined ? undefined : unseenKind(needed, view);
    if (workload === undefined || unseen === undefined) return undefined;
    const services = servicesOf(subject, workload, view);
    const isServed = services.length > 0 || view.knows(serviceKind) !== 'all';
    return isServed && !isCounted(services, subject, workload, view) ? unseen : undefined;
  },
});

function isIgnored(object: KubernetesObject, { template }: Workload): boolean {
  return annotationOf(object, scrape) === 'true' && own(template.annotations, scrape) === undefined;
}

function isAnnotated({ object }: Service): boolean {
  return annotationOf(object, scrape) === 'true';
}

function isPort(written: string): boolean {
  return /^\d{1,5}$/.test(written) && Number(written) >= 1 && Number(written) <= 65_535;
}

function servicesOf({ namespace }: CheckSubject, { template }: Workload, view: ClusterView): readonly Service[] {
  const found: Service[] = [];
  for (const { service, match } of selectingServices(template.labels, namespace, view))
    if (match === 'yes') found.push(service);
  return found;
}

/** What the objects themselves tell comes first: it needs no look at the monitors of the cluster. */
function isCounted(
  services: readonly Service[],
  { namespace }: CheckSubject,
  { template }: Workload,
  view: ClusterView,
): boolean {
  if (own(template.annotations, scrape) === 'true') return true;
  if (services.some((one) => isAnnotated(one) && badPortOf(one) === undefined)) return true;
  const around = namespace === undefined ? undefined : view.get('core/Namespace', undefined, namespace);
  return (
    isCountedByMesh(template, around, services) ||
    sendsMetrics(template, around) ||
    isMonitored(services, namespace, template.labels, view)
  );
}

function isMonitored(
  services: readonly Service[],
  namespace: string | undefined,
  labels: Workload['template']['labels'],
  view: ClusterView,
): boolean {
  for (const kind of monitorKinds) {
    for (const object of view.all(kind)) {
      const monitor = readMonitor(object);
      if (!reaches(monitor, namespace)) continue;
      if (monitor.targets === 'pods' ? monitor.selects(labels) !== 'no' : selectsOne(monitor, services)) return true;
    }
  }
  return false;
}

function selectsOne({ selects }: ReturnType<typeof readMonitor>, services: readonly Service[]): boolean {
  return services.some(({ object }) => selects(object.metadata.labels ?? {}) !== 'no');
}

/** The port that is asked for by the Service's annotation, where it is none. */
function badPortOf({ object }: Service): string | undefined {
  const written = annotationOf(object, port);
  return written === undefined || isPort(written) ? undefined : written;
}

function describeUncounted({ template }: Workload, services: readonly Service[]): Finding {
  const base = {
    identity: 'scrape',
    path: `${template.pointer}/metadata/annotations`,
    pending: true,
    atMost: 'Audit',
  } as const;
  const broken = services.find((one) => isAnnotated(one) && badPortOf(one) !== undefined);
  if (broken !== undefined) {
    return {
      ...base,
      message:
        `${port}: ${JSON.stringify(badPortOf(broken)?.slice(0, 32))} is not the number of a port (Service ${broken.name})`.slice(
          0,
          120,
        ),
      why: 'it is put behind the address of the pod as it is, and the scrape fails',
      fix: `Write the number into the annotation of the Service:\nannotations:\n  ${port}: "${portToScrape(template)}"`,
    };
  }
  const name = services[0]?.name ?? '';
  return {
    ...base,
    message: `Service ${name} sends it requests, but no metrics of it are scraped`,
    fix:
      `Add a ServiceMonitor for Service ${name}, or annotate the pod template:\n` +
      `metadata:\n  annotations:\n    ${scrape}: "true"\n    ${port}: "${portToScrape(template)}"`,
  };
}

/** One that a container declares, that of its metrics first. */
function portToScrape({ containers }: PodTemplate): number {
  const declared = containers.filter(runsBeside).flatMap(({ ports }) => ports.filter((one) => one.protocol === 'TCP'));
  const best = declared.find(({ name }) => /metric|prom/.test(name ?? '')) ?? declared[0];
  return best === undefined || Number.isNaN(best.number) ? 8080 : best.number;
}

function describeIgnored(kind: string, { template }: Workload): Finding {
  const annotations = `metadata:\n  annotations:\n    ${scrape}: "true"`;
  return {
    identity: 'ignored',
    path: pointerTo('/metadata/annotations', scrape),
    message: `annotation ${scrape} on the ${kind} is ignored`,
    why: 'the usual scrape configuration looks at the annotations of pods and Services',
    fix: `Move it to the pod template:\n${yamlBelow(template.pointer, annotations)}`,
    atMost: 'Warn',
    severity: 'medium',
  };
}

function describePort({ template }: Workload, written: string): Finding {
  return {
    identity: 'port',
    path: pointerTo(template.pointer, 'metadata', 'annotations', port),
    message: `${port}: ${JSON.stringify(written.slice(0, 32))} is not the number of a port`,
    why: 'it is put behind the address of the pod as it is, and the scrape fails',
    fix: `Write the number:\nannotations:\n  ${port}: "${portToScrape(template)}"`,
    atMost: 'Warn',
    severity: 'medium',
  };
}
