import type { Request } from '../engine/decision.ts';
import { type Fields, isFields, own } from '../kubernetes/fields.ts';
import { type GroupKind, groupKindOf, type KubernetesObject } from '../kubernetes/object.ts';
import { parseReview } from './parse-review.ts';

/** What an AdmissionReview asks. Source: admission/v1 AdmissionRequest. */
export interface AdmissionRequest extends Request {
  readonly uid: string;
  readonly groupKind: GroupKind;
  /** Empty on a CREATE with `generateName`. */
  readonly name: string;
}

/** The body is no AdmissionReview that can be answered; with a uid the answer is still a response, else an HTTP 400. */
export class InvalidReview extends Error {
  override readonly name = 'InvalidReview';
  readonly uid: string | undefined;

  constructor(message: string, uid?: string) {
    super(message);
    this.uid = uid;
  }
}

/**
 * Reads a review without converting anything: `uid: 5` is refused, not turned into `"5"`, because what is judged must be
 * what the API server stores.
 * @param now milliseconds since 1970
 * @throws {InvalidReview} naming the field
 */
export function decodeReview(body: Buffer, now: number): AdmissionRequest {
  const review = parse(body);
  const [apiVersion, kind] = [own(review, 'apiVersion'), own(review, 'kind')];
  if (kind !== 'AdmissionReview' || apiVersion !== 'admission.k8s.io/v1') {
    const found = `${quote(apiVersion)} ${quote(kind)}`;
    throw new InvalidReview(`expected apiVersion "admission.k8s.io/v1" and kind "AdmissionReview", not ${found}`);
  }
  const request = own(review, 'request');
  if (!isFields(request)) throw new InvalidReview('request: missing, or not an object');
  const uid = own(request, 'uid');
  if (typeof uid !== 'string' || uid === '') throw new InvalidReview('request.uid: must be a string that is not empty');
  return decodeRequest(request, uid, now);
}

function parse(body: Buffer): unknown {
  try {
    return parseReview(body);
  } catch {
    // V8 quotes the body in its message, and the body may hold a Secret.
    throw new InvalidReview('the body is not JSON');
  }
}

function quote(value: unknown): string {
  return typeof value === 'string'
    ? JSON.stringify(value.slice(0, 60))
    : value === undefined
      ? '(missing)'
      : typeof value;
}

function decodeRequest(request: Fields, uid: string, now: number): AdmissionRequest {
  const operation = own(request, 'operation');
  if (operation !== 'CREATE' && operation !== 'UPDATE' && operation !== 'DELETE') {
    throw new InvalidReview(`request.operation: must be CREATE, UPDATE or DELETE, not ${quote(operation)}`, uid);
  }
  const oldObject = operation === 'CREATE' ? undefined : decodeObject(request, 'oldObject', uid);
  // On DELETE the API server sends `object: null`: what is asked about is the object that goes.
  const object = operation === 'DELETE' && oldObject ? oldObject : decodeObject(request, 'object', uid);
  return {
    uid,
    operation,
    object,
    oldObject,
    groupKind: groupKindOf(object),
    name: optionalText(request, 'name', uid) ?? object.metadata.name ?? '',
    namespace: optionalText(request, 'namespace', uid),
    subresource: optionalText(request, 'subResource', uid),
    user: decodeUser(request, uid),
    dryRun: decodeDryRun(request, uid),
    source: 'admission',
    now,
  };
}

function decodeObject(request: Fields, field: 'object' | 'oldObject', uid: string): KubernetesObject {
  const object = own(request, field);
  if (!isFields(object)) throw new InvalidReview(`request.${field}: missing, or not an object`, uid);
  for (const key of ['apiVersion', 'kind']) {
    const value = own(object, key);
    if (typeof value !== 'string' || value === '')
      throw new InvalidReview(`request.${field}.${key}: must be a string`, uid);
  }
  const metadata = own(object, 'metadata');
  if (!isFields(metadata)) throw new InvalidReview(`request.${field}.metadata: missing, or not an object`, uid);
  for (const key of ['name', 'generateName', 'namespace']) {
    const value = own(metadata, key);
    if (value !== undefined && typeof value !== 'string') {
      throw new InvalidReview(`request.${field}.metadata.${key}: must be a string`, uid);
    }
  }
  return object as KubernetesObject;
}

/** Absent, null and empty are the same to the API server. */
function optionalText(request: Fields, field: 'name' | 'namespace' | 'subResource', uid: string): string | undefined {
  const value = own(request, field) ?? '';
  if (typeof value !== 'string') throw new InvalidReview(`request.${field}: must be a string`, uid);
  return value === '' ? undefined : value;
}

function decodeUser(request: Fields, uid: string): string | undefined {
  const username = own(own(request, 'userInfo'), 'username') ?? undefined;
  if (username !== undefined && typeof username !== 'string') {
    throw new InvalidReview('request.userInfo.username: must be a string', uid);
  }
  return username;
}

function decodeDryRun(request: Fields, uid: string): boolean {
  const dryRun = own(request, 'dryRun') ?? false;
  if (typeof dryRun !== 'boolean') throw new InvalidReview('request.dryRun: must be true or false', uid);
  return dryRun;
}
