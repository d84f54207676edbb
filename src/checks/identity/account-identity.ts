import { identityAnnotations, identityClouds } from '../../kubernetes/cloud-identity.ts';
import { pointerTo } from '../../kubernetes/json-pointer.ts';
import { annotationOf, type KubernetesObject } from '../../kubernetes/object.ts';
import { quoted, shorten } from '../../kubernetes/shorten.ts';
import { defaultServiceAccount } from '../../kubernetes/service-account.ts';
import type { Finding } from '../check.ts';

export const tokenExpiration = 'eks.amazonaws.com/token-expiration';
/** Seconds that a token for STS may live. */
const shortest = 3600;
const longest = 86_400;

interface Form {
  readonly key: string;
  readonly pattern: RegExp;
  readonly noun: string;
  readonly why: string;
  readonly example: string;
}

/** Partitions and forms as the clouds have them; Google's also has developer and appspot accounts. */
const forms: readonly Form[] = [
  {
    key: identityAnnotations.aws,
    pattern: /^arn:(?:aws|aws-cn|aws-us-gov|aws-iso[a-z-]*|aws-eusc):iam::\d{12}:role\/[\w+=,.@/-]{1,512}$/,
    noun: 'the ARN of an IAM role',
    why: 'STS refuses it, and every call of the pods to AWS fails',
    example: 'arn:aws:iam::<12 digits>:role/<name>',
  },
  {
    key: identityAnnotations.azure,
    pattern: /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i,
    noun: 'a client id (UUID)',
    why: 'Entra ID knows no such application, and the pods get no token',
    example: '<client id of the managed identity, a UUID>',
  },
  {
    key: identityAnnotations.gcp,
    pattern: /^[a-z0-9-]+@[a-z0-9.:-]+\.gserviceaccount\.com$/,
    noun: 'the address of a Google service account',
    why: 'the metadata server can impersonate nobody of that name, and every call of the pods to Google Cloud fails',
    example: '<name>@<project>.iam.gserviceaccount.com',
  },
];

/** What is wrong with the cloud identity that a ServiceAccount names. */
export function* judgeAccount(account: KubernetesObject): Iterable<Finding> {
  if (!account.metadata.annotations) return;
  for (const form of forms) {
    const value = annotationOf(account, form.key);
    // Empty, as charts render it, is as good as none.
    if (value && !form.pattern.test(value)) yield malformed(form, value);
  }
  const seconds = annotationOf(account, tokenExpiration);
  if (seconds !== undefined) yield* judgeLifetime(seconds, '');
  if (account.metadata.name === defaultServiceAccount) yield* sharedByAll(account);
}

function malformed({ key, noun, why, example }: Form, value: string): Finding {
  return {
    identity: `malformed/${key}`,
    path: annotationPath(key),
    message: `${key} ${quoted(value, 33)} is not ${noun}`,
    why,
    fix: `Set the annotation to ${noun}${hintOn(value)}:\nmetadata: {annotations: {${key}: "${example}"}}`,
  };
}

/** The mistakes that are made most. */
function hintOn(value: string): string {
  if (/:instance-profile\//.test(value)) return ', not of an instance profile';
  if (/:user\//.test(value)) return ', not of a user';
  return /^["'\s]|["'\s]$/.test(value) ? ', without quotes or spaces in the value' : '';
}

/** @param pointer to what carries the annotation: the webhook of EKS reads it on the pods as well as on the account */
export function* judgeLifetime(seconds: string, pointer: string): Iterable<Finding> {
  if (isLifetime(seconds)) return;
  yield {
    identity: 'token-expiration',
    path: pointerTo(pointer, 'metadata', 'annotations', tokenExpiration),
    message: `${tokenExpiration} ${JSON.stringify(shorten(seconds, 17))} is not between ${shortest} and ${longest}`,
    why: 'a token of another lifetime is not asked for, or expires while SDKs still use it',
    fix: `Set seconds between ${shortest} and ${longest}, or remove the annotation:\nmetadata: {annotations: {${tokenExpiration}: "${longest}"}}`,
  };
}

function isLifetime(seconds: string): boolean {
  return /^\d+$/.test(seconds) && Number(seconds) >= shortest && Number(seconds) <= longest;
}

function* sharedByAll(account: KubernetesObject): Iterable<Finding> {
  for (const cloud of identityClouds) {
    const key = identityAnnotations[cloud];
    if (!annotationOf(account, key)) continue;
    yield {
      identity: `default-account/${cloud}`,
      path: annotationPath(key),
      message: `ServiceAccount default carries ${key}`,
      why: 'every pod of the namespace that names no account has this cloud identity',
      fix: 'Move the annotation to a ServiceAccount that only the workload in question names in serviceAccountName',
      atMost: 'Warn',
    };
  }
}

function annotationPath(key: string): string {
  return pointerTo('', 'metadata', 'annotations', key);
}
