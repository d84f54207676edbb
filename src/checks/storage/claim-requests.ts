import { at, text } from '../../kubernetes/fields.ts';
import { pointerTo } from '../../kubernetes/json-pointer.ts';
import { claimKind, claimTemplates, claimVolumes, readClaim, type VolumeClaim } from '../../kubernetes/volume-claim.ts';
import type { CheckSubject } from '../check.ts';

/** A claim that an object makes, or will have made. */
export interface ClaimRequest {
  readonly claim: VolumeClaim;
  /** Names it within the object. */
  readonly identity: string;
  /** JSON Pointer to its spec. */
  readonly pointer: string;
  /** What a message calls it: `claim template "data"`. */
  readonly noun: string;
  readonly of: 'claim' | 'claim template' | 'ephemeral volume';
  /** The metadata of the claim, or of its template. */
  readonly metadata: unknown;
}

/** A claim itself, the claim templates of a StatefulSet and the ephemeral volumes of any workload. */
export function claimRequests({ object, groupKind, workload }: CheckSubject): readonly ClaimRequest[] {
  if (groupKind === claimKind)
    return [
      {
        claim: readClaim(object),
        identity: 'claim',
        pointer: '/spec',
        noun: 'the claim',
        of: 'claim',
        metadata: object.metadata,
      },
    ];
  if (workload === undefined) return [];
  const found: ClaimRequest[] = [];
  for (const { name, pointer, template } of claimVolumes(workload.template)) {
    if (template === undefined) continue;
    found.push({
      claim: readClaim(template),
      identity: `volume/${name}`,
      pointer: pointerTo(pointer, 'ephemeral', 'volumeClaimTemplate', 'spec'),
      noun: `ephemeral volume "${name}"`,
      of: 'ephemeral volume',
      metadata: template['metadata'],
    });
  }
  if (groupKind !== 'apps/StatefulSet') return found;
  for (const [index, template] of claimTemplates(object).entries()) {
    const name = text(at(template, 'metadata', 'name')) ?? '';
    found.push({
      claim: readClaim(template),
      identity: `template/${name}`,
      pointer: `/spec/volumeClaimTemplates/${index}/spec`,
      noun: `claim template "${name}"`,
      of: 'claim template',
      metadata: template['metadata'],
    });
  }
  return found;
}
