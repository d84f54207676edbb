import { at, list, own, text } from '../../../kubernetes/fields.ts';
import { pointerTo } from '../../../kubernetes/json-pointer.ts';
import type { PodTemplate } from '../../../kubernetes/pod-template.ts';
import type { Finding } from '../../check.ts';
import { warnAtMost } from './finding.ts';

/** Directories and files of a node that hold someone's credentials. */
const credentialPaths: readonly { readonly path: RegExp; readonly whose: string }[] = [
  { path: /^\/(?:root|home\/[^/]+)\/\.aws(?:\/|$)/, whose: "a person's AWS keys" },
  { path: /\/\.config\/gcloud(?:\/|$)/, whose: "a person's Google Cloud login" },
  { path: /\/\.azure(?:\/|$)/, whose: "a person's Azure login" },
  { path: /^\/etc\/kubernetes\/azure\.json$/, whose: "the node's Azure credentials" },
  { path: /^\/etc\/kubernetes\/[^/]+\.conf$/, whose: 'a kubeconfig of the node or of an administrator' },
  { path: /^\/var\/lib\/kubelet\/pki(?:\/|$)/, whose: "the kubelet's client certificate" },
];

/** Node agents of the platform may need them; a workload that mounts them acts as someone else. */
export function* findCredentialMounts(
  { spec, pointer }: PodTemplate,
  namespace: string | undefined,
): Generator<Finding> {
  if (namespace?.startsWith('kube-') === true) return;
  for (const [index, volume] of list(spec['volumes']).entries()) {
    const path = text(at(volume, 'hostPath', 'path'));
    if (path === undefined) continue;
    const found = credentialPaths.find((one) => one.path.test(path.replaceAll(/\/(?:\.?\/)+/g, '/')));
    if (found === undefined) continue;
    const name = text(own(volume, 'name')) ?? '';
    yield {
      identity: `volume/${name}/hostPath`,
      path: pointerTo(pointer, 'spec', 'volumes', index, 'hostPath', 'path'),
      message: `volume "${name}" mounts ${path} from the node: ${found.whose}`,
      why: 'every container of the pod can act as that identity, and no audit log will name the workload',
      fix: 'Remove the hostPath volume, and let the pod run as a ServiceAccount with an identity of its own:\n  serviceAccountName: <name>',
      atMost: warnAtMost,
      severity: 'high',
    };
  }
}
