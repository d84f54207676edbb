import type { ClusterView } from '../../kubernetes/cluster-view.ts';
import { type CheckSubject, defineCheck, type Finding } from '../check.ts';
import type { DetectorId, Hit } from './credentials/detectors.ts';
import { describeHits, notScanned } from './credentials/finding.ts';
import { fixForSecret } from './credentials/fix.ts';
import { isDocumentedWay } from './credentials/foreign-cloud.ts';
import { scanUnit, startScan } from './credentials/scan.ts';
import { scanDefaults, type ScanParams, scanProperties } from './credentials/scan-params.ts';
import { canBeController, isOfType, isStoreManaged } from './credentials/secret-keeper.ts';
import { secretUnits } from './credentials/secret-units.ts';

interface Params extends ScanParams {
  /** Types that belong to a controller, `*` for any rest. */
  exemptTypes: string[];
  /** Kinds of owners that deliver Secrets from a store. */
  managedOwners: string[];
  /** Whether Helm releases and Terraform states are read; what is found there is only recorded. */
  scanHelm: boolean;
}

/** Private keys and kubeconfigs are what Secrets are for. */
const atHomeInSecrets: ReadonlySet<DetectorId> = new Set(['pem-private-key', 'kubeconfig-cred']);

export const staticCredentialsInSecret = defineCheck<Params>({
  id: 'identity/static-credentials-in-secret',
  title: 'No hand-made Secrets with cloud keys',
  why: 'the key does not end with the pod, everyone who may read Secrets in the namespace has it, and nobody rotates it',
  prevents: [
    'a leaked key that cannot be revoked for one workload',
    'ExpiredToken, InvalidClientTokenId, AADSTS7000215, AADSTS7000222 or invalid_grant in every pod at once after a rotation',
  ],
  remedy:
    'Give the workload an identity (EKS Pod Identity or IRSA, Workload Identity on AKS and GKE) and delete the Secret. Where no ' +
    'cloud identity reaches, let an external store deliver and rotate it (ExternalSecret, SealedSecret, VaultStaticSecret).',
  severity: 'high',
  kinds: ['core/Secret'],
  reads: { 'core/Node': 'none' },
  params: {
    schema: {
      type: 'object',
      properties: {
        ...scanProperties,
        exemptTypes: { type: 'array', items: { type: 'string' } },
        managedOwners: { type: 'array', items: { type: 'string' } },
        scanHelm: { type: 'boolean' },
      },
      required: [],
      additionalProperties: false,
    },
    defaults: {
      ...scanDefaults,
      exemptTypes: ['istio.io/*', '*.cattle.io/*'],
      managedOwners: [
        'ExternalSecret',
        'SealedSecret',
        'VaultStaticSecret',
        'VaultDynamicSecret',
        'SecretProviderClass*',
        'OnePasswordItem',
        'DopplerSecret',
        'InfisicalSecret',
      ],
      scanHelm: true,
    },
  },
  *evaluate(subject, params, view) {
    const { object, user, now } = subject;
    const believed = canBeController(user);
    if (believed && isOfType(object, params.exemptTypes)) return;
    const scan = startScan(params, now, atHomeInSecrets);
    const units = secretUnits(object, scan);
    const managed = believed && isStoreManaged(object, params.managedOwners);
    yield* describeHits(scanUnit(units.own, scan), (hit) =>
      managed ? onRecord(fixForManaged) : { fix: fixForSecret(hit), ...lowerAbroad(hit, subject, view) },
    );
    for (const unit of params.scanHelm ? units.records : [])
      yield* describeHits(scanUnit(unit, scan), () => onRecord(fixForRecord));
    for (const part of scan.unread) yield notScanned(part, params.maxBytes);
  },
});

const fixForManaged =
  'Give the workload an identity and drop the key from the store: rotated, it is still a static key';
const fixForRecord = 'Take the key out of the values or resources it came from: every revision that is kept repeats it';

/** Refusing these would break a controller that retries for ever, or every `helm upgrade` and `helm rollback`. */
function onRecord(fix: string): Pick<Finding, 'fix' | 'atMost'> {
  return { fix, atMost: 'Audit' };
}

function lowerAbroad(hit: Hit, { object }: CheckSubject, view: ClusterView): Pick<Finding, 'severity'> {
  return isDocumentedWay(object, hit.detector, view) ? { severity: 'low' } : {};
}
