import { list, own, text } from './fields.ts';
import { injectionsOf, injectPrefix } from './instrumentation.ts';
import { istioInject, linkerdInject } from './mesh.ts';
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
/** Those of them that count requests too, which profiles do not, and what Datadog's agent is told to scrape. */
const metricsKey =
  /^(admission\.datadoghq\.com\/|([\w-]+\.)*dynatrace\.com\/|ad\.datadoghq\.com\/.+\.check(s|_names)$)/;

/** What says through which proxy the pods speak, and whether Prometheus is asked to scrape them. */
const otherKeys = new Set([sidecarAnnotation, 'prometheus.io/scrape', istioInject, linkerdInject]);

/** Whether an annotation can show that requests are seen. */
export function isTelemetryKey(key: string): boolean {
  return otherKeys.has(key) || key.startsWith(injectPrefix) || agentKey.test(key) || metricsKey.test(key);
}

/** The variables of a container that show that it sends metrics of its requests; none where one of them says that it does not. */
export function metricsVariables(env: unknown): readonly unknown[] {
  return exportsMetrics(env) ? list(env).filter((variable) => isNamed(variable, metricsVariable)) : none;
}

const none: readonly never[] = Object.freeze([]);

function exportsMetrics(env: unknown): boolean {
  let shows = false;
  for (const variable of list(env)) {
    if (!isNamed(variable, metricsVariable)) continue;
    if (own(variable, 'name') === 'OTEL_METRICS_EXPORTER' && own(variable, 'value') === 'none') return false;
    shows = true;
  }
  return shows;
}

function isNamed(variable: unknown, wanted: RegExp): boolean {
  const name = own(variable, 'name');
  return typeof name === 'string' && wanted.test(name);
}

/** Whether anything shows that requests in these pods are seen: an injected SDK or collector, one of their own, or a vendor's agent. */
export function isInstrumented(template: PodTemplate, around?: KubernetesObject): boolean {
  if (isInjected(template, around) || hasKey(template, agentKey)) return true;
  return template.containers.some(({ container }) => list(container.env).some((one) => isNamed(one, sdkVariable)));
}

/** Whether anything shows that these pods send metrics of their requests by themselves. */
export function sendsMetrics(template: PodTemplate, around?: KubernetesObject): boolean {
  if (isInjected(template, around) || hasKey(template, metricsKey)) return true;
  return template.containers.some(({ container }) => exportsMetrics(container.env));
}

/** Whether the OpenTelemetry operator puts an SDK or a collector into the pods. */
export function isInjected({ annotations }: PodTemplate, around: KubernetesObject | undefined): boolean {
  const ofNamespace = around?.metadata.annotations;
  if (injectionsOf(annotations, ofNamespace).length > 0) return true;
  const sidecar = text(own(annotations, sidecarAnnotation)) ?? text(own(ofNamespace, sidecarAnnotation)) ?? 'false';
  return sidecar.toLowerCase() !== 'false';
}

function hasKey({ annotations, labels }: PodTemplate, wanted: RegExp): boolean {
  return hasOne(annotations, wanted) || hasOne(labels, wanted);
}

function hasOne(map: Readonly<Record<string, string>>, wanted: RegExp): boolean {
  for (const key in map) if (wanted.test(key) && map[key] !== 'false') return true;
  return false;
}
