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
  for (const { 0: match, 1: value = '', index } of text.matchAll(assignment)) {
    const name = text.slice(Math.max(0, index - 40), index + match.length - value.length);
    const key = /[\w.-]{0,40}endpoint[\w-]{0,20}/i.exec(name)?.[0] ?? '';
    if (storeEndpoint.test(canonicalName(key)) && isForeign(value)) return true;
  }
  return false;
}

const assignment = /endpoint[\w-]{0,20}["']?\s{0,8}[:=]\s{0,8}["']?([^\s"',;]{4,256})/gi;

function isForeign(endpoint: string): boolean {
  return (
    !/\.(?:amazonaws\.com(?:\.cn)?|api\.aws)(?::\d{1,5})?(?:\/|$)/i.test(endpoint) && /[.:]|^[\w-]+$/.test(endpoint)
  );
}
