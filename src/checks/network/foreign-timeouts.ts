import { timeoutKeys } from '../../kubernetes/ingress-timeout-keys.ts';
import { pointerTo } from '../../kubernetes/json-pointer.ts';
import { annotationOf, type KubernetesObject } from '../../kubernetes/object.ts';
import type { Finding } from '../check.ts';

/** Timeouts in the words of the other NGINX, with the annotation that this one reads. */
export function foreignKeys(ingress: KubernetesObject, controller: string): readonly (readonly [string, string])[] {
  if (controller !== 'ingress-nginx' && controller !== 'nginx-inc') return [];
  const own = timeoutKeys[controller]?.keys ?? {};
  const other = timeoutKeys[controller === 'nginx-inc' ? 'ingress-nginx' : 'nginx-inc']?.keys ?? {};
  return (['connect', 'read', 'send'] as const).flatMap((role) => {
    const [key, instead] = [other[role], own[role]];
    const isForeign = key !== undefined && instead !== undefined && annotationOf(ingress, key) !== undefined;
    // With its own word beside it the author serves both, one after the other.
    return isForeign && annotationOf(ingress, instead) === undefined ? [[key, instead] as const] : [];
  });
}

export function describeForeign(key: string, own: string): Finding {
  return {
    identity: `foreign/${key}`,
    path: pointerTo('/metadata/annotations', key),
    message: `${key} is for the other NGINX controller`,
    why: 'the one that serves this Ingress does not read it and cuts at its default',
    fix: `Write it as ${own}`,
    severity: 'high',
  };
}
