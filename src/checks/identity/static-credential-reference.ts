import {
  federatedClouds,
  hasIdentityOf,
  identityAnnotations,
  type IdentityCloud,
} from '../../kubernetes/cloud-identity.ts';
import type { ClusterView } from '../../kubernetes/cluster-view.ts';
import { at, list, text } from '../../kubernetes/fields.ts';
import { findServiceAccount, serviceAccountKind, serviceAccountOf } from '../../kubernetes/service-account.ts';
import type { GroupKind } from '../../kubernetes/object.ts';
import { type Workload, workloadKinds } from '../../kubernetes/workload.ts';
import { type CheckSubject, defineCheck, type Finding } from '../check.ts';
import { containerIdentity, namedContainer } from '../named-container.ts';
import { identityWays } from './identity-ways.ts';
import { type CredentialReference, credentialReferences, referenceNames } from './credential-references.ts';

interface Params {
  /** Variables that hold a static cloud credential, or the path of one. */
  names: string[];
}

const secretKind: GroupKind = 'core/Secret';

export const staticCredentialReference = defineCheck<Params>({
  id: 'identity/static-credential-reference',
  title: 'No static cloud credential hides the identity of the pods',
  why: 'the key outlives the pod, and every pod fails at once when someone rotates it',
  prevents: [
    'AccessDenied for an old user although the role of the ServiceAccount is right',
    'ExpiredToken, InvalidClientTokenId, AADSTS7000215, AADSTS7000222 or invalid_grant in every pod at once after a rotation',
  ],
  remedy:
    'Give the ServiceAccount a cloud identity and take the variable, and then the Secret, away: the SDKs look at the variable ' +
    'first, so that an identity beside it is never used.',
  severity: 'medium',
  kinds: workloadKinds,
  // The reference is in the template; the account only tells whether it hides an identity.
  reads: { [serviceAccountKind]: 'none' },
  params: {
    schema: {
      type: 'object',
      properties: { names: { type: 'array', items: { type: 'string', minLength: 1 } } },
      required: [],
      additionalProperties: false,
    },
    defaults: { names: [...referenceNames] },
  },
  *evaluate(subject, { names }, view) {
    const { workload } = subject;
    if (workload === undefined) return;
    for (const reference of credentialReferences(workload.template, names))
      yield describeReference(reference, identityBeside(reference, workload, subject, view));
  },
  /** Which variables a whole Secret brings, its keys would say: Secrets are not held. */
  unknown({ workload }) {
    const whole = workload?.template.containers.some(({ container }) =>
      list(container.envFrom).some((source) => text(at(source, 'secretRef', 'name')) !== undefined),
    );
    return whole === true ? secretKind : undefined;
  },
});

/** What names the identity that the variable hides; undefined where no identity is seen. */
function identityBeside(
  { cloud, readBySdk }: CredentialReference,
  { template }: Workload,
  { namespace }: CheckSubject,
  view: ClusterView,
): string | undefined {
  if (cloud === undefined || !readBySdk) return undefined;
  if (hasIdentityOf(findServiceAccount(template, namespace, view), cloud))
    return `${identityAnnotations[cloud]} of ServiceAccount ${serviceAccountOf(template)}`;
  return federatedClouds(template).has(cloud) ? 'the federated token of the pod' : undefined;
}

function describeReference(reference: CredentialReference, hidden: string | undefined): Finding {
  const { one, variable, secret, pointer, cloud, certain } = reference;
  const shown = `${namedContainer(one)} gets ${variable} from Secret ${secret.slice(0, 40)}`;
  return {
    identity: `${containerIdentity(one)}/${variable}`,
    path: pointer,
    message: shown,
    ...(hidden !== undefined && {
      why: `the SDK looks there first, so that ${hidden} is never used`,
      severity: 'high',
    }),
    fix:
      hidden === undefined
        ? adviseIdentity(variable, cloud)
        : `Remove ${variable}${companionOf(variable)}: the pod has an identity`,
    ...(hidden === undefined && (!certain || !reference.readBySdk) && { atMost: 'Audit' }),
  };
}

/** The id goes with its key: alone it is half a credential, and an error. */
function companionOf(variable: string): string {
  if (variable === 'AWS_SECRET_ACCESS_KEY') return ' and AWS_ACCESS_KEY_ID';
  return variable === 'ALIBABA_CLOUD_ACCESS_KEY_SECRET' ? ' and ALIBABA_CLOUD_ACCESS_KEY_ID' : '';
}

function adviseIdentity(variable: string, cloud: IdentityCloud | undefined): string {
  if (cloud === undefined) return `Replace ${variable} by a credential that an external store delivers and rotates`;
  return `Give the ServiceAccount of the pod the access, then remove ${variable}${companionOf(variable)}:\n${identityWays[cloud]}`;
}
