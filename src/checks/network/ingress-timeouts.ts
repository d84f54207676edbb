import { addEntries } from '../../kubernetes/add-entries.ts';
import { backendConfigKind } from '../../kubernetes/backend-config.ts';
import type { ClusterView } from '../../kubernetes/cluster-view.ts';
import { at } from '../../kubernetes/fields.ts';
import {
  type IngressController,
  ingressClassKind,
  ingressKind,
  resolveIngress,
} from '../../kubernetes/ingress-controller.ts';
import { type TimeoutKeys, timeoutKeys } from '../../kubernetes/ingress-timeout-keys.ts';
import { annotationOf, controllerOf, type GroupKind, type KubernetesObject } from '../../kubernetes/object.ts';
import { serviceKind } from '../../kubernetes/service.ts';
import { type CheckSubject, defineCheck, type Finding } from '../check.ts';
import { gkeTimeouts, missingBackendConfigs, unseenBackendConfig, unseenTimeouts } from './gke-timeouts.ts';
import { describeForeign, foreignKeys } from './foreign-timeouts.ts';
import { kongTimeouts } from './kong-timeouts.ts';
import { routeTimeouts } from './route-timeouts.ts';
import {
  advice,
  describeMissing,
  judgeValues,
  readLimits,
  readTimeout,
  type WantedTimeouts,
} from './written-timeouts.ts';

interface Params extends WantedTimeouts {
  /** Whether the controller's ConfigMap leaves the timeouts alone: nothing reads it, so somebody must say so before a patch. */
  controllerKeepsDefaults: boolean;
}

function emptyRange(min: number, max: number): string {
  return `no number is at least ${min} and at most ${max}; min must not be more than max`;
}

const routeKind: GroupKind = 'gateway.networking.k8s.io/HTTPRoute';
const annotations = '/metadata/annotations';

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
      yield* kongTimeouts(object);
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
