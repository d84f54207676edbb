import type { Confidence, DetectorId, Hit } from './detectors.ts';
import { entropy } from './entropy.ts';
import { fingerprint } from './fingerprint.ts';
import { canonicalName, nameBefore } from './names.ts';
import { isPlaceholder } from './placeholder.ts';
import type { View } from './views.ts';

/** A secret that its own form gives away. */
interface TokenDetector {
  readonly detector: DetectorId;
  readonly confidence: Confidence;
  /** One of these stands in every match: a plain search for them goes before the pattern. */
  readonly literals: readonly string[];
  /** The secret is its first group, or the whole. Linear: each quantifier is bounded or begins at a boundary. */
  readonly pattern: RegExp;
  /** What else must hold, by the text around it. */
  readonly accepts?: (view: View, match: RegExpExecArray) => boolean;
}

export function* findTokens(view: View): Generator<Hit> {
  for (const { detector, confidence, literals, pattern, accepts } of tokenDetectors) {
    if (!literals.some((literal) => view.text.includes(literal))) continue;
    for (const match of view.text.matchAll(pattern)) {
      const secret = match[1] ?? match[0];
      if (accepts?.(view, match) === false || isPlaceholder(secret) || entropy(secret) < leastEntropy) continue;
      yield { detector, confidence, view, index: match.index, secret };
    }
  }
}

/** Any random token has more; `AAAA…==` of a template has none. */
const leastEntropy = 3;

/** The keys of the storage and Cosmos DB emulators are the same everywhere and printed in their documentation. */
const publicKeys = new Set(['8d6ded0c', '0ba7ea11']);

const tokenDetectors: readonly TokenDetector[] = [
  {
    detector: 'aws-bedrock-key',
    confidence: 'high',
    literals: ['ABSK'],
    pattern: /\bABSK[A-Za-z0-9+/]{109,269}={0,2}/g,
  },
  {
    detector: 'gcp-api-key',
    confidence: 'medium', // often a browser or Firebase key, which is public
    literals: ['AIza'],
    pattern: /\bAIza[\w-]{35}(?![\w-])/g,
  },
  { detector: 'gcp-oauth-secret', confidence: 'medium', literals: ['GOCSPX-'], pattern: /\bGOCSPX-[\w-]{28}/g },
  {
    detector: 'azure-client-secret',
    confidence: 'high',
    literals: ['7Q~', '8Q~'],
    pattern: /(?<![\w~.-])[\w~.-]{3}[78]Q~[\w~.-]{31,34}(?![\w~.-])/g,
  },
  {
    detector: 'azure-storage-key',
    confidence: 'high',
    literals: ['AccountKey='],
    pattern: /AccountKey=([A-Za-z0-9+/]{86}==)/g,
    accepts: (_view, { 1: key = '' }) => !publicKeys.has(fingerprint(key)),
  },
  {
    detector: 'azure-storage-key',
    confidence: 'high',
    literals: ['+ASt'],
    pattern: /(?<![A-Za-z0-9+/])[A-Za-z0-9+/]{76}\+ASt[A-Za-z0-9+/]{5}[AQgw]==/g,
  },
  {
    detector: 'azure-messaging',
    confidence: 'high',
    literals: ['SharedAccessKey=', 'sharedaccesskey='],
    pattern: /SharedAccessKey=([A-Za-z0-9+/]{43}=)/gi,
    accepts: ({ text }, { index }) =>
      /Endpoint=sb:\/\/[^;\n]+;[^\n]*$/i.test(text.slice(Math.max(0, index - 512), index)),
  },
  {
    detector: 'azure-messaging',
    confidence: 'high',
    literals: ['+ASb', '+AEh', '+ARm'],
    pattern: /(?<![A-Za-z0-9+/])[A-Za-z0-9+/]{33}\+(?:ASb|AEh|ARm)[A-P][A-Za-z0-9+/]{5}=/g,
  },
  {
    detector: 'azure-appconfig',
    confidence: 'high',
    literals: ['.azconfig.io'],
    pattern: /Endpoint=https:\/\/[\w-]{1,64}\.azconfig\.io;Id=[^;\s]{1,128};Secret=([A-Za-z0-9+/]{20,128}={0,2})/g,
  },
  // Cosmos DB, Batch, API Management; Container Registry; Redis; Search; Functions; the annotated format of all newer ones.
  azureService(
    ['ACDb', '+ABa', 'APIM'],
    /(?<![A-Za-z0-9+/])[A-Za-z0-9+/]{76}(?:ACDb|\+ABa|APIM)[A-Za-z0-9+/]{5}[AQgw]==/g,
  ),
  azureService(['+ACR'], /(?<![A-Za-z0-9+/])[A-Za-z0-9+/]{42}\+ACR[A-D][A-Za-z0-9+/]{5}(?![A-Za-z0-9+/=])/g),
  azureService(['AzCa'], /(?<![A-Za-z0-9+/])[A-Za-z0-9+/]{33}AzCa[A-P][A-Za-z0-9+/]{5}=/g),
  azureService(['AzSe'], /(?<![A-Za-z0-9])[A-Za-z0-9]{42}AzSe[A-D][A-Za-z0-9]{5}(?![A-Za-z0-9])/g),
  azureService(['AzFu'], /(?<![\w-])[\w-]{44}AzFu[\w-]{5}[AQgw]==/g),
  azureService(
    ['JQQJ9'],
    /(?<![A-Za-z0-9])[A-Za-z0-9]{52}JQQJ9[9DH][A-Za-z0-9][A-L][A-Za-z0-9]{16}[A-Za-z][A-Za-z0-9]{7}/g,
  ),
  {
    detector: 'digitalocean',
    confidence: 'high',
    literals: ['dop_v1_', 'doo_v1_', 'dor_v1_'],
    pattern: /\bdo[opr]_v1_[a-f0-9]{64}\b/g,
  },
  {
    detector: 'digitalocean-spaces',
    confidence: 'medium',
    literals: ['DO00'],
    pattern: /(?<![A-Za-z0-9])DO00[A-Z0-9]{16}(?![A-Za-z0-9])/g,
  },
  { detector: 'yandex', confidence: 'high', literals: ['AQVN'], pattern: /\bAQVN[\w-]{35,38}(?![\w-])/g },
  {
    detector: 'yandex',
    confidence: 'high',
    literals: ['YC'],
    pattern: /\bYC[\w-]{38}(?![\w-])/g,
    accepts: (view, { index }) => canonicalName(nameBefore(view.text, index) || view.part.name).includes('YANDEX'),
  },
  { detector: 'github-token', confidence: 'high', literals: ['ghp_'], pattern: /\bghp_[A-Za-z0-9]{36}\b/g },
  { detector: 'gitlab-token', confidence: 'high', literals: ['glpat-'], pattern: /\bglpat-[\w-]{20,64}/g },
  { detector: 'vault-token', confidence: 'high', literals: ['hvs.'], pattern: /\bhvs\.[\w-]{24,200}/g },
  { detector: 'slack-token', confidence: 'high', literals: ['xoxb-'], pattern: /\bxoxb-[0-9A-Za-z-]{24,100}/g },
  { detector: 'stripe-key', confidence: 'high', literals: ['sk_live_'], pattern: /\bsk_live_[0-9A-Za-z]{24,120}/g },
];

export const tokenLiterals: readonly string[] = tokenDetectors.flatMap(({ literals }) => literals);

function azureService(literals: readonly string[], pattern: RegExp): TokenDetector {
  return { detector: 'azure-identifiable', confidence: 'high', literals, pattern };
}
