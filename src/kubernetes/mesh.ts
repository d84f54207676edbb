import { own } from './fields.ts';
import { type KubernetesObject, labelOf } from './object.ts';
import type { PodTemplate } from './pod-template.ts';

type Around = KubernetesObject | undefined;

/** By which pods ask for the sidecar of a mesh, or keep it away. */
export const istioInject = 'sidecar.istio.io/inject';
export const linkerdInject = 'linkerd.io/inject';

const revision = 'istio.io/rev';
const mode = 'istio.io/dataplane-mode';
const waypoint = 'istio.io/use-waypoint';

/** Whether a proxy beside or below the pods carries their traffic. */
export function isInMesh(template: PodTemplate, around?: KubernetesObject): boolean {
  return hasSidecar(template, around) || isAmbient(template, around);
}

/**
 * Whether a proxy counts requests, errors and durations of the pods. What lies below the pods of an ambient mesh sees connections
 * alone: requests are seen by the waypoint that the pods, their Service or their Namespace name.
 */
export function isCountedByMesh(
  template: PodTemplate,
  around: Around,
  services: readonly { readonly object: KubernetesObject }[],
): boolean {
  if (hasSidecar(template, around)) return true;
  if (!isAmbient(template, around)) return false;
  const ofPods = own(template.labels, waypoint) ?? (around && labelOf(around, waypoint));
  return isNamed(ofPods) || services.some(({ object }) => isNamed(labelOf(object, waypoint)));
}

function isNamed(waypointName: unknown): boolean {
  return waypointName !== undefined && waypointName !== 'none';
}

function hasSidecar(template: PodTemplate, around: Around): boolean {
  if (template.containers.some(({ name }) => name === 'istio-proxy' || name === 'linkerd-proxy')) return true;
  // Nobody puts a proxy into the network of a node.
  if (template.spec['hostNetwork'] === true) return false;
  const linkerd = own(template.annotations, linkerdInject) ?? own(around?.metadata.annotations, linkerdInject);
  return linkerd === 'enabled' || linkerd === 'ingress' || isInjectedByIstio(template, around);
}

/**
 * An annotation can keep the sidecar away; to ask for it takes a label, of the Namespace or else of the pods. Source: webhooks
 * and injectRequired of istio/pkg/kube/inject.
 */
function isInjectedByIstio({ annotations, labels }: PodTemplate, around: Around): boolean {
  if ((own(labels, istioInject) ?? own(annotations, istioInject)) === 'false') return false;
  const ofNamespace = around && labelOf(around, 'istio-injection');
  if (ofNamespace !== undefined) return ofNamespace === 'enabled';
  if (around !== undefined && labelOf(around, revision) !== undefined) return true;
  return own(labels, istioInject) === 'true' || own(labels, revision) !== undefined;
}

function isAmbient({ labels }: PodTemplate, around: Around): boolean {
  return (own(labels, mode) ?? (around && labelOf(around, mode))) === 'ambient';
}
