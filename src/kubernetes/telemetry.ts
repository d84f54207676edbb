import { fields, list, own, text } from './fields.ts';
import { injectionsOf, injectPrefix } from './instrumentation.ts';
import type { KubernetesObject } from './object.ts';
import type { PodTemplate } from './pod-template.ts';

/** Asks the OpenTelemetry operator for a collector beside the containers. */
export const sidecarAnnotation = 'sidecar.opentelemetry.io/inject';

/** An SDK in the container that was told where to send, or under which name. */
const sdkVariable = /^OTEL_(SERVICE_NAME|EXPORTER_OTLP(_TRACES|_METRICS)?_ENDPOINT|METRICS_EXPORTER)$/;
/** Its name alone, or where its traces go, does not say that it measures anything. */
const metricsVariable = /^OTEL_(EXPORTER_OTLP(_METRICS)?_ENDPOINT|METRICS_EXPORTER)$/;

/** Agents of vendors, which see requests as an SDK does. */
const agentKey = /^(admission\.datadoghq\.com\/|([\w-]+\.)*dynatrace\.com\/|profiles\.grafana\.com\/|pyroscope\.io\/)/;

/** What says through which proxy the pods speak, and whether Prometheus is asked to scrape them. */
const otherKeys = new Set([sidecarAnnotation, 'prometheus.io/scrape', 'sidecar.istio.io/inject', 'linkerd.io/inject']);

/** Whether an annotation can show that requests are seen. */
export function isTelemetryKey(key: string): boolean {
  return otherKeys.has(key) || key.startsWith(injectPrefix) || agentKey.test(key);
}

/** Whether a variable of a container shows that it sends metrics of its requests. */
export function isMetricsVariable(variable: unknown): boolean {
  return isNamed(variable, metricsVariable);
}

function isNamed(variable: unknown, wanted: RegExp): boolean {
  const name = own(variable, 'name');
  return typeof name === 'string' && wanted.test(name);
}

/** Whether anything shows that requests in these pods are seen: an injected SDK or collector, one of their own, or a vendor's agent. */
export function isInstrumented(template: PodTemplate, around?: KubernetesObject): boolean {
  return isInjected(template, around) || setsVariable(template, sdkVariable);
}

/** Whether anything shows that these pods send metrics of their requests by themselves. */
export function sendsMetrics(template: PodTemplate, around?: KubernetesObject): boolean {
  return isInjected(template, around) || setsVariable(template, metricsVariable);
}

function isInjected({ annotations, labels }: PodTemplate, around: KubernetesObject | undefined): boolean {
  const ofNamespace = around?.metadata.annotations;
  if (injectionsOf(annotations, ofNamespace).length > 0) return true;
  const sidecar = text(own(annotations, sidecarAnnotation)) ?? text(own(ofNamespace, sidecarAnnotation)) ?? 'false';
  if (sidecar.toLowerCase() !== 'false') return true;
  return hasAgent(annotations) || hasAgent(labels);
}

function setsVariable({ containers }: PodTemplate, wanted: RegExp): boolean {
  return containers.some(({ container }) => list(container.env).some((variable) => isNamed(variable, wanted)));
}

/** Whether a proxy beside or below the pods counts requests, errors and durations. */
export function isInMesh({ annotations, labels, containers }: PodTemplate, around?: KubernetesObject): boolean {
  const written = own(annotations, 'sidecar.istio.io/inject') ?? own(labels, 'sidecar.istio.io/inject');
  const linkerd = own(annotations, 'linkerd.io/inject') ?? own(around?.metadata.annotations, 'linkerd.io/inject');
  if (linkerd === 'enabled' || linkerd === 'ingress') return true;
  if (containers.some(({ name }) => name === 'istio-proxy' || name === 'linkerd-proxy')) return true;
  if (written !== undefined) return written === 'true';
  const ofNamespace = fields(around?.metadata.labels);
  return (
    ofNamespace['istio-injection'] === 'enabled' ||
    text(own(ofNamespace, 'istio.io/rev')) !== undefined ||
    ofNamespace['istio.io/dataplane-mode'] === 'ambient'
  );
}

function hasAgent(map: Readonly<Record<string, unknown>> | null | undefined): boolean {
  for (const key in fields(map)) if (agentKey.test(key) && map?.[key] !== 'false') return true;
  return false;
}
