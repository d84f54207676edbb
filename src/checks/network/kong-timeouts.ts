import { fields } from '../../kubernetes/fields.ts';
import { pointerTo } from '../../kubernetes/json-pointer.ts';
import type { KubernetesObject } from '../../kubernetes/object.ts';
import { quoted } from '../../kubernetes/shorten.ts';
import type { Finding } from '../check.ts';

/** Kong reads its timeouts from the Service, in milliseconds. */
export function* kongTimeouts(service: KubernetesObject): Iterable<Finding> {
  for (const [key, value] of Object.entries(fields(service.metadata.annotations))) {
    if (!/^konghq\.com\/(connect|read|write)-timeout$/.test(key) || typeof value !== 'string') continue;
    const isNumber = /^\d+$/.test(value);
    if (isNumber && Number(value) >= 1000) continue;
    yield {
      identity: `kong/${key}`,
      path: pointerTo('/metadata/annotations', key),
      message: isNumber
        ? `${key} "${value}" is less than a second`
        : `${key} ${quoted(value, 30)} is no number of milliseconds`,
      why: isNumber ? 'Kong counts in milliseconds, and this looks like seconds' : 'Kong goes on with 60000',
      fix: `Write "60000" (milliseconds):\n${key}: "60000"`,
      ...(isNumber ? { atMost: 'Warn' } : { severity: 'high' }),
    };
  }
}
