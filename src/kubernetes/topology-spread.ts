import { fields, list, text } from './fields.ts';
import { pointerTo } from './json-pointer.ts';
import { type Match, matchesSelector } from './label-selector.ts';
import type { PodTemplate } from './pod-template.ts';

/** An entry of `topologySpreadConstraints`, with what API defaulting fills in. */
export interface SpreadConstraint {
  readonly pointer: string;
  readonly topologyKey: string;
  readonly maxSkew: number;
  /** 1 where it is left out: then a single domain is enough. */
  readonly minDomains: number;
  /** `DoNotSchedule`: a pod waits rather than to break it. `ScheduleAnyway` only ranks the nodes. */
  readonly isStrict: boolean;
  readonly labelSelector: unknown;
  readonly matchLabelKeys: readonly string[];
  /** Whether nodes with taints that the pod does not tolerate are left out of the count; they are not where this is absent. */
  readonly honorsTaints: boolean;
  /** Whether only nodes that the pod's own node affinity admits are counted, as is the default. */
  readonly honorsAffinity: boolean;
}

/** Source: core/v1 TopologySpreadConstraint. The API server holds keys and policies unique together. */
export function spreadConstraints({ spec, pointer }: PodTemplate): readonly SpreadConstraint[] {
  return list(spec['topologySpreadConstraints']).map((written, index) => {
    const one = fields(written);
    return {
      pointer: pointerTo(pointer, 'spec', 'topologySpreadConstraints', index),
      topologyKey: text(one['topologyKey']) ?? '',
      maxSkew: count(one['maxSkew']),
      minDomains: count(one['minDomains']),
      isStrict: one['whenUnsatisfiable'] !== 'ScheduleAnyway',
      labelSelector: one['labelSelector'],
      matchLabelKeys: list(one['matchLabelKeys']).map(String),
      honorsTaints: one['nodeTaintsPolicy'] === 'Honor',
      honorsAffinity: one['nodeAffinityPolicy'] !== 'Ignore',
    };
  });
}

/** Whether it counts the pods of its own template; `matchLabelKeys` takes their own values and changes nothing in that. */
export function countsItself({ labelSelector }: SpreadConstraint, { labels }: PodTemplate): Match {
  return matchesSelector(labelSelector, labels);
}

function count(value: unknown): number {
  return typeof value === 'number' && value > 0 ? value : 1;
}
