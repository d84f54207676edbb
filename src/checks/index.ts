import type { Check } from './check.ts';
import { antiAffinityFeasible } from './compute/anti-affinity-feasible.ts';
import { autoscalerCollision } from './compute/autoscaler-collision.ts';
import { cpuLimitPolicy } from './compute/cpu-limit-policy.ts';
import { gracefulShutdown } from './compute/graceful-shutdown.ts';
import { hpaReplicasConflict } from './compute/hpa-replicas-conflict.ts';
import { hpaRequests } from './compute/hpa-requests.ts';
import { hpaValidity } from './compute/hpa-validity.ts';
import { imageReference } from './compute/image-reference.ts';
import { jobHygiene } from './compute/job-hygiene.ts';
import { memoryLimit } from './compute/memory-limit.ts';
import { namespaceGuardrails } from './compute/namespace-guardrails.ts';
import { nodePinning } from './compute/node-pinning.ts';
import { pdbBlocksEviction } from './compute/pdb-blocks-eviction.ts';
import { pdbOverlap } from './compute/pdb-overlap.ts';
import { pdbRequired } from './compute/pdb-required.ts';
import { pdbSelector } from './compute/pdb-selector.ts';
import { pdbUnhealthyPolicy } from './compute/pdb-unhealthy-policy.ts';
import { priorityClassObject } from './compute/priority-class-object.ts';
import { priorityClass } from './compute/priority-class.ts';
import { replicas } from './compute/replicas.ts';
import { resourceOvercommitRatio } from './compute/resource-overcommit-ratio.ts';
import { resourceRequests } from './compute/resource-requests.ts';
import { resourceSanity } from './compute/resource-sanity.ts';
import { rolloutStrategy } from './compute/rollout-strategy.ts';
import { tolerations } from './compute/tolerations.ts';
import { clusterAdminBinding } from './identity/cluster-admin-binding.ts';
import { defaultServiceAccount } from './identity/default-service-account.ts';
import { legacyServiceAccountToken } from './identity/legacy-service-account-token.ts';
import { serviceAccountExists } from './identity/service-account-exists.ts';
import { serviceAccountTokenAutomount } from './identity/service-account-token-automount.ts';
import { staticCloudCredentials } from './identity/static-cloud-credentials.ts';
import { staticCredentialReference } from './identity/static-credential-reference.ts';
import { staticCredentialsInSecret } from './identity/static-credentials-in-secret.ts';
import { staticImagePullSecret } from './identity/static-image-pull-secret.ts';
import { wildcardClusterRole } from './identity/wildcard-cluster-role.ts';
import { workloadIdentityConfig } from './identity/workload-identity-config.ts';
import { defaultDeny } from './network/default-deny.ts';
import { dnsEgress } from './network/dns-egress.ts';
import { externalTrafficPolicy } from './network/external-traffic-policy.ts';
import { ingressBackend } from './network/ingress-backend.ts';
import { ingressNginxRetired } from './network/ingress-nginx-retired.ts';
import { ingressTimeouts } from './network/ingress-timeouts.ts';
import { livenessReadinessIdentical } from './network/liveness-readiness-identical.ts';
import { mtuConsistency } from './network/mtu-consistency.ts';
import { networkpolicyEffective } from './network/networkpolicy-effective.ts';
import { probePort } from './network/probe-port.ts';
import { probeTuning } from './network/probe-tuning.ts';
import { readinessProbe } from './network/readiness-probe.ts';
import { serviceExposure } from './network/service-exposure.ts';
import { serviceSelector } from './network/service-selector.ts';
import { logContext } from './observability/log-context.ts';
import { metricsScrape } from './observability/metrics-scrape.ts';
import { otelInstrumentation } from './observability/otel-instrumentation.ts';
import { servicemonitorTarget } from './observability/servicemonitor-target.ts';
import { useStack } from './observability/use-stack.ts';
import { apiserviceAvailability } from './platform/apiservice-availability.ts';
import { deprecatedApi } from './platform/deprecated-api.ts';
import { nodeVersionSkew } from './platform/node-version-skew.ts';
import { nodeZoneLabels } from './platform/node-zone-labels.ts';
import { self } from './platform/self.ts';
import { stuckTerminating } from './platform/stuck-terminating.ts';
import { webhookSafety } from './platform/webhook-safety.ts';
import { backupCoverage } from './storage/backup-coverage.ts';
import { defaultStorageclass } from './storage/default-storageclass.ts';
import { ephemeralStorage } from './storage/ephemeral-storage.ts';
import { pvcRetention } from './storage/pvc-retention.ts';
import { pvcStorageclass } from './storage/pvc-storageclass.ts';
import { reclaimPolicy } from './storage/reclaim-policy.ts';
import { statefulController } from './storage/stateful-controller.ts';
import { topologySpreadValid } from './storage/topology-spread-valid.ts';
import { topologySpread } from './storage/topology-spread.ts';
import { volumeBindingMode } from './storage/volume-binding-mode.ts';
import { volumeClaimTemplates } from './storage/volume-claim-templates.ts';
import { volumeExpansion } from './storage/volume-expansion.ts';
import { volumeTopologyConflict } from './storage/volume-topology-conflict.ts';

/** Every check, in checklist order: the order of evaluation, of findings and of the documentation. */
export const checks: readonly Check[] = [
  staticCloudCredentials,
  staticCredentialsInSecret,
  staticCredentialReference,
  workloadIdentityConfig,
  defaultServiceAccount,
  serviceAccountTokenAutomount,
  staticImagePullSecret,
  clusterAdminBinding,
  wildcardClusterRole,
  legacyServiceAccountToken,
  serviceAccountExists,
  resourceRequests,
  memoryLimit,
  cpuLimitPolicy,
  resourceSanity,
  resourceOvercommitRatio,
  pdbRequired,
  pdbBlocksEviction,
  pdbOverlap,
  pdbSelector,
  pdbUnhealthyPolicy,
  replicas,
  priorityClass,
  priorityClassObject,
  rolloutStrategy,
  gracefulShutdown,
  antiAffinityFeasible,
  nodePinning,
  tolerations,
  hpaValidity,
  hpaRequests,
  hpaReplicasConflict,
  autoscalerCollision,
  jobHygiene,
  imageReference,
  namespaceGuardrails,
  readinessProbe,
  probeTuning,
  livenessReadinessIdentical,
  probePort,
  defaultDeny,
  dnsEgress,
  networkpolicyEffective,
  ingressTimeouts,
  ingressNginxRetired,
  ingressBackend,
  serviceSelector,
  serviceExposure,
  externalTrafficPolicy,
  mtuConsistency,
  volumeBindingMode,
  defaultStorageclass,
  volumeExpansion,
  reclaimPolicy,
  pvcStorageclass,
  statefulController,
  volumeClaimTemplates,
  topologySpread,
  topologySpreadValid,
  volumeTopologyConflict,
  pvcRetention,
  backupCoverage,
  ephemeralStorage,
  logContext,
  otelInstrumentation,
  metricsScrape,
  servicemonitorTarget,
  useStack,
  webhookSafety,
  self,
  apiserviceAvailability,
  nodeZoneLabels,
  nodeVersionSkew,
  deprecatedApi,
  stuckTerminating,
];
