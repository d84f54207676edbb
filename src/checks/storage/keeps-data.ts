import { list } from '../../kubernetes/fields.ts';
import type { PodTemplate } from '../../kubernetes/pod-template.ts';
import { outlivesPod } from '../../kubernetes/pod-volume.ts';
import { claimVolumes } from '../../kubernetes/volume-claim.ts';

/** Whether its pods name a claim, which others of them name too. */
export function namesClaim(template: PodTemplate): boolean {
  return claimVolumes(template).some(({ claimName }) => claimName !== undefined);
}

/** Whether its pods have a volume that outlives them: a claim, a folder of the node, or a disk or share that is named in place. */
export function keepsData(template: PodTemplate): boolean {
  return namesClaim(template) || list(template.spec['volumes']).some(outlivesPod);
}
