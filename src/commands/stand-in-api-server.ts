import { randomUUID } from 'node:crypto';
import { at, list, own, text } from '../kubernetes/fields.ts';
import { applyPatch, type Operation } from '../kubernetes/json-patch.ts';
import type { ObjectIndex } from '../kubernetes/object-index.ts';
import { annotationOf, type GroupKind, groupKindOf, groupOf, type KubernetesObject } from '../kubernetes/object.ts';
import type { LoopbackWebhook } from './loopback-webhook.ts';

/** What became of one object that was applied. */
export interface Applied {
  readonly result: 'created' | 'configured' | 'unchanged' | 'denied';
  /** Before the patch. */
  readonly sent: KubernetesObject;
  /** As it is stored, unless denied. */
  readonly object: KubernetesObject;
  readonly warnings: readonly string[];
  /** Applied by /mutate, and the checks that asked for it. */
  readonly patch: readonly Operation[];
  readonly patchedBy: string;
  /** Which webhook denied, and its words. */
  readonly denial?: { readonly webhook: string; readonly reason: string; readonly message: string };
}

const lastAppliedAnnotation = 'kubectl.kubernetes.io/last-applied-configuration';

/**
 * Does to an object what an API server does on `kubectl apply`, as far as a webhook can see it: defaults, the mutating
 * webhook, its patch, the validating webhook, storage.
 */
export async function applyObject(
  manifest: KubernetesObject,
  namespace: string | undefined,
  webhook: LoopbackWebhook,
  stored: ObjectIndex,
): Promise<Applied> {
  const { name } = manifest.metadata;
  const before = name === undefined ? undefined : stored.get(groupKindOf(manifest), namespace, name);
  const sent = asSent(manifest, namespace, before);
  const nothing = { sent, object: sent, warnings: [], patch: [], patchedBy: '' };
  if (before && annotationOf(before, lastAppliedAnnotation) === annotationOf(sent, lastAppliedAnnotation)) {
    return { ...nothing, result: 'unchanged' };
  }

  const mutation = await webhook.post('/mutate', review(sent, namespace, before));
  if (at(mutation, 'allowed') !== true) return { ...nothing, ...denied('mutate.daytwo.dev', mutation) };
  const patch = readPatch(mutation);
  const object = applyPatch(sent, patch);
  const patchedBy = text(at(mutation, 'auditAnnotations', 'patched')) ?? '';

  const validation = await webhook.post('/validate', review(object, namespace, before));
  const warnings = [...warningsOf(mutation), ...warningsOf(validation)];
  const applied = { sent, object, warnings, patch, patchedBy };
  if (at(validation, 'allowed') !== true) return { ...applied, ...denied('validate.daytwo.dev', validation) };
  const named = withName(object);
  stored.put(named, namespace ?? '');
  return { ...applied, object: named, result: before === undefined ? 'created' : 'configured' };
}

/** As it reaches admission: with the annotation by which `kubectl apply` tells what its author wrote from defaults. */
function asSent(
  manifest: KubernetesObject,
  namespace: string | undefined,
  before: KubernetesObject | undefined,
): KubernetesObject {
  const { [lastAppliedAnnotation]: _former, ...annotations } = manifest.metadata.annotations ?? {};
  const inNamespace = namespace === undefined ? {} : { namespace };
  const written = { ...manifest, metadata: { ...manifest.metadata, annotations, ...inNamespace } };
  return {
    ...defaultsOf(groupKindOf(manifest)),
    ...written,
    metadata: {
      ...written.metadata,
      uid: before?.metadata.uid ?? randomUUID(),
      creationTimestamp: before?.metadata.creationTimestamp ?? new Date().toISOString(),
      annotations: { ...annotations, [lastAppliedAnnotation]: `${JSON.stringify(written)}\n` },
    },
  };
}

/** Only defaults that change a verdict; the rest is read as if it were there. Source: pkg/apis/storage/v1/defaults.go. */
function defaultsOf(kind: GroupKind): object {
  if (kind !== 'storage.k8s.io/StorageClass') return {};
  return { reclaimPolicy: 'Delete', volumeBindingMode: 'Immediate' };
}

function review(
  object: KubernetesObject,
  namespace: string | undefined,
  oldObject: KubernetesObject | undefined,
): object {
  const { apiVersion, kind, metadata } = object;
  const group = groupOf(apiVersion);
  const version = apiVersion.slice(apiVersion.indexOf('/') + 1);
  return {
    kind: 'AdmissionReview',
    apiVersion: 'admission.k8s.io/v1',
    request: {
      uid: randomUUID(),
      kind: { group, version, kind },
      requestKind: { group, version, kind },
      name: metadata.name ?? '',
      ...(namespace === undefined ? {} : { namespace }),
      operation: oldObject === undefined ? 'CREATE' : 'UPDATE',
      userInfo: { username: 'developer', groups: ['system:authenticated'] },
      object,
      oldObject: oldObject ?? null,
      dryRun: false,
    },
  };
}

function denied(webhook: string, response: unknown): Pick<Applied, 'result' | 'denial'> {
  const status = own(response, 'status');
  const reason = text(own(status, 'reason')) ?? 'Forbidden';
  return { result: 'denied', denial: { webhook, reason, message: text(own(status, 'message')) ?? '' } };
}

function readPatch(response: unknown): readonly Operation[] {
  const patch = text(own(response, 'patch'));
  return patch === undefined ? [] : (JSON.parse(Buffer.from(patch, 'base64').toString()) as Operation[]);
}

function warningsOf(response: unknown): readonly string[] {
  return list(own(response, 'warnings')).filter((warning) => typeof warning === 'string');
}

/** The API server makes up the end of a generated name only when it stores the object. */
function withName(object: KubernetesObject): KubernetesObject {
  const { name, generateName = '' } = object.metadata;
  if (name !== undefined) return object;
  return { ...object, metadata: { ...object.metadata, name: generateName + randomUUID().slice(0, 5) } };
}
