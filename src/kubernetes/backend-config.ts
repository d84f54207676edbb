import { at, fields, text } from './fields.ts';
import { annotationOf, type GroupKind, type KubernetesObject } from './object.ts';
import { parseJson } from './parse-json.ts';
import { readService } from './service.ts';

export const backendConfigKind: GroupKind = 'cloud.google.com/BackendConfig';

/** Where a Service names its BackendConfigs; the first that is there counts. Source: ingress-gce pkg/annotations. */
export const backendConfigAnnotations = [
  'cloud.google.com/backend-config',
  'beta.cloud.google.com/backend-config',
] as const;

/** The settings of GKE's load balancers that a Service asks for. */
export interface BackendConfigNames {
  readonly annotation: string;
  /** By name or number of a port of the Service. */
  readonly byPort: ReadonlyMap<string, string>;
  /** For all other ports. */
  readonly otherwise: string | undefined;
}

/** Undefined where there is no such annotation; without any name where GKE cannot read it, and serves the Ingress no more. */
export function readBackendConfigNames(service: KubernetesObject): BackendConfigNames | undefined {
  const annotation = backendConfigAnnotations.find((key) => annotationOf(service, key) !== undefined);
  if (annotation === undefined) return undefined;
  const written = parseJson(annotationOf(service, annotation) ?? '');
  const ports = Object.entries(fields(at(written, 'ports')));
  const byPort = new Map(ports.filter((entry): entry is [string, string] => typeof entry[1] === 'string'));
  return { annotation, byPort, otherwise: text(at(written, 'default')) || undefined };
}

/** The name of the BackendConfig for a port of the Service; undefined where it asks for none. Source: ingress-gce BackendConfigName. */
export function backendConfigFor(service: KubernetesObject, port: string | number | undefined): string | undefined {
  const names = readBackendConfigNames(service);
  if (names === undefined) return undefined;
  const written = readService(service).ports.find((one) => one.name === port || one.port === port);
  const number = written?.port ?? port;
  const byNumber = typeof number === 'number' ? names.byPort.get(String(number)) : undefined;
  return names.byPort.get(written?.name ?? '') ?? byNumber ?? names.otherwise;
}
