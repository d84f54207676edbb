import { at } from '../../kubernetes/fields.ts';
import type { GroupKind, KubernetesObject } from '../../kubernetes/object.ts';
import type { PodContainer } from '../../kubernetes/pod-template.ts';
import { type Workload, workloadKinds } from '../../kubernetes/workload.ts';
import { type CheckSubject, defineCheck, type Finding } from '../check.ts';
import { configMapUnits } from './credentials/config-map-units.ts';
import { describeHits, notScanned } from './credentials/finding.ts';
import { fixFor } from './credentials/fix.ts';
import { findCredentialMounts } from './credentials/host-paths.ts';
import { annotationUnits, mapUnit } from './credentials/map-units.ts';
import { scanUnit, startScan } from './credentials/scan.ts';
import { scanDefaults, type ScanParams, scanProperties } from './credentials/scan-params.ts';
import type { Unit } from './credentials/unit.ts';
import { containerUnits, workloadUnits } from './credentials/workload-units.ts';

export const staticCloudCredentials = defineCheck<ScanParams>({
  id: 'identity/static-cloud-credentials',
  title: 'No cloud keys in specs and ConfigMaps',
  why: 'whoever can read the object has the key, it outlives the pod, and it stops working for all at once when it is rotated',
  prevents: [
    'a leaked key that cannot be revoked for one workload',
    'ExpiredToken, InvalidClientTokenId, AADSTS7000215, AADSTS7000222 or invalid_grant in every pod at once after a rotation',
  ],
  remedy:
    'Give the workload an identity (EKS Pod Identity or IRSA, Workload Identity on AKS and GKE) and remove the key. Where no ' +
    'cloud identity reaches, take it from a Secret that an external store delivers and rotates. A value that is public on ' +
    'purpose is allowed by the fingerprint that the finding prints: allowHashes in the params of the rule.',
  severity: 'critical',
  kinds: [...workloadKinds, 'core/ConfigMap', 'core/PersistentVolume', 'storage.k8s.io/StorageClass'],
  subresources: ['ephemeralcontainers'],
  reads: {},
  params: {
    schema: { type: 'object', properties: scanProperties, required: [], additionalProperties: false },
    defaults: scanDefaults,
  },
  *evaluate(subject, params) {
    const units = unitsOf(subject);
    if (units.length > 0) yield* scanUnits(units, subject, params);
    const { workload, namespace, subresource } = subject;
    if (workload !== undefined && subresource === undefined) yield* findCredentialMounts(workload.template, namespace);
  },
});

function* scanUnits(units: readonly Unit[], { now }: CheckSubject, params: ScanParams): Iterable<Finding> {
  const scan = startScan(params, now);
  for (const unit of units) yield* describeHits(scanUnit(unit, scan), (hit) => ({ fix: fixFor(hit) }));
  for (const part of scan.unread) yield notScanned(part, params.maxBytes);
}

function unitsOf({ object, groupKind, workload, subresource }: CheckSubject): readonly Unit[] {
  if (subresource === 'ephemeralcontainers') {
    // All else in the Pod was judged before: it must not stand in the way of a debug session.
    return workload?.template.containers.filter(isEphemeral).flatMap(containerUnits) ?? [];
  }
  const annotations = { where: 'annotation', identity: 'annotation', pointer: '/metadata/annotations' };
  return [...annotationUnits(object.metadata.annotations, annotations), ...contentUnits(object, groupKind, workload)];
}

function isEphemeral(container: PodContainer): boolean {
  return container.class === 'ephemeral';
}

function contentUnits(object: KubernetesObject, groupKind: GroupKind, workload: Workload | undefined): Iterable<Unit> {
  if (workload !== undefined) return workloadUnits(workload.template);
  return groupKind === 'core/ConfigMap' ? configMapUnits(object) : settingUnits(object);
}

/** What a PersistentVolume or StorageClass hands to its driver in clear; references to Secrets are no match for any detector. */
function settingUnits(object: KubernetesObject): readonly Unit[] {
  return driverSettings.map(({ path, word }) =>
    mapUnit(at(object, ...path), { where: word, identity: path.at(-1) as string, pointer: `/${path.join('/')}` }),
  );
}

const driverSettings = [
  { path: ['parameters'], word: 'parameter' },
  { path: ['spec', 'csi', 'volumeAttributes'], word: 'volume attribute' },
  { path: ['spec', 'flexVolume', 'options'], word: 'volume option' },
] as const;
