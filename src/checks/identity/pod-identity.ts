import { hasIdentityOf, identityAnnotations, type IdentityCloud } from '../../kubernetes/cloud-identity.ts';
import { at, list, own, text } from '../../kubernetes/fields.ts';
import { pointerTo } from '../../kubernetes/json-pointer.ts';
import { annotationOf, type KubernetesObject, labelOf } from '../../kubernetes/object.ts';
import type { PodTemplate } from '../../kubernetes/pod-template.ts';
import type { Workload } from '../../kubernetes/workload.ts';
import type { CheckSubject, Finding } from '../check.ts';

/** On the pods, or AKS leaves them alone: its webhook selects by it. Source: azure-workload-identity. */
export const azureUse = 'azure.workload.identity/use';
const proxySidecar = 'azure.workload.identity/inject-proxy-sidecar';
const skipContainers = 'eks.amazonaws.com/skip-containers';
/** Those that people put on the workload; the ServiceAccount alone is read for them. */
const accountOnly: readonly IdentityCloud[] = ['aws', 'azure', 'gcp'];

/** What is wrong on the workload whatever its ServiceAccount says. */
export function* judgeTemplate({ object }: CheckSubject, { template }: Workload): Iterable<Finding> {
  yield* misplacedAnnotations(object, template);
  const skipped = text(own(template.annotations, skipContainers));
  if (skipped !== undefined) yield* unknownContainers(skipped, template);
  if (template.spec['hostNetwork'] === true && own(template.annotations, proxySidecar) === 'true')
    yield {
      identity: 'azure-proxy-on-host',
      path: annotationPath(template, proxySidecar),
      message: `${proxySidecar} on pods with hostNetwork`,
      why: 'the proxy needs a network of the pod to catch its requests in, and these pods have the one of their node',
      fix: 'Remove the annotation and let the SDK take the federated token, or remove hostNetwork',
      atMost: 'Warn',
    };
  if (hasBothOfAws(template))
    yield {
      identity: 'aws-twice',
      path: pointerTo(template.pointer, 'spec', 'containers'),
      message: 'both IRSA and EKS Pod Identity are given to its containers',
      why: 'the SDKs take the role of IRSA, so that the association changes nothing',
      fix: `Remove ${identityAnnotations.aws} from the ServiceAccount, or the association`,
      severity: 'info',
      atMost: 'Audit',
    };
}

/** What is wrong between the workload and the ServiceAccount that it names. */
export function* judgePair({ template }: Workload, account: KubernetesObject): Iterable<Finding> {
  if (lacksAzureLabel(template, account)) yield withoutLabel(template, account);
  else if (own(template.labels, azureUse) === 'true' && !hasIdentityOf(account, 'azure') && !mayNameClient(template))
    yield withoutClient(template, account);
  if (template.spec['hostNetwork'] === true && hasIdentityOf(account, 'gcp')) yield onHostNetwork(template);
}

/** Any value but "true" selects nothing; "false" is an author's decision. */
export function lacksAzureLabel(template: PodTemplate, account: KubernetesObject): boolean {
  const value = own(template.labels, azureUse);
  if (value === 'true' || value === 'false') return false;
  return hasIdentityOf(account, 'azure') || labelOf(account, azureUse) === 'true';
}

function withoutLabel(template: PodTemplate, { metadata }: KubernetesObject): Finding {
  const value = own(template.labels, azureUse);
  return {
    identity: 'azure-label',
    path: pointerTo(template.pointer, 'metadata', 'labels', azureUse),
    message:
      value === undefined
        ? `pods of ServiceAccount ${String(metadata.name).slice(0, 32)} lack the label ${azureUse}`
        : `label ${azureUse} is ${JSON.stringify(value).slice(0, 16)}, not "true"`,
    why: 'the webhook of AKS selects pods by this label, so that these get no federated token',
    fix: `Add the label to the pod template:\nmetadata: {labels: {${azureUse}: "true"}}`,
  };
}

function withoutClient(template: PodTemplate, { metadata }: KubernetesObject): Finding {
  return {
    identity: 'azure-client',
    path: pointerTo(template.pointer, 'metadata', 'labels', azureUse),
    message: `label ${azureUse}, but ServiceAccount ${String(metadata.name).slice(0, 32)} names no client id`,
    why: 'the pods get a token but no AZURE_CLIENT_ID to use it with, unless the code brings one',
    fix: `Annotate the ServiceAccount:\nmetadata: {annotations: {${identityAnnotations.azure}: "<client id>"}}`,
    severity: 'info',
    atMost: 'Audit',
  };
}

function mayNameClient({ containers }: PodTemplate): boolean {
  return containers.some(
    ({ container }) =>
      list(container.envFrom).length > 0 ||
      list(container.env).some((entry) => at(entry, 'name') === 'AZURE_CLIENT_ID'),
  );
}

function onHostNetwork({ pointer }: PodTemplate): Finding {
  return {
    identity: 'gcp-host-network',
    path: pointerTo(pointer, 'spec', 'hostNetwork'),
    message: `hostNetwork with a ServiceAccount that carries ${identityAnnotations.gcp}`,
    why: 'on the network of the node its metadata server answers, and the pods act as the node',
    fix: 'Remove hostNetwork from the pod template, or give these pods access in another way',
    atMost: 'Warn',
  };
}

function* misplacedAnnotations(object: KubernetesObject, template: PodTemplate): Iterable<Finding> {
  for (const cloud of accountOnly) {
    const key = identityAnnotations[cloud];
    const onTemplate = own(template.annotations, key) !== undefined;
    if (!onTemplate && annotationOf(object, key) === undefined) continue;
    yield {
      identity: `misplaced/${key}`,
      path: onTemplate ? annotationPath(template, key) : pointerTo('', 'metadata', 'annotations', key),
      message: `${key} stands on the ${onTemplate ? 'pods' : 'workload'}, not on the ServiceAccount`,
      why: 'only the ServiceAccount is read for it, so that the pods get no identity',
      fix: 'Move the annotation to the ServiceAccount that the pods use',
    };
  }
}

function* unknownContainers(skipped: string, template: PodTemplate): Iterable<Finding> {
  const names = new Set(template.containers.map(({ name }) => name));
  for (const name of skipped.split(',').map((each) => each.trim())) {
    if (name === '' || names.has(name)) continue;
    yield {
      identity: `skip-containers/${name}`,
      path: annotationPath(template, skipContainers),
      message: `${skipContainers} names ${JSON.stringify(name.slice(0, 32))}, and there is no such container`,
      why: 'the container that is meant gets the role after all',
      fix: `Set the names of containers of the pod: ${[...names].slice(0, 5).join(', ')}`,
      atMost: 'Warn',
    };
  }
}

function hasBothOfAws({ containers }: PodTemplate): boolean {
  return containers.some(({ container }) => {
    const env = list(container.env);
    return sets(env, 'AWS_WEB_IDENTITY_TOKEN_FILE') && sets(env, 'AWS_CONTAINER_CREDENTIALS_FULL_URI');
  });
}

function sets(env: readonly unknown[], variable: string): boolean {
  return env.some((entry) => own(entry, 'name') === variable);
}

function annotationPath({ pointer }: PodTemplate, key: string): string {
  return pointerTo(pointer, 'metadata', 'annotations', key);
}
