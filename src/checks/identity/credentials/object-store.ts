import { canonicalName } from './names.ts';
import { isPlaceholder, isReference } from './placeholder.ts';
import type { Unit } from './unit.ts';

/**
 * Whether a unit names an object store outside AWS (MinIO, Ceph, Wasabi), by its endpoint or by an access key id that is none
 * of AWS's: the secret beside it is static, but no role could replace it. Other endpoints (`OTEL_EXPORTER_OTLP_ENDPOINT`) say
 * nothing about the store.
 */
export function namesForeignObjectStore(unit: Unit): boolean {
  return unit.some(({ name, value, encoded, holds }) => {
    const written = encoded === true ? Buffer.from(value, 'base64').toString() : value;
    const canonical = canonicalName(name);
    if (storeEndpoint.test(canonical) && isForeign(written)) return true;
    if (keyId.test(canonical) && isForeignId(written.trim())) return true;
    return holds !== 'value' && (mentionsForeign(written) || mentionsForeignId(written));
  });
}

const storeEndpoint = /^ENDPOINT(?:URL)?$|(?:AWS|S3|MINIO|BUCKET|OBJECT|STORAGE).{0,40}ENDPOINT|ENDPOINT.{0,10}S3$/;
const keyId = /(?<!SECRET)ACCESSKEY(?:ID)?$/;

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

function mentionsForeignId(text: string): boolean {
  for (const { 1: id = '' } of text.matchAll(idAssignment)) if (isForeignId(id)) return true;
  return false;
}

const idAssignment = /(?<!secret[_-]?)access[_-]?key(?:[_-]?id)?["']?\s{0,8}[:=]\s{0,8}["']?([^\s"',;]{3,256})/gi;

/** AWS's own have a form; what is as long as a secret may be one. */
function isForeignId(id: string): boolean {
  if (id.length < 3 || id.length >= 40 || /^A(?:KIA|BIA|CCA|SIA)/.test(id)) return false;
  return !isPlaceholder(id) && !isReference(id);
}
