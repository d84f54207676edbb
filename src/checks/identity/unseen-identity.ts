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
import { defaultServiceAccount, serviceAccountKind, serviceAccountOf } from '../../kubernetes/service-account.ts';
import { shorten } from '../../kubernetes/shorten.ts';
import { some } from '../../kubernetes/some.ts';
import type { Workload } from '../../kubernetes/workload.ts';
import type { CheckSubject, Finding } from '../check.ts';
import { identityWays } from './identity-ways.ts';
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
  const evidence = evidenceOf(cloud, subject, workload);
  if (evidence === undefined || (cloud === 'aws' && runsAutoMode(view))) return;
  const name = serviceAccountOf(workload.template);
  yield {
    identity: 'no-identity',
    path: pointerTo(workload.template.pointer, 'spec', 'serviceAccountName'),
    message: `it calls ${words[cloud]} (by ${evidence}), but ServiceAccount ${shorten(name, 33)} has no ${words[cloud]} identity`,
    why: 'it acts with a static key or as the node, with whatever the node may do',
    fix: fixFor(cloud, name, subject.namespace ?? 'default'),
    severity: 'low',
    atMost: 'Audit',
  };
}

/** Those that `isVisible` lets through. */
const words = { aws: 'AWS', azure: 'Azure' } as const;

/** The account called default is that of every pod which names none, so that it must not get an identity. */
function fixFor(cloud: keyof typeof words, account: string, namespace: string): string {
  const first =
    account === defaultServiceAccount
      ? `Set serviceAccountName to a ServiceAccount of its own in namespace ${namespace}, with`
      : `Annotate ServiceAccount ${account} in namespace ${namespace}`;
  return `${first}:\n${identityWays[cloud]}`;
}

/** GKE binds principals without a trace, and so does EKS Pod Identity once its agent is there. */
function isVisible(cloud: string, view: ClusterView): cloud is 'aws' | 'azure' {
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

/** What shows that it calls the cloud; undefined where nothing does. */
function evidenceOf(cloud: IdentityCloud, { object }: CheckSubject, { template }: Workload): string | undefined {
  const said =
    annotationOf(object, usesCloud) ?? labelOf(object, usesCloud) ?? text(own(template.annotations, usesCloud));
  if (said !== undefined) return said === cloud ? usesCloud : undefined;
  if (some(credentialReferences(template), (reference) => reference.cloud === cloud)) return 'the keys that it reads';
  return template.containers.some((one) => isControllerOf(cloud, one)) ? 'its image' : undefined;
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
      message: `ServiceAccount ${shorten(String(other.metadata.name), 33)} of the same app has a cloud identity that its pods do not use`,
      why: 'the pods act as their own account, to which the cloud grants nothing',
      fix: `Set serviceAccountName: ${other.metadata.name} where these pods are the ones that need it`,
      severity: 'info',
      atMost: 'Audit',
    };
    return;
  }
}
