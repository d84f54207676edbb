import type { ClusterView } from './cluster-view.ts';
import { at, text } from './fields.ts';
import { annotationOf, type GroupKind, type KubernetesObject } from './object.ts';

export const ingressKind: GroupKind = 'networking.k8s.io/Ingress';
export const ingressClassKind: GroupKind = 'networking.k8s.io/IngressClass';

/** How an Ingress named its class before there were IngressClasses. */
export const classAnnotation = 'kubernetes.io/ingress.class';

/** Programs that serve an Ingress, each with annotations of its own. `nginx` and `haproxy` are each one of two, and nobody can say which. */
export type IngressController =
  | 'ingress-nginx'
  | 'nginx-inc'
  | 'nginx'
  | 'alb'
  | 'agic'
  | 'haproxytech'
  | 'haproxy-ingress'
  | 'haproxy'
  | 'traefik'
  | 'contour'
  | 'kong'
  | 'gce';

export interface ResolvedIngress {
  /** The class that it asks for, by field, annotation or default; undefined where it asks for none and there is none. */
  readonly className: string | undefined;
  /** The class as an object, where the view has it. */
  readonly ingressClass: KubernetesObject | undefined;
  /** Undefined where nobody can say, or for a program that is not known here. */
  readonly controller: IngressController | undefined;
}

/** Who serves the Ingress: `spec.ingressClassName`, else the annotation from before it, else the class that is the default. */
export function resolveIngress(ingress: KubernetesObject, view: ClusterView): ResolvedIngress {
  const named = text(at(ingress, 'spec', 'ingressClassName')) || annotationOf(ingress, classAnnotation);
  const found = named === undefined ? defaultClass(view) : view.get(ingressClassKind, undefined, named);
  const className = named ?? found?.metadata.name;
  if (found !== undefined) return { className, ingressClass: found, controller: controllerOfClass(found) };
  // A class that no object describes: people call it after the program.
  const controller = className === undefined ? undefined : wellKnownClasses.get(className);
  return { className, ingressClass: undefined, controller };
}

export function controllerOfClass(ingressClass: KubernetesObject): IngressController | undefined {
  const controller = text(at(ingressClass, 'spec', 'controller')) ?? '';
  return controllers.find(
    ([prefix]) => controller.startsWith(prefix) && /^(\/|-|$)/.test(controller.slice(prefix.length)),
  )?.[1];
}

function defaultClass(view: ClusterView): KubernetesObject | undefined {
  for (const one of view.list(ingressClassKind)) {
    if (annotationOf(one, 'ingressclass.kubernetes.io/is-default-class') === 'true') return one;
  }
  return undefined;
}

/** By the beginning of `spec.controller`: some programs, and people who run several, append which of their instances is meant. */
const controllers: readonly (readonly [string, IngressController])[] = [
  ['k8s.io/ingress-nginx', 'ingress-nginx'],
  ['nginx.org/ingress-controller', 'nginx-inc'],
  ['ingress.k8s.aws/alb', 'alb'],
  ['azure/application-gateway', 'agic'],
  ['haproxy.org/ingress-controller', 'haproxytech'],
  ['haproxy-ingress.github.io/controller', 'haproxy-ingress'],
  ['traefik.io/ingress-controller', 'traefik'],
  ['projectcontour.io', 'contour'],
  ['ingress-controllers.konghq.com/kong', 'kong'],
  ['k8s.io/ingress-gce', 'gce'],
];

const wellKnownClasses: ReadonlyMap<string, IngressController> = new Map([
  ['nginx', 'nginx'],
  ['gce', 'gce'],
  ['gce-internal', 'gce'],
  ['alb', 'alb'],
  ['azure/application-gateway', 'agic'],
  ['azure-application-gateway', 'agic'],
  ['traefik', 'traefik'],
  ['haproxy', 'haproxy'],
  ['kong', 'kong'],
  ['contour', 'contour'],
]);
