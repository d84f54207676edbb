import { canonicalName } from './names.ts';
import type { Unit } from './unit.ts';

/**
 * Whether a unit names an object store outside AWS (MinIO, Ceph, Wasabi): the secret beside it is static, but no role could
 * replace it. Other endpoints (`OTEL_EXPORTER_OTLP_ENDPOINT`) say nothing about the store.
 */
export function namesForeignObjectStore(unit: Unit): boolean {
  return unit.some(
    ({ name, value, holds }) =>
      (storeEndpoint.test(canonicalName(name)) && isForeign(value)) || (holds === 'document' && mentionsForeign(value)),
  );
}

const storeEndpoint = /^ENDPOINT(?:URL)?$|(?:AWS|S3|MINIO|BUCKET|OBJECT|STORAGE).{0,40}ENDPOINT|ENDPOINT.{0,10}S3$/;

function mentionsForeign(text: string): boolean {
  for (const [, name = '', value = ''] of text.matchAll(
    /([\w.-]{0,60}endpoint[\w-]{0,20})["']?\s{0,8}[:=]\s{0,8}["']?([^\s"',;]{4,256})/gi,
  )) {
    if (storeEndpoint.test(canonicalName(name)) && isForeign(value)) return true;
  }
  return false;
}

function isForeign(endpoint: string): boolean {
  return (
    !/\.(?:amazonaws\.com(?:\.cn)?|api\.aws)(?::\d{1,5})?(?:\/|$)/i.test(endpoint) && /[.:]|^[\w-]+$/.test(endpoint)
  );
}
