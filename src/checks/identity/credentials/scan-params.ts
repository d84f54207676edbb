import { detectorIds, type DetectorId } from './detectors.ts';

/** What an operator can choose about the search, in both checks that search. */
export interface ScanParams {
  /** `cloud` is all but the vendor tokens; ids name single ones. */
  detectors: ('cloud' | DetectorId)[];
  /** Whether tokens of GitHub, GitLab, Vault, Slack and Stripe count too. */
  vendor: boolean;
  /** Fingerprints of keys that are known and accepted, as the findings print them. */
  allowHashes: string[];
  /** How much of one value is read; what is longer gives a finding that says so. */
  maxBytes: number;
}

export const scanDefaults: ScanParams = { detectors: ['cloud'], vendor: false, allowHashes: [], maxBytes: 1024 * 1024 };

export const scanProperties = {
  detectors: { type: 'array', items: { type: 'string', enum: ['cloud', ...detectorIds] } },
  vendor: { type: 'boolean' },
  allowHashes: { type: 'array', items: { type: 'string', pattern: '^[0-9a-f]{8}$' } },
  maxBytes: { type: 'integer', minimum: 1024 },
} as const;
