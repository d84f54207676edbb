import type { Hit } from './detectors.ts';
import { entropy } from './entropy.ts';
import { canonicalName, nameBefore } from './names.ts';
import { isPlaceholder, isReference } from './placeholder.ts';
import type { View } from './views.ts';

/** One of these stands in every document that is found here. */
export const documentLiterals = ['PRIVATE KEY', 'authorized_user', 'client-key-data', 'users'];

/**
 * Credentials that are documents: private keys, Google's key and login files, kubeconfigs. They are read by their lines,
 * not parsed: the same document stands in JSON, in YAML, and as text within either.
 */
export function* findDocuments(view: View): Generator<Hit> {
  yield* findPrivateKeys(view);
  yield* findGoogleLogin(view);
  yield* findKubeconfig(view);
}

function* findPrivateKeys(view: View): Generator<Hit> {
  const { text } = view;
  const inGoogleFile = text.includes('client_email') && googleKeyType.test(text);
  for (const { 0: header, index } of text.matchAll(/-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----/g)) {
    const secret = keyAfter(text, index + header.length);
    if (secret === undefined) continue;
    const isGoogleKey = inGoogleFile && canonicalName(nameBefore(text, index)) === 'PRIVATEKEY';
    yield { detector: isGoogleKey ? 'gcp-sa-key' : 'pem-private-key', confidence: 'high', view, index, secret };
  }
}

/** `external_account`, which federates and holds no key, is of another type; so is `impersonated_service_account`. */
const googleKeyType = /\btype\\?["']?\s{0,8}[:=]\s{0,8}\\?["']?service_account\b/;
/** More than any key has. */
const longestKey = 8192;

/** The key's base64, whose lines may end in line breaks, in `\n` as text, or in an indentation; undefined for a stub. */
function keyAfter(text: string, start: number): string | undefined {
  const [body = ''] = text.slice(start, start + longestKey).split('-----', 1);
  const key = /[A-Za-z0-9+/]{64,}={0,2}/.exec(body.replaceAll(/\\{1,4}[nr]|[\s"']/g, ''))?.[0];
  return key !== undefined && entropy(key.slice(0, 256)) >= 4 ? key : undefined;
}

/** The file that `gcloud auth application-default login` writes. */
function* findGoogleLogin(view: View): Generator<Hit> {
  if (!/\btype\\?["']?\s{0,8}[:=]\s{0,8}\\?["']?authorized_user\b/.test(view.text)) return;
  for (const { 1: secret = '', index } of view.text.matchAll(refreshToken)) {
    if (!isPlaceholder(secret)) yield { detector: 'gcp-adc-user', confidence: 'high', view, index, secret };
  }
}

const refreshToken = /\brefresh_token\\?["']?\s{0,8}[:=]\s{0,8}\\?["']?([^\s"'\\,}]{20,512})/g;

/** A token or key in the `user` of a kubeconfig's user; `tokenFile`, `client-key` and `exec` only refer to one. */
function* findKubeconfig(view: View): Generator<Hit> {
  if (!/\busers\\?["']?\s{0,8}:/.test(view.text) || !/\b(?:clusters|current-context)\\?["']?\s{0,8}:/.test(view.text))
    return;
  let inUser = false;
  for (const { 1: secret, index } of view.text.matchAll(userOrSecret)) {
    if (secret === undefined) inUser = true;
    else if (inUser && isRandom(secret)) yield { detector: 'kubeconfig-cred', confidence: 'high', view, index, secret };
  }
}

/** A `user` with a map below it, or what may be a secret in one; the `user` of a context is a name. */
const userOrSecret =
  /(?<![\w-])(?:user\\?["']?[ \t]{0,8}:[ \t]{0,8}[{\r\n]|(?:client-key-data|token)\\?["']?\s{0,8}:\s{0,8}\\?["']?([\w+/=.-]{20,}))/g;

/** Words joined by hyphens have no digits, and tokens nearly always. */
function isRandom(secret: string): boolean {
  if (isPlaceholder(secret) || isReference(secret)) return false;
  return /\d/.test(secret) && entropy(secret.slice(0, 512)) >= leastTokenEntropy;
}

/** 32 hex digits are hardly ever below it. */
const leastTokenEntropy = 3;
