import { providerOf } from '../../../kubernetes/cloud-identity.ts';
import type { ClusterView } from '../../../kubernetes/cluster-view.ts';
import { at } from '../../../kubernetes/fields.ts';
import { type KubernetesObject, labelOf } from '../../../kubernetes/object.ts';
import { type Cloud, detectorOf, type DetectorId } from './detectors.ts';

/**
 * Whether a static key is the documented way here: a tool that works on other clouds (backup, DNS, cluster creation), with a
 * key of a cloud that this cluster does not run on, so that no identity of its pods could replace it.
 */
export function isDocumentedWay(object: KubernetesObject, detector: DetectorId, view: ClusterView): boolean {
  const { cloud } = detectorOf(detector);
  if (!isForInfrastructure(object)) return false;
  const home = cloudOf(view);
  return home !== undefined && home !== cloud;
}

/** By what their documentation and charts write. So can anybody: it makes a finding less grave, and lets nothing through. */
function isForInfrastructure(object: KubernetesObject): boolean {
  const { name = '', namespace = '', labels } = object.metadata;
  if (namespaces.test(namespace) || solverSecrets.test(name)) return true;
  if (charts.test(labelOf(object, 'app.kubernetes.io/name') ?? '')) return true;
  // Velero's own installer takes any namespace.
  if (name === 'cloud-credentials') return ['data', 'stringData'].some((key) => at(object, key, 'cloud') !== undefined);
  return Object.keys(labels ?? {}).some((key) => clusterApi.test(key));
}

/** The customary namespaces of Velero, cert-manager, ExternalDNS, Cluster API's providers and Crossplane. */
const namespaces =
  /^(?:velero|openshift-adp|cert-manager|external-?dns|external-dns-operator|cap[a-z]{1,6}-system|crossplane-system|upbound-system)$/;

/** As the documentation of DNS01 solvers and of ExternalDNS calls them, which stand beside an Issuer in any namespace. */
const solverSecrets = /(?:^|-)(?:dns01|route53|clouddns|azuredns|external-dns)(?:-|$)/;

const charts = /^(?:velero|cert-manager|external-dns)$/;

/** What clusterctl writes on what it installs, and asks for on identities that move with their clusters. */
const clusterApi = /^(?:clusterctl\.)?cluster\.x-k8s\.io\//;

const known: ReadonlySet<string> = new Set<Cloud>(['aws', 'azure', 'gcp', 'digitalocean']);

/** Undefined while no Node is known. Nodes without a `providerID` are machines of one's own: no cloud started them. */
function cloudOf(view: ClusterView): Cloud | undefined {
  const provider = providerOf(view);
  const [node] = view.list('core/Node');
  if (provider === undefined) return node === undefined ? undefined : 'other';
  return known.has(provider) ? (provider as Cloud) : 'other';
}
