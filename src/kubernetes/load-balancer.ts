import { at, list } from './fields.ts';
import { isAnyAddress } from './network-policy.ts';
import { annotationOf, type KubernetesObject } from './object.ts';

/** Annotations that keep a cloud's load balancer inside its network, with the values that do so. */
const internal: readonly (readonly [string, RegExp])[] = [
  ['service.beta.kubernetes.io/aws-load-balancer-scheme', /^internal$/],
  ['service.beta.kubernetes.io/aws-load-balancer-internal', /^(true|0\.0\.0\.0\/0)$/],
  ['networking.gke.io/load-balancer-type', /^internal$/i],
  ['cloud.google.com/load-balancer-type', /^internal$/i],
  ['service.beta.kubernetes.io/azure-load-balancer-internal', /^true$/],
  ['service.beta.kubernetes.io/openstack-internal-load-balancer', /^true$/],
  ['service.beta.kubernetes.io/oci-load-balancer-internal', /^true$/],
  ['service.beta.kubernetes.io/alibaba-cloud-loadbalancer-address-type', /^intranet$/],
  ['service.kubernetes.io/ibm-load-balancer-cloud-provider-ip-type', /^private$/],
  ['service.kubernetes.io/qcloud-loadbalancer-internal-subnetid', /./],
  ['load-balancer.hetzner.cloud/disable-public-network', /^true$/],
];

/** Annotations that name who may come, where `spec.loadBalancerSourceRanges` is not used. */
const sources: readonly string[] = [
  'service.beta.kubernetes.io/load-balancer-source-ranges',
  'service.beta.kubernetes.io/aws-load-balancer-security-groups',
  'service.beta.kubernetes.io/azure-allowed-ip-ranges',
  'service.beta.kubernetes.io/azure-allowed-service-tags',
];

/** Whether the load balancer of a Service only has an address inside the network. */
export function isInternal(service: KubernetesObject): boolean {
  if (internal.some(([key, value]) => value.test(annotationOf(service, key) ?? ''))) return true;
  // Tailscale's has an address in its own network alone.
  if (at(service, 'spec', 'loadBalancerClass') === 'tailscale') return true;
  // The AWS Load Balancer Controller and EKS Auto Mode, unlike the cloud provider before them, make internal ones unless they are told otherwise.
  return (
    isAwsController(service) &&
    annotationOf(service, 'service.beta.kubernetes.io/aws-load-balancer-scheme') === undefined
  );
}

/** Whether someone said which addresses may come, and did not say all of them. */
export function isRestricted(service: KubernetesObject): boolean {
  const ranges = list(at(service, 'spec', 'loadBalancerSourceRanges'));
  if (ranges.length > 0) return !ranges.some(isAnyAddress);
  return sources.some((key) => {
    const value = annotationOf(service, key)?.trim();
    return value !== undefined && value !== '' && !value.split(',').some((one) => isAnyAddress(one.trim()));
  });
}

/** Whether the load balancer is known to send to pods and not to nodes, so that it needs no ports there. */
export function reachesPods(service: KubernetesObject): boolean {
  return (
    annotationOf(service, 'service.beta.kubernetes.io/aws-load-balancer-nlb-target-type') === 'ip' ||
    annotationOf(service, 'service.beta.kubernetes.io/aws-load-balancer-type') === 'nlb-ip'
  );
}

function isAwsController(service: KubernetesObject): boolean {
  const type = annotationOf(service, 'service.beta.kubernetes.io/aws-load-balancer-type');
  const named = at(service, 'spec', 'loadBalancerClass');
  return (
    named === 'service.k8s.aws/nlb' || named === 'eks.amazonaws.com/nlb' || type === 'external' || type === 'nlb-ip'
  );
}
