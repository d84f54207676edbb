import { hasIdentityOf, identityAnnotations, type IdentityCloud } from '../../kubernetes/cloud-identity.ts';
import { at, list, own, text } from '../../kubernetes/fields.ts';
import { pointerTo } from '../../kubernetes/json-pointer.ts';
import { annotationOf, type KubernetesObject, labelOf } from '../../kubernetes/object.ts';
import type { PodTemplate } from '../../kubernetes/pod-template.ts';
import { shorten } from '../../kubernetes/shorten.ts';
import type { Workload } from '../../kubernetes/workload.ts';
import type { CheckSubject, Finding } from '../check.ts';
import { isPlatformContainer } from '../injected-containers.ts';
import { judgeLifetime, tokenExpiration } from './account-identity.ts';

/** On the pods, or AKS leaves them alone: its webhook selects by it. Source: azure-workload-identity. */
export const azureUse = 'azure.workload.identity/use';
const proxySidecar = 'azure.workload.identity/inject-proxy-sidecar';
const skipContainers = 'eks.amazonaws.com/skip-containers';
/** Those that people put on the workload; the ServiceAccount alone is read for them. */
const accountOnly: readonly IdentityCloud[] = ['aws', 'azure', 'gcp'];

/** What is wrong on the workload whatever its ServiceAccount says. */
export function* judgeTemplate({ template }: Workload): Iterable<Finding> {
  const skipped = text(own(template.annotations, skipContainers));
  if (skipped !== undefined) yield* unknownContainers(skipped, template);
  const seconds = text(own(template.annotations, tokenExpiration));
  if (seconds !== undefined) yield* judgeLifetime(seconds, template.pointer);
  if (template.spec['hostNetwork'] === true && own(template.annotations, proxySidecar) === 'true')
    yield {
      identity: 'azure-proxy-on-host',
      path: annotationPath(template, proxySidecar),
      message: `${proxySidecar} does not work with hostNetwork`,
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

/**
 * Annotations that are read on the ServiceAccount alone. Charts put common ones on everything, which does no harm where the
 * account has them too.
 * @param account undefined where it is not known
 */
export function* misplacedAnnotations(
  { object }: CheckSubject,
  { template }: Workload,
  account: KubernetesObject | undefined,
): Iterable<Finding> {
  for (const cloud of accountOnly) {
    const key = identityAnnotations[cloud];
    const onTemplate = Boolean(own(template.annotations, key));
    if (!(onTemplate || annotationOf(object, key)) || hasIdentityOf(account, cloud)) continue;
    yield {
      identity: `misplaced/${key}`,
      path: onTemplate ? annotationPath(template, key) : pointerTo('', 'metadata', 'annotations', key),
      message: `${key} stands on the ${onTemplate ? 'pods' : 'workload'}, not on the ServiceAccount`,
      fix: 'Move the annotation to the ServiceAccount that the pods use',
      ...(account === undefined
        ? {
            why: 'only the ServiceAccount is read for it: unless it has it too, the pods get no identity',
            atMost: 'Audit',
          }
        : { why: 'only the ServiceAccount is read for it, so that the pods get no identity' }),
    };
  }
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
        ? `pods of ServiceAccount ${shorten(String(metadata.name), 33)} lack the label ${azureUse}`
        : `label ${azureUse} is ${shorten(JSON.stringify(value), 16)}, not "true"`,
    why: 'the webhook of AKS selects pods by this label, so that these get no federated token',
    fix: `Add the label to the pod template:\nmetadata: {labels: {${azureUse}: "true"}}`,
  };
}

function withoutClient(template: PodTemplate, { metadata }: KubernetesObject): Finding {
  return {
    identity: 'azure-client',
    path: pointerTo(template.pointer, 'metadata', 'labels', azureUse),
    message: `label ${azureUse}, but ServiceAccount ${shorten(String(metadata.name), 33)} names no client id`,
    why: 'the pods get a token but no AZURE_CLIENT_ID to use it with, unless the code brings one',
    fix: `Annotate ServiceAccount ${metadata.name}:\nmetadata: {annotations: {${identityAnnotations.azure}: "<client id>"}}`,
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

function* unknownContainers(skipped: string, template: PodTemplate): Iterable<Finding> {
  const names = new Set(template.containers.map(({ name }) => name));
  for (const name of skipped.split(',').map((each) => each.trim())) {
    // What is injected into the pods need not be in the template.
    if (name === '' || names.has(name) || isPlatformContainer(name)) continue;
    yield {
      identity: `skip-containers/${name}`,
      path: annotationPath(template, skipContainers),
      message: `${skipContainers} names ${JSON.stringify(shorten(name, 33))}, and there is no such container`,
      why: 'the container that is meant gets the role after all',
      fix: 'Correct the name, or take it out of the annotation: a container that is named there gets no role',
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
