import type { ServerVersion } from './cluster-view.ts';
import { at, type Fields, list, own, text } from './fields.ts';
import type { PodContainer } from './pod-template.ts';

/** What tells where a log line comes from, that the kubelet knows: the usual variable, the field and OpenTelemetry's name for it. */
interface Origin {
  readonly variable: string;
  readonly fieldPath: string;
  readonly attribute: string;
  readonly called: string;
}

const origins: readonly Origin[] = [
  { variable: 'POD_NAME', fieldPath: 'metadata.name', attribute: 'k8s.pod.name', called: 'pod name' },
  { variable: 'POD_NAMESPACE', fieldPath: 'metadata.namespace', attribute: 'k8s.namespace.name', called: 'namespace' },
  { variable: 'NODE_NAME', fieldPath: 'spec.nodeName', attribute: 'k8s.node.name', called: 'node' },
];

/** The API server copies the node's zone to the pod from 1.35; before, the variable would be empty. Source: KEP-4742. */
const zone: Origin = {
  variable: 'NODE_ZONE',
  fieldPath: "metadata.labels['topology.kubernetes.io/zone']",
  attribute: 'cloud.availability_zone',
  called: 'zone',
};

/** Which of its pod name, namespace and node the container is not told, in words. */
export function untoldOrigins(one: PodContainer): readonly string[] {
  return origins.filter((origin) => variableOf(origin, envOf(one)) === undefined).map(({ called }) => called);
}

/** The variables to put before the container's own, and `last` behind them, where references to all of them resolve. */
export interface LogContextEnv {
  readonly first: readonly Fields[];
  readonly last: readonly Fields[];
  /** The OTEL_RESOURCE_ATTRIBUTES that the container has, with what it lacks of these; undefined where it has none to extend. */
  readonly extended: Fields | undefined;
}

export function logContextEnv(one: PodContainer, version: ServerVersion | undefined): LogContextEnv {
  const env = envOf(one);
  const taken = new Set(env.map((variable) => text(own(variable, 'name'))));
  const first: Fields[] = [];
  const attributes: string[] = [];
  for (const origin of knowsZone(version) ? [...origins, zone] : origins) {
    let name = variableOf(origin, env);
    if (name === undefined) {
      // A name that the author uses for something else stays the author's.
      name = freeName(origin.variable, taken);
      first.push({ name, valueFrom: { fieldRef: { fieldPath: origin.fieldPath } } });
    }
    attributes.push(`${origin.attribute}=$(${name})`);
  }
  // What is there already may come from elsewhere, or be merged by an operator.
  const last = taken.has(attributesVariable) ? [] : [{ name: attributesVariable, value: attributes.join(',') }];
  return { first, last, extended: extend(attributes, env) };
}

const attributesVariable = 'OTEL_RESOURCE_ATTRIBUTES';

function extend(attributes: readonly string[], env: readonly unknown[]): Fields | undefined {
  const written = text(
    at(
      env.find((variable) => own(variable, 'name') === attributesVariable),
      'value',
    ),
  );
  if (written === undefined) return undefined;
  const theirs = written.split(',').filter((one) => one.trim() !== '');
  const keys = new Set(theirs.map((one) => one.split('=', 1)[0]?.trim()));
  const lacking = attributes.filter((one) => !keys.has(one.slice(0, one.indexOf('='))));
  return { name: attributesVariable, value: [...theirs, ...lacking].join(',') };
}

function freeName(name: string, taken: ReadonlySet<string | undefined>): string {
  return taken.has(name) ? freeName(`K8S_${name}`, taken) : name;
}

function envOf({ container }: PodContainer): readonly unknown[] {
  return list(container.env);
}

function variableOf({ fieldPath }: Origin, env: readonly unknown[]): string | undefined {
  const variable = env.find((one) => at(one, 'valueFrom', 'fieldRef', 'fieldPath') === fieldPath);
  return text(own(variable, 'name'));
}

function knowsZone(version: ServerVersion | undefined): boolean {
  return version !== undefined && (version.major > 1 || version.minor >= 35);
}
