import { at, type Fields, fields, list, text } from './fields.ts';
import { pointerTo } from './json-pointer.ts';
import { annotationOf, type GroupKind, type KubernetesObject } from './object.ts';
import type { PodTemplate } from './pod-template.ts';
import { rememberLast } from './remember-last.ts';

export const claimKind: GroupKind = 'core/PersistentVolumeClaim';

/** What a claim asks for, in an object of its own or in a template of one. */
export interface VolumeClaim {
  /** The class by name; empty for a volume that nobody shall make, undefined where the default class is meant. */
  readonly className: string | undefined;
  readonly accessModes: readonly string[];
  /** `Block` for a raw device; a file system otherwise. */
  readonly isBlock: boolean;
  /** The PersistentVolume that it is bound to, or wants; undefined for any. */
  readonly volumeName: string | undefined;
  readonly spec: Fields;
}

/** A volume of a pod template that names a claim, or brings a template of one. */
export interface ClaimVolume {
  /** The name of the volume. */
  readonly name: string;
  /** JSON Pointer to the volume. */
  readonly pointer: string;
  /** Undefined for a generic ephemeral volume, whose claim lives and dies with its pod. */
  readonly claimName: string | undefined;
  /** The `volumeClaimTemplate` of an ephemeral volume. */
  readonly template: Fields | undefined;
}

const formerClass = 'volume.beta.kubernetes.io/storage-class';

/** The annotation of the first years still comes before the field. Source: component-helpers GetPersistentVolumeClaimClass. */
export function readClaim(claim: object): VolumeClaim {
  const spec = fields(at(claim, 'spec'));
  return {
    className: text(at(claim, 'metadata', 'annotations', formerClass)) ?? text(spec['storageClassName']),
    accessModes: list(spec['accessModes']).map(String),
    isBlock: spec['volumeMode'] === 'Block',
    volumeName: text(spec['volumeName']) || undefined,
    spec,
  };
}

/** Whether it names its class in the annotation that came before the field. */
export function namesClassByAnnotation(claim: KubernetesObject): boolean {
  return annotationOf(claim, formerClass) !== undefined;
}

/** The volumes of a pod template that stand for claims. */
export const claimVolumes = rememberLast(({ spec, pointer }: PodTemplate): readonly ClaimVolume[] => {
  const found: ClaimVolume[] = [];
  for (const [index, written] of list(spec['volumes']).entries()) {
    const claimName = text(at(written, 'persistentVolumeClaim', 'claimName'));
    const template = at(written, 'ephemeral', 'volumeClaimTemplate');
    if (claimName === undefined && template === undefined) continue;
    found.push({
      name: text(at(written, 'name')) ?? '',
      pointer: pointerTo(pointer, 'spec', 'volumes', index),
      claimName,
      template: template === undefined ? undefined : fields(template),
    });
  }
  return found;
});

/** The `volumeClaimTemplates` of a StatefulSet. */
export function claimTemplates(statefulSet: KubernetesObject): readonly Fields[] {
  return list(at(statefulSet, 'spec', 'volumeClaimTemplates')).map(fields);
}

/** What a StatefulSet calls the claim of one of its pods: `data-postgres-0`. */
export function claimNameOf(template: ClaimTemplate, statefulSet: string, ordinal: number): string {
  return `${claimPrefix(template, statefulSet)}${ordinal}`;
}

/** What comes before the ordinal in the names of the claims of a template. */
export function claimPrefix(template: ClaimTemplate, statefulSet: string): string {
  return `${text(at(template.metadata, 'name')) ?? ''}-${statefulSet}-`;
}

interface ClaimTemplate {
  readonly metadata?: unknown;
}
