import { providerOf } from '../../../kubernetes/cloud-identity.ts';
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

const known: ReadonlySet<string> = new Set<Cloud>(['aws', 'azure', 'gcp', 'digitalocean']);

/** Undefined while no Node tells. */
function cloudOf(view: ClusterView): Cloud | undefined {
  const provider = providerOf(view);
  if (provider === undefined) return undefined;
  return known.has(provider) ? (provider as Cloud) : 'other';
}
