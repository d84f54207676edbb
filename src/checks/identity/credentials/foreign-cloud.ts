import { at, text } from '../../../kubernetes/fields.ts';
import type { ClusterView } from '../../../kubernetes/cluster-view.ts';
import type { KubernetesObject } from '../../../kubernetes/object.ts';
import { type Cloud, detectorOf, type DetectorId } from './detectors.ts';

/**
 * Whether a static key is the documented way here: a tool that works on other clouds (backup, DNS, cluster creation), with a
 * key of a cloud that this cluster does not run on, so that no identity of its pods could replace it.
 */
export function isDocumentedWay(object: KubernetesObject, detector: DetectorId, view: ClusterView): boolean {
  const { cloud } = detectorOf(detector);
  if (!infrastructure.test(object.metadata.namespace ?? '')) return false;
  const home = cloudOf(view);
  return home !== undefined && home !== cloud;
}

/** The customary namespaces of Velero, cert-manager, ExternalDNS, Cluster API's providers and Crossplane. */
const infrastructure = /^(?:velero|cert-manager|external-dns|ca[a-z]{1,8}-system|crossplane-system|upbound-system)$/;

const cloudByProvider: ReadonlyMap<string, Cloud> = new Map([
  ['aws', 'aws'],
  ['azure', 'azure'],
  ['gce', 'gcp'],
  ['digitalocean', 'digitalocean'],
]);

/** By the prefix of a Node's `providerID` (`aws:///eu-west-1a/i-0abc`); undefined while no Node with one is known. */
function cloudOf(view: ClusterView): Cloud | undefined {
  for (const node of view.list('core/Node')) {
    const provider = text(at(node, 'spec', 'providerID'))?.split(':', 1)[0];
    if (provider !== undefined) return cloudByProvider.get(provider) ?? 'other';
  }
  return undefined;
}
