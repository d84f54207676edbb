import { hasBase64Run } from './base64-runs.ts';
import type { DetectorId, Hit } from './detectors.ts';
import { entropy } from './entropy.ts';
import { canonicalName, nameBefore, namesAPlace } from './names.ts';
import { isPlaceholder } from './placeholder.ts';
import type { View } from './views.ts';

/** Keys of two halves: an id with a form of its own, and a secret that is any random text until it stands beside one. */
interface Scheme {
  readonly pair: DetectorId;
  /** For the id alone: the secret is elsewhere. */
  readonly idOnly: DetectorId;
  readonly prefixes: readonly string[];
  readonly id: RegExp;
  readonly secret: RegExp;
  readonly secretEntropy: number;
}

/** 40 of base64: git's hashes are as long, but their entropy stays below 4. */
const fortyCharacters = { secret: /(?<![A-Za-z0-9/+])[A-Za-z0-9/+]{40}(?![A-Za-z0-9/+=])/g, secretEntropy: 4.25 };

const aws: Scheme = {
  pair: 'aws-pair',
  idOnly: 'aws-id-only',
  prefixes: ['AKIA', 'ABIA', 'ACCA', 'ASIA'],
  id: /(?<![A-Z0-9])(?:AKIA|ABIA|ACCA|ASIA)[A-Z2-7]{16}(?![A-Z0-9])/g,
  ...fortyCharacters,
};

const schemes: readonly Scheme[] = [
  aws,
  {
    pair: 'gcp-hmac',
    idOnly: 'gcp-hmac',
    prefixes: ['GOOG'],
    id: /(?<![A-Z0-9])GOOG(?:1E[A-Z0-9]{55}|[A-Z0-9]{57}|[A-Z0-9]{20})(?![A-Z0-9])/g,
    ...fortyCharacters,
  },
  {
    pair: 'alibaba',
    idOnly: 'alibaba',
    prefixes: ['LTAI'],
    id: /(?<![A-Za-z0-9])LTAI[A-Za-z0-9]{12,20}(?![A-Za-z0-9])/g,
    secret: /(?<![A-Za-z0-9])[A-Za-z0-9]{30}(?![A-Za-z0-9])/g,
    secretEntropy: 3.75,
  },
  {
    pair: 'tencent',
    idOnly: 'tencent',
    prefixes: ['AKID'],
    id: /(?<![A-Za-z0-9])AKID[A-Za-z0-9]{13,40}(?![A-Za-z0-9])/g,
    secret: /(?<![A-Za-z0-9])[A-Za-z0-9]{32}(?![A-Za-z0-9])/g,
    secretEntropy: 3.75,
  },
];

/** One of these stands in every id. */
export const idLiterals: readonly string[] = schemes.flatMap(({ prefixes }) => prefixes);

/** A file with more of them needs no longer list. */
const enough = 100;

/** @param views all those of one unit; `suspects` those of them that may hold an id */
export function* findKeyPairs(views: readonly View[], suspects: readonly View[]): Generator<Hit> {
  for (const scheme of schemes) {
    const ids = suspects.flatMap((view) => [...findIds(view, scheme).take(enough)]);
    if (ids.length === 0) continue;
    const secrets = views.flatMap((view) => [...findSecrets(view, scheme).take(enough)]);
    if (secrets.length === 0) yield* ids;
    for (const secret of secrets) yield { ...secret, keyId: nearest(ids, secret).secret };
  }
}

/** AWS and S3-like secrets by the name that they stand under, where no id is in sight. */
export function* findNamedAwsSecrets(views: readonly View[]): Generator<Hit> {
  for (const view of views) {
    if (!hasBase64Run(view.text)) continue;
    for (const hit of findSecrets(view, aws)) {
      const name = canonicalName(nameBefore(view.text, hit.index) || view.part.name);
      if (!/AWS.{0,10}SECRET|SECRET.?ACCESS.?KEY|S3.{0,10}SECRET/.test(name) || namesAPlace(name)) continue;
      if (/AWSSECRET(?:ACCESS)?KEY|AWSACCESSKEYSECRET/.test(name)) yield { ...hit, detector: 'aws-secret-key' };
      else yield { ...hit, detector: 'object-store-key', confidence: 'medium' };
    }
  }
}

/** Real ids are below it in three of ten thousand cases; made-up ones repeat themselves. */
const leastIdEntropy = 3;

function* findIds(view: View, scheme: Scheme): Generator<Hit> {
  if (!scheme.prefixes.some((prefix) => view.text.includes(prefix))) return;
  for (const { 0: id, index } of view.text.matchAll(scheme.id)) {
    if (isPlaceholder(id) || entropy(id) < leastIdEntropy) continue;
    yield { detector: scheme.idOnly, confidence: 'medium', view, index, secret: id, keyId: id };
  }
}

function* findSecrets(view: View, scheme: Scheme): Generator<Hit> {
  for (const { 0: secret, index } of view.text.matchAll(scheme.secret)) {
    if (!isMixed(secret) || entropy(secret) < scheme.secretEntropy || isPlaceholder(secret)) continue;
    if (scheme.prefixes.some((prefix) => secret.startsWith(prefix))) continue;
    yield { detector: scheme.pair, confidence: 'high', view, index, secret };
  }
}

function isMixed(text: string): boolean {
  return /[a-z]/.test(text) && /[A-Z]/.test(text) && /[0-9]/.test(text);
}

/** In a file with several profiles the id that stands closest; elsewhere the first. */
function nearest(ids: readonly Hit[], secret: Hit): Hit {
  const distance = (id: Hit): number => (id.view === secret.view ? Math.abs(id.index - secret.index) : Infinity);
  return ids.reduce((best, id) => (distance(id) < distance(best) ? id : best));
}
