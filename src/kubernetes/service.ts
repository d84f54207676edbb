import type { ClusterView } from './cluster-view.ts';
import { at, type Fields, fields, list, text } from './fields.ts';
import { type Match, matchesLabels } from './label-selector.ts';
import type { GroupKind, KubernetesObject } from './object.ts';

export const serviceKind: GroupKind = 'core/Service';

/** A Service with what API defaulting fills in. */
export interface Service {
  readonly object: KubernetesObject;
  readonly name: string;
  /** `ClusterIP`, `NodePort`, `LoadBalancer` or `ExternalName`. */
  readonly type: string;
  /** Empty for one without a selector, whose endpoints someone else writes. */
  readonly selector: Fields;
  readonly ports: readonly ServicePort[];
  /** `clusterIP: None`: a name for the pods themselves, without an address of its own. */
  readonly isHeadless: boolean;
  /** Its endpoints hold pods that are not ready too. */
  readonly publishesNotReady: boolean;
}

export interface ServicePort {
  readonly name: string | undefined;
  readonly port: unknown;
  /** A number, or the name of a port of some container; `port` where it is left out. */
  readonly targetPort: unknown;
  readonly protocol: string;
  readonly appProtocol: string | undefined;
}

export function readService(object: KubernetesObject): Service {
  const spec = fields(object['spec']);
  const type = text(spec['type']) || 'ClusterIP';
  return {
    object,
    name: object.metadata.name ?? '',
    type,
    // The API server keeps the selector of an ExternalName, and nobody looks at it.
    selector: type === 'ExternalName' ? {} : fields(spec['selector']),
    ports: list(spec['ports']).map(readServicePort),
    isHeadless: type !== 'ExternalName' && spec['clusterIP'] === 'None',
    publishesNotReady: spec['publishNotReadyAddresses'] === true,
  };
}

/** The Services of a namespace that send traffic to pods with these labels, with how sure that is. */
export function* selectingServices(
  labels: Readonly<Record<string, string>>,
  namespace: string | undefined,
  view: ClusterView,
): Iterable<{ readonly service: Service; readonly match: Match }> {
  for (const object of view.list(serviceKind, namespace)) {
    const match = matchesLabels(at(object, 'spec', 'selector'), labels);
    if (match === 'no' || at(object, 'spec', 'type') === 'ExternalName') continue;
    yield { service: readService(object), match };
  }
}

function readServicePort(written: unknown): ServicePort {
  const { name, port, targetPort, protocol, appProtocol } = fields(written);
  return {
    name: text(name) || undefined,
    port,
    // 0 and "" are what a client of the API sends for one that is left out.
    targetPort: targetPort || port,
    protocol: text(protocol) || 'TCP',
    appProtocol: text(appProtocol),
  };
}
