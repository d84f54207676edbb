import { addEntries } from '../../kubernetes/add-entries.ts';
import { backendConfigKind } from '../../kubernetes/backend-config.ts';
import type { ClusterView } from '../../kubernetes/cluster-view.ts';
import { at, fields, list, text } from '../../kubernetes/fields.ts';
import { flowYaml } from '../../kubernetes/flow-yaml.ts';
import {
  type IngressController,
  ingressClassKind,
  ingressKind,
  resolveIngress,
} from '../../kubernetes/ingress-controller.ts';
import { type TimeoutKeys, timeoutKeys, type TimeoutRole } from '../../kubernetes/ingress-timeout-keys.ts';
import { pointerTo } from '../../kubernetes/json-pointer.ts';
import { annotationOf, controllerOf, type GroupKind, type KubernetesObject } from '../../kubernetes/object.ts';
import { serviceKind } from '../../kubernetes/service.ts';
import { quoted } from '../../kubernetes/shorten.ts';
import type { ActionByTier } from '../action.ts';
import { type CheckSubject, defineCheck, type Finding } from '../check.ts';
import { askToAllow } from '../ask-to-allow.ts';
import {
  gkeTimeouts,
  missingBackendConfigs,
  type TimeLimits,
  unseenBackendConfig,
  unseenTimeouts,
} from './gke-timeouts.ts';
import { routeTimeouts } from './route-timeouts.ts';

interface Params {
  /** Whether the read timeout must be written even where the controller's own is meant. */
  requireExplicit: boolean;
  /** Seconds within which a read timeout is sensible. */
  readTimeout: { min: number; max: number };
  /** Hosts of WebSockets, event streams and gRPC, which may wait for an hour. */
  longLivedHosts: string[];
  /** Whether the controller's ConfigMap leaves the timeouts alone: nothing reads it, so somebody must say so before a patch. */
  controllerKeepsDefaults: boolean;
}

function emptyRange(min: number, max: number): string {
  return `no number is at least ${min} and at most ${max}; min must not be more than max`;
}

const routeKind: GroupKind = 'gateway.networking.k8s.io/HTTPRoute';
const annotations = '/metadata/annotations';

/** What is not wrong but left to chance. */
const advice: ActionByTier = { production: 'Warn', standard: 'Audit', sandbox: 'Off' };

export const ingressTimeouts = defineCheck<Params>({
  id: 'network/ingress-timeouts',
  title: 'Timeouts at the edge are written, and mean what they say',
  why: 'whoever runs the controller decides when a slow answer is cut, and nobody who wrote the service knows',
  prevents: [
    '504 Gateway Time-out after exactly 60 seconds',
    'a timeout that was raised and still cuts at the old value',
  ],
  remedy:
    'Write the read timeout in the way of the controller that serves the route: seconds without a unit for ingress-nginx, with a unit ' +
    'for the NGINX of F5 and for HAProxy, in the BackendConfig of the Service for GKE. Long connections belong on a host of their own, ' +
    'named in the param longLivedHosts.',
  severity: 'medium',
  kinds: [ingressKind, routeKind, serviceKind],
  reads: { [ingressClassKind]: 'none', [serviceKind]: 'none', [backendConfigKind]: 'none', 'core/Node': 'none' },
  params: {
    schema: {
      type: 'object',
      properties: {
        requireExplicit: { type: 'boolean' },
        readTimeout: {
          type: 'object',
          properties: { min: { type: 'integer', minimum: 1 }, max: { type: 'integer', minimum: 1 } },
          required: ['min', 'max'],
          additionalProperties: false,
        },
        longLivedHosts: { type: 'array', items: { type: 'string' } },
        controllerKeepsDefaults: { type: 'boolean' },
      },
      required: [],
      additionalProperties: false,
    },
    defaults: {
      requireExplicit: true,
      readTimeout: { min: 5, max: 300 },
      longLivedHosts: [],
      controllerKeepsDefaults: false,
    },
    contradictions: ({ readTimeout: { min, max } }) =>
      min <= max ? [] : [{ pointer: '/readTimeout', message: emptyRange(min, max) }],
  },
  patchOperations: ['CREATE'],
  *evaluate(subject, params, view) {
    const { object, groupKind } = subject;
    if (groupKind === serviceKind) {
      yield* judgeKong(object);
      yield* missingBackendConfigs(subject, view);
    } else if (controllerOf(object) !== undefined) return;
    else if (groupKind === routeKind) yield* routeTimeouts(object, params.requireExplicit, advice);
    else yield* judgeIngress(subject, params, view);
  },
  /** Which annotations count is not known before it is known who reads them. */
  unknown(subject, _params, view) {
    if (subject.groupKind === serviceKind) return unseenBackendConfig(subject, view);
    if (subject.groupKind !== ingressKind) return undefined;
    const { controller } = resolveIngress(subject.object, view);
    if (controller === 'gce') return unseenTimeouts(subject, view);
    return controller === undefined && view.knows(ingressClassKind) !== 'all' ? ingressClassKind : undefined;
  },
  /** The controller's own values, written down: nothing changes but that they can be seen. */
  patch(subject, params, view) {
    const { object, groupKind } = subject;
    if (groupKind !== ingressKind || !params.requireExplicit || !params.controllerKeepsDefaults) return [];
    if (controllerOf(object) !== undefined) return [];
    const { controller } = resolveIngress(object, view);
    if (controller !== 'ingress-nginx' && controller !== 'nginx-inc') return [];
    return addEntries(object, annotations, defaultsToWrite(subject, timeoutKeys[controller]));
  },
});

function defaultsToWrite({ object }: CheckSubject, known: TimeoutKeys | undefined): Readonly<Record<string, string>> {
  const { keys = {}, defaults = {} } = known ?? {};
  if (keys.read === undefined || annotationOf(object, keys.read) !== undefined) return {};
  return Object.fromEntries(
    (['connect', 'read', 'send'] as const).flatMap((role) => {
      const [key, value] = [keys[role], defaults[role]];
      const isFree = key !== undefined && value !== undefined && annotationOf(object, key) === undefined;
      return isFree ? [[key, value]] : [];
    }),
  );
}

function* judgeIngress(subject: CheckSubject, params: Params, view: ClusterView): Iterable<Finding> {
  const ingress = subject.object;
  const { controller, ingressClass } = resolveIngress(ingress, view);
  if (controller === undefined || isPassedThrough(ingress, controller)) return;
  if (controller === 'gce') {
    const { requireExplicit } = params;
    yield* gkeTimeouts(subject, { requireExplicit, limits: readLimits(ingress, params), advice }, view);
    return;
  }
  const pair = eitherOf.get(controller);
  if (pair !== undefined) {
    // One of two, and the class is not at hand: the keys of either are judged by their own rules.
    const either = pair.map((one) => timeoutKeys[one]).filter((known) => known !== undefined);
    for (const known of either) yield* judgeValues(ingress, known, params);
    const [first] = either;
    if (first !== undefined && either.every((known) => readTimeout(ingress, known) === undefined))
      yield* describeMissing(ingress, first, params);
    return;
  }
  const known = timeoutKeys[controller];
  if (known === undefined) return;
  yield* judgeValues(ingress, known, params);
  const foreign = foreignKeys(ingress, controller);
  for (const [key, own] of foreign) yield describeForeign(key, own);
  if (readTimeout(ingress, known) !== undefined || foreign.length > 0) return;
  // One load balancer may serve many Ingresses, and take its attributes from any of them or from the class.
  const isElsewhere =
    controller === 'alb' &&
    (annotationOf(ingress, 'alb.ingress.kubernetes.io/group.name') !== undefined ||
      at(ingressClass, 'spec', 'parameters') !== undefined);
  if (!isElsewhere) yield* describeMissing(ingress, known, params);
}

/** Names of classes that two programs go by. */
const eitherOf: ReadonlyMap<IngressController, readonly IngressController[]> = new Map([
  ['nginx', ['ingress-nginx', 'nginx-inc']],
  ['haproxy', ['haproxytech', 'haproxy-ingress']],
]);

/** ingress-nginx hands the connection on as it is, still encrypted: there are no requests that it could time. */
function isPassedThrough(ingress: KubernetesObject, controller: IngressController): boolean {
  if (controller !== 'ingress-nginx' && controller !== 'nginx') return false;
  return annotationOf(ingress, 'nginx.ingress.kubernetes.io/ssl-passthrough') === 'true';
}

function readTimeout(ingress: KubernetesObject, known: TimeoutKeys): string | undefined {
  return valueOf(ingress, known.keys.read ?? '', known);
}

function valueOf(ingress: KubernetesObject, key: string, { attribute }: TimeoutKeys): string | undefined {
  const written = annotationOf(ingress, key);
  if (attribute === undefined || written === undefined) return written;
  const entry = written.split(',').find((one) => one.trim().startsWith(`${attribute}=`));
  return entry?.slice(entry.indexOf('=') + 1).trim();
}

/** In characters: more than any time has, and no text of a user is searched at length. */
const longestTime = 64;

function* judgeValues(ingress: KubernetesObject, known: TimeoutKeys, params: Params): Iterable<Finding> {
  for (const [role, key] of Object.entries(known.keys) as [TimeoutRole, string][]) {
    const value = valueOf(ingress, key, known);
    if (value === undefined) continue;
    if (value.length <= longestTime && known.valid.test(value))
      yield* judgeRange(ingress, { role, key, value, known }, params);
    else yield describeInvalid(ingress, { role, key, value, known });
  }
  const size = known.bodySize === undefined ? undefined : annotationOf(ingress, known.bodySize);
  if (known.bodySize !== undefined && size === '0') yield describeUnlimitedBody(known.bodySize);
}

interface Written {
  readonly role: TimeoutRole;
  readonly key: string;
  readonly value: string;
  readonly known: TimeoutKeys;
}

function* judgeRange(ingress: KubernetesObject, written: Written, params: Params): Iterable<Finding> {
  const { role, key, value, known } = written;
  const seconds = known.seconds(value) ?? Number.POSITIVE_INFINITY;
  const { min, max } = role === 'read' ? readLimits(ingress, params) : { min: 1, max: role === 'connect' ? 75 : 3600 };
  if (seconds >= min && seconds <= max) return;
  yield {
    identity: `range/${key}`,
    path: pointerTo(annotations, key),
    message: `${shortName(key, known)} "${value.slice(0, 20)}" is not between ${min} and ${max} seconds`,
    why:
      seconds < min
        ? 'healthy answers that take a moment are cut'
        : role === 'connect'
          ? 'no connection takes that long to come about, and the setting has no effect beyond this'
          : 'requests to a pod that hangs pile up for that long',
    fix: `Write a time that a person would wait:\n${flowYaml({ [key]: example(ingress, key, known, role) }).slice(1, -1)}${role === 'read' ? `\nOr ${askToAllow('the host', 'longLivedHosts')}` : ''}`,
    atMost: advice,
  };
}

function readLimits(ingress: KubernetesObject, { readTimeout, longLivedHosts }: Params): TimeLimits {
  const isLong = hostsOf(ingress).some((host) => longLivedHosts.includes(host));
  return isLong ? { min: readTimeout.min, max: 3600 } : readTimeout;
}

function hostsOf(ingress: KubernetesObject): readonly string[] {
  return list(at(ingress, 'spec', 'rules')).map((rule) => text(at(rule, 'host')) ?? '');
}

function describeInvalid(ingress: KubernetesObject, { key, value, known, role }: Written): Finding {
  return {
    identity: `invalid/${key}`,
    path: pointerTo(annotations, key),
    message: `${shortName(key, known)} ${quoted(value, 30)} is no time that this controller reads`,
    why: `it takes ${known.form}, ignores everything else and goes on with its default of ${known.defaults[role]}`,
    fix: `Write ${known.form}:\n${flowYaml({ [key]: example(ingress, key, known, role) }).slice(1, -1)}`,
    severity: 'high',
  };
}

function* describeMissing(
  ingress: KubernetesObject,
  known: TimeoutKeys,
  { requireExplicit }: Params,
): Iterable<Finding> {
  const key = known.keys.read;
  if (!requireExplicit || key === undefined) return;
  yield {
    identity: 'read-timeout',
    path: pointerTo(annotations, key),
    message: `no read timeout is written, and the controller cuts after ${inWords(known.defaults.read)}`,
    fix: `Write how long an answer may take:\nmetadata:\n  annotations: ${flowYaml({ [key]: example(ingress, key, known, 'read') })}`,
    atMost: advice,
  };
}

function inWords(time = ''): string {
  return time.endsWith('s') ? time : `${time}s`;
}

/** The annotation to paste. Where it holds a list, the other entries stay: without one the load balancer loses what it asked for. */
function example(ingress: KubernetesObject, key: string, known: TimeoutKeys, role: TimeoutRole): string {
  const value = known.defaults[role] ?? '60';
  const { attribute } = known;
  if (attribute === undefined) return value;
  const entries = (annotationOf(ingress, key) ?? '').split(',').map((one) => one.trim());
  const others = entries.filter((one) => one !== '' && !one.startsWith(`${attribute}=`));
  return [...others, `${attribute}=${value}`].join(',');
}

/** Timeouts in the words of the other NGINX, with the annotation that this one reads. */
function foreignKeys(ingress: KubernetesObject, controller: string): readonly (readonly [string, string])[] {
  if (controller !== 'ingress-nginx' && controller !== 'nginx-inc') return [];
  const own = timeoutKeys[controller]?.keys ?? {};
  const other = timeoutKeys[controller === 'nginx-inc' ? 'ingress-nginx' : 'nginx-inc']?.keys ?? {};
  return (['connect', 'read', 'send'] as const).flatMap((role) => {
    const [key, instead] = [other[role], own[role]];
    const isForeign = key !== undefined && instead !== undefined && annotationOf(ingress, key) !== undefined;
    // With its own word beside it the author serves both, one after the other.
    return isForeign && annotationOf(ingress, instead) === undefined ? [[key, instead] as const] : [];
  });
}

function describeForeign(key: string, own: string): Finding {
  return {
    identity: `foreign/${key}`,
    path: pointerTo(annotations, key),
    message: `${key} is for the other NGINX controller`,
    why: 'the one that serves this Ingress does not read it and cuts at its default',
    fix: `Write it as ${own}`,
    severity: 'high',
  };
}

function describeUnlimitedBody(key: string): Finding {
  return {
    identity: `body/${key}`,
    path: pointerTo(annotations, key),
    message: `${key.slice(key.indexOf('/') + 1)} "0" lets requests of any size in`,
    why: 'one upload can fill the disk of the controller that everybody shares',
    fix: `Name the largest upload:\n${key}: 8m`,
    atMost: advice,
  };
}

/** Kong reads its timeouts from the Service, in milliseconds. */
function* judgeKong(service: KubernetesObject): Iterable<Finding> {
  for (const [key, value] of Object.entries(fields(service.metadata.annotations))) {
    if (!/^konghq\.com\/(connect|read|write)-timeout$/.test(key) || typeof value !== 'string') continue;
    const isNumber = /^\d+$/.test(value);
    if (isNumber && Number(value) >= 1000) continue;
    yield {
      identity: `kong/${key}`,
      path: pointerTo(annotations, key),
      message: isNumber
        ? `${key} "${value}" is less than a second`
        : `${key} ${quoted(value, 30)} is no number of milliseconds`,
      why: isNumber ? 'Kong counts in milliseconds, and this looks like seconds' : 'Kong goes on with 60000',
      fix: `Write "60000" (milliseconds):\n${key}: "60000"`,
      ...(isNumber ? { atMost: 'Warn' } : { severity: 'high' }),
    };
  }
}

function shortName(key: string, { attribute }: TimeoutKeys): string {
  return attribute ?? key.slice(key.indexOf('/') + 1);
}
