import {
  federatedClouds,
  hasIdentityOf,
  identityClouds,
  type IdentityCloud,
  providerOf,
} from '../../kubernetes/cloud-identity.ts';
import type { ClusterView } from '../../kubernetes/cluster-view.ts';
import { list, own, text } from '../../kubernetes/fields.ts';
import { parseImageReference } from '../../kubernetes/image-reference.ts';
import { pointerTo } from '../../kubernetes/json-pointer.ts';
import { annotationOf, type KubernetesObject, labelOf } from '../../kubernetes/object.ts';
import type { PodContainer } from '../../kubernetes/pod-template.ts';
import { serviceAccountKind, serviceAccountOf } from '../../kubernetes/service-account.ts';
import { some } from '../../kubernetes/some.ts';
import type { Workload } from '../../kubernetes/workload.ts';
import type { CheckSubject, Finding } from '../check.ts';
import { credentialReferences } from './credential-references.ts';

const usesCloud = 'daytwo.dev/uses-cloud';

/** Controllers that call the API of the cloud they run on. */
const cloudImages =
  /(?:^|\/)(?:external-dns|cluster-autoscaler|karpenter|aws-load-balancer-controller|aws-(?:ebs|efs)-csi-driver|azure(?:disk|file)-csi|velero|external-secrets)(?:\/|$)/;

/** On record only: an association in the cloud's own API leaves no trace here. */
export function* unseenIdentity(
  subject: CheckSubject,
  workload: Workload,
  account: KubernetesObject | undefined,
  clouds: readonly string[],
  view: ClusterView,
): Iterable<Finding> {
  if (view.knows(serviceAccountKind) !== 'all' || identityClouds.some((cloud) => hasIdentityOf(account, cloud))) return;
  yield* accountBeside(subject, workload, view);
  const cloud = clouds.length > 0 ? clouds.find((one) => isVisible(one, view)) : providerOf(view);
  if (cloud === undefined || !isVisible(cloud, view) || federatedClouds(workload.template).has(cloud)) return;
  if (!needsCloud(cloud, subject, workload) || (cloud === 'aws' && runsAutoMode(view))) return;
  yield {
    identity: 'no-identity',
    path: pointerTo(workload.template.pointer, 'spec', 'serviceAccountName'),
    message: `it uses ${cloud}, and ServiceAccount ${serviceAccountOf(workload.template).slice(0, 32)} has no identity there`,
    why: 'it acts with a static key or as the node, with whatever the node may do',
    fix: 'Give its ServiceAccount a cloud identity of its own',
    severity: 'low',
    atMost: 'Audit',
  };
}

/** GKE binds principals without a trace, and so does EKS Pod Identity once its agent is there. */
function isVisible(cloud: string, view: ClusterView): cloud is IdentityCloud {
  if (cloud !== 'aws') return cloud === 'azure';
  return (
    view.knows('apps/DaemonSet') === 'all' &&
    view.get('apps/DaemonSet', 'kube-system', 'eks-pod-identity-agent') === undefined
  );
}

/** EKS Auto Mode has the agent of Pod Identity in its nodes, without a DaemonSet. Source: docs.aws.amazon.com/eks/latest/userguide/pod-id-agent-setup.html */
function runsAutoMode(view: ClusterView): boolean {
  return some(view.list('core/Node'), (node) => labelOf(node, 'eks.amazonaws.com/compute-type') === 'auto');
}

function needsCloud(cloud: IdentityCloud, { object }: CheckSubject, { template }: Workload): boolean {
  const said =
    annotationOf(object, usesCloud) ?? labelOf(object, usesCloud) ?? text(own(template.annotations, usesCloud));
  if (said !== undefined) return said === cloud;
  if (some(credentialReferences(template), (reference) => reference.cloud === cloud)) return true;
  return template.containers.some((one) => isControllerOf(cloud, one));
}

function isControllerOf(cloud: string, { container }: PodContainer): boolean {
  if (!cloudImages.test(parseImageReference(text(container.image) ?? '').repository)) return false;
  const provider = providerIn([...list(container.command), ...list(container.args)]);
  // Theirs are called aws-sd, azure-private-dns and the like, too.
  return provider === undefined || provider.startsWith(cloud);
}

/** What external-dns or cluster-autoscaler is told to speak to, which may be no cloud; undefined where it is not told. */
function providerIn(words: readonly unknown[]): string | undefined {
  const index = words.findIndex((word) => typeof word === 'string' && /^--(?:cloud-)?provider(?:=|$)/.test(word));
  return index === -1 ? undefined : (String(words[index]).split('=', 2)[1] ?? String(words[index + 1]));
}

/** An account of the same app has the identity, and the pods use another one. */
function* accountBeside(
  { object, namespace }: CheckSubject,
  { template }: Workload,
  view: ClusterView,
): Iterable<Finding> {
  const instance = 'app.kubernetes.io/instance';
  const app = labelOf(object, instance) ?? text(own(template.labels, instance));
  if (app === undefined) return;
  for (const other of view.list(serviceAccountKind, namespace)) {
    if (labelOf(other, instance) !== app || !identityClouds.some((cloud) => hasIdentityOf(other, cloud))) continue;
    yield {
      identity: 'other-account',
      path: pointerTo(template.pointer, 'spec', 'serviceAccountName'),
      message: `ServiceAccount ${String(other.metadata.name).slice(0, 32)} of the same app has a cloud identity that its pods do not use`,
      why: 'the pods act as their own account, to which the cloud grants nothing',
      fix: `Set serviceAccountName: ${other.metadata.name} where these pods are the ones that need it`,
      severity: 'info',
      atMost: 'Audit',
    };
    return;
  }
}
