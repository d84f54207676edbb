import {
  backendConfigAnnotations,
  backendConfigFor,
  backendConfigKind,
  type BackendConfigNames,
  readBackendConfigNames,
} from '../../kubernetes/backend-config.ts';
import { providerOf } from '../../kubernetes/cloud-identity.ts';
import type { ClusterView } from '../../kubernetes/cluster-view.ts';
import { at } from '../../kubernetes/fields.ts';
import { type IngressBackend, ingressBackends } from '../../kubernetes/ingress-backends.ts';
import { pointerTo } from '../../kubernetes/json-pointer.ts';
import { enumerate } from '../../kubernetes/named-objects.ts';
import type { GroupKind, KubernetesObject } from '../../kubernetes/object.ts';
import { serviceKind } from '../../kubernetes/service.ts';
import type { ActionByTier } from '../action.ts';
import type { CheckSubject, Finding } from '../check.ts';
import { askToAllow } from '../ask-to-allow.ts';

/** In seconds. */
export interface TimeLimits {
  readonly min: number;
  readonly max: number;
}

interface Wanted {
  readonly requireExplicit: boolean;
  readonly limits: TimeLimits;
  readonly advice: ActionByTier;
}

/** Where requests go from an Ingress of GKE, and the settings that its Service asks for. */
interface Backend extends IngressBackend {
  /** Undefined for a Service that asks for none. */
  readonly config: KubernetesObject | undefined;
}

/** What is left to chance where GKE serves the Ingress: it reads timeouts from the BackendConfig that the Service names. */
export function* gkeTimeouts(
  subject: CheckSubject,
  { requireExplicit, limits, advice }: Wanted,
  view: ClusterView,
): Iterable<Finding> {
  const backends = backendsOf(subject, view);
  yield* judgeRanges(backends, limits, advice);
  if (!requireExplicit) return;
  const untimed = backends.filter(({ config }) => secondsOf(config) === undefined);
  if (untimed.length > 0) yield { ...describeUntimed(untimed), atMost: advice };
  const undrained = backends.filter(({ config }) => config !== undefined && typeof drainingOf(config) !== 'number');
  if (undrained.length > 0) yield describeUndrained(undrained);
}

/** Without what nobody can see: a Service or a BackendConfig that is not there has a finding of its own. */
function backendsOf({ object, namespace }: CheckSubject, view: ClusterView): readonly Backend[] {
  return ingressBackends(object).flatMap((backend): readonly Backend[] => {
    const service = view.get(serviceKind, namespace, backend.service);
    if (service === undefined) return [];
    const name = backendConfigFor(service, backend.port);
    if (name === undefined) return [{ ...backend, config: undefined }];
    const config = view.get(backendConfigKind, namespace, name);
    return config === undefined ? [] : [{ ...backend, config }];
  });
}

function* judgeRanges(backends: readonly Backend[], { min, max }: TimeLimits, advice: ActionByTier): Iterable<Finding> {
  const judged = new Set<KubernetesObject>();
  for (const { config, path } of backends) {
    const seconds = secondsOf(config);
    if (config === undefined || seconds === undefined || judged.has(config)) continue;
    judged.add(config);
    if (seconds >= min && seconds <= max) continue;
    const name = config.metadata.name ?? '';
    yield {
      identity: `range/${name}`,
      path: `${path}/name`,
      message: `timeoutSec ${seconds} of BackendConfig "${name}" is not between ${min} and ${max} seconds`,
      why:
        seconds < min
          ? 'healthy answers that take a moment are cut'
          : 'requests to a pod that hangs pile up for that long',
      fix: `Set timeoutSec in ${placeOf(config)} to what a person would wait:\nspec: {timeoutSec: 30}\nOr ${askToAllow('the host', 'longLivedHosts')}`,
      atMost: advice,
    };
  }
}

function secondsOf(config: KubernetesObject | undefined): number | undefined {
  const seconds = at(config, 'spec', 'timeoutSec');
  return typeof seconds === 'number' ? seconds : undefined;
}

function drainingOf(config: KubernetesObject): unknown {
  return at(config, 'spec', 'connectionDraining', 'drainingTimeoutSec');
}

function describeUntimed(backends: readonly Backend[]): Finding {
  return {
    ...sumUp('read-timeout', backends),
    message: `no timeoutSec is written for Service ${servicesOf(backends)}, and GKE cuts after 30s`,
    fix: fixFor(backends, 'timeoutSec', 'spec: {timeoutSec: 30, connectionDraining: {drainingTimeoutSec: 30}}'),
  };
}

function describeUndrained(backends: readonly Backend[]): Finding {
  return {
    ...sumUp('draining', backends),
    message: `no drainingTimeoutSec is written for Service ${servicesOf(backends)}, and GKE waits for no request`,
    why: 'answers under way are cut whenever a pod is replaced',
    fix: fixFor(backends, 'drainingTimeoutSec', 'spec: {connectionDraining: {drainingTimeoutSec: 30}}'),
    atMost: 'Audit',
    severity: 'low',
  };
}

/** Where there are BackendConfigs to write into, and where not. */
function fixFor(backends: readonly Backend[], field: string, yaml: string): string {
  const configs = new Set(backends.map(({ config }) => config));
  const [first] = configs;
  if (first !== undefined && configs.size === 1) return `Set ${field} in ${placeOf(first)}:\n${yaml}`;
  if (!configs.has(undefined)) return `Set ${field} in the BackendConfig of each Service:\n${yaml}`;
  const [annotation] = backendConfigAnnotations;
  return `Set ${field} in a BackendConfig, and name that in the Service:\n# BackendConfig\n${yaml}\n# Service\n${exampleOf(annotation)}`;
}

function placeOf({ metadata }: KubernetesObject): string {
  return `BackendConfig ${metadata.name} in namespace ${metadata.namespace ?? 'default'}`;
}

/** One finding for all Services, so that an Ingress with many of them is not buried. */
function sumUp(identity: string, backends: readonly Backend[]): Pick<Finding, 'identity' | 'covers' | 'path'> {
  const covers = backends.map(({ service }) => `${identity}/${service}`);
  return { identity, covers: [...new Set(covers)], path: `${backends[0]?.path ?? ''}/name` };
}

function servicesOf(backends: readonly Backend[]): string {
  return enumerate([...new Set(backends.map(({ service }) => service))]);
}

/** Of which kind too little is known to tell that the timeouts are written. */
export function unseenTimeouts({ object, namespace }: CheckSubject, view: ClusterView): GroupKind | undefined {
  for (const { service: name, port } of ingressBackends(object)) {
    const service = view.get(serviceKind, namespace, name);
    const config = service === undefined ? undefined : backendConfigFor(service, port);
    if (service === undefined && view.knows(serviceKind) !== 'all') return serviceKind;
    if (config !== undefined && isUnseen(config, namespace, view)) return backendConfigKind;
  }
  return undefined;
}

/** The Service names settings that are not there, so GKE leaves the load balancer of its Ingress as it was. */
export function* missingBackendConfigs({ object, namespace }: CheckSubject, view: ClusterView): Iterable<Finding> {
  const names = readBackendConfigNames(object);
  if (names === undefined || isElsewhere(view)) return;
  const path = pointerTo('/metadata/annotations', names.annotation);
  const all = allOf(names);
  if (all.size === 0) yield describeUnreadable(names.annotation, path);
  if (view.knows(backendConfigKind) !== 'all') return;
  for (const name of all) {
    if (view.get(backendConfigKind, namespace, name) !== undefined) continue;
    yield {
      identity: `backend-config/${name}`,
      path,
      message: `BackendConfig "${name}" does not exist in namespace "${namespace ?? ''}"`,
      why: notSynced,
      fix: `Create it, or name one that \`kubectl get backendconfig -n ${namespace ?? 'default'}\` shows:\n${exampleOf(names.annotation)}`,
      atMost: 'Warn',
      severity: 'high',
      pending: true,
    };
  }
}

export function unseenBackendConfig({ object, namespace }: CheckSubject, view: ClusterView): GroupKind | undefined {
  const names = readBackendConfigNames(object);
  if (names === undefined || isElsewhere(view)) return undefined;
  return [...allOf(names)].some((name) => isUnseen(name, namespace, view)) ? backendConfigKind : undefined;
}

const notSynced = 'until this is mended, GKE applies no change to any Ingress that leads to this Service';

function describeUnreadable(annotation: string, path: string): Finding {
  return {
    identity: 'backend-config',
    path,
    message: `${annotation} is not JSON with "default" or "ports"`,
    why: notSynced,
    fix: `Write it as JSON:\n${exampleOf(annotation)}`,
    atMost: 'Warn',
    severity: 'high',
  };
}

function exampleOf(annotation: string): string {
  return `metadata: {annotations: {${annotation}: '{"default": "<name>"}'}}`;
}

function allOf({ byPort, otherwise }: BackendConfigNames): ReadonlySet<string> {
  return new Set([...(otherwise === undefined ? [] : [otherwise]), ...byPort.values()]);
}

/** Charts that are made for any cloud carry the annotation everywhere, and only GKE reads it. Files seldom hold a Node. */
function isElsewhere(view: ClusterView): boolean {
  const [node] = view.list('core/Node');
  return node !== undefined && providerOf(view) !== 'gcp';
}

function isUnseen(name: string, namespace: string | undefined, view: ClusterView): boolean {
  return view.knows(backendConfigKind) !== 'all' && view.get(backendConfigKind, namespace, name) === undefined;
}
