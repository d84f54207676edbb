import { annotationOf, type KubernetesObject, labelOf } from '../../kubernetes/object.ts';
import { type CheckSubject, defineCheck, type Finding } from '../check.ts';
import { fitsPattern } from '../name-pattern.ts';

interface Params {
  /** ServiceAccounts as `<namespace>/<name>` whose tokens leave the cluster, for agents of others; `*` stands for anything. */
  remoteAccounts: string[];
}

export const legacyServiceAccountToken = defineCheck<Params>({
  id: 'identity/legacy-service-account-token',
  title: 'No tokens that never expire',
  why: 'whoever reads the Secret once has the rights of the ServiceAccount until somebody deletes it',
  prevents: [
    'a token in a backup, a log or a former pipeline that still opens the cluster years later',
    'a leak that cannot be told from ordinary use',
  ],
  remedy:
    'Ask for a token when it is needed: `kubectl create token`, the TokenRequest API, or a projected serviceAccountToken ' +
    'volume, which the kubelet renews. Nothing has made such Secrets by itself since Kubernetes 1.24.',
  severity: 'medium',
  kinds: ['core/Secret'],
  operations: ['CREATE'],
  // Manifests do not show who makes it, nor whether anyone uses it.
  sources: ['admission', 'live'],
  reads: {},
  params: {
    schema: {
      type: 'object',
      properties: { remoteAccounts: { type: 'array', items: { type: 'string' } } },
      required: [],
      additionalProperties: false,
    },
    defaults: { remoteAccounts: [] },
  },
  *evaluate(subject, { remoteAccounts }) {
    const { object, namespace = '', source, user } = subject;
    if (object['type'] !== 'kubernetes.io/service-account-token') return;
    const account = annotationOf(object, 'kubernetes.io/service-account.name') ?? '';
    if (remoteAccounts.some((pattern) => fitsPattern(`${namespace}/${account}`, pattern))) return;
    if (source === 'live') yield* judgeUse(subject, account);
    else if (user === undefined || !isPlatform(user))
      yield describe(account, namespace, 'Delete this Secret; for a token that ends');
  },
});

/** OpenShift makes them for its registry, Rancher for its agents; neither could do anything about a warning. */
function isPlatform(user: string): boolean {
  return (
    fitsPattern(user, 'system:serviceaccount:openshift-*') || /^system:serviceaccount:([\w-]+-)?cattle-/.test(user)
  );
}

function describe(account: string, namespace: string, cure: string): Finding {
  return {
    identity: 'token',
    path: '/type',
    message: `a token of ServiceAccount ${account} that never expires`,
    fix:
      `${cure}: kubectl create token ${account} -n ${namespace} --duration=1h\n` +
      `# In a pod, let the kubelet renew it; append to volumes:\n- name: token\n  projected:\n    sources:\n` +
      `      - serviceAccountToken: {path: token, expirationSeconds: 3600}`,
  };
}

function* judgeUse({ object, namespace = '', now }: CheckSubject, account: string): Iterable<Finding> {
  const invalid = labelOf(object, 'kubernetes.io/legacy-token-invalid-since');
  const used = labelOf(object, 'kubernetes.io/legacy-token-last-used');
  if (isMadeByOpenShift(object)) return;
  if (invalid !== undefined)
    yield {
      ...unused(object, namespace, `marked as invalid since ${invalid}`),
      why: 'the API server refuses it, and the first who takes the label off makes it valid again',
    };
  else if (now - Date.parse(used ?? object.metadata.creationTimestamp ?? '') > longUnused)
    yield unused(object, namespace, used === undefined ? 'of which no use is on record' : `last used on ${used}`);
  else yield describe(account, namespace, 'Delete this Secret once its users have a token that ends');
}

/** The API server's own cleaner waits as long, after the last use or the making. Source: legacy-service-account-token-clean-up-period. */
const longUnused = 365 * 24 * 60 * 60 * 1000;

function unused({ metadata }: KubernetesObject, namespace: string, how: string): Finding {
  return {
    identity: 'unused',
    path: '/type',
    message: `a token that never expires, ${how}`,
    why: 'nobody uses it, but whoever finds it can',
    fix: `Delete it: kubectl delete secret ${metadata.name ?? ''} -n ${namespace}`,
    atMost: 'Audit',
  };
}

function isMadeByOpenShift(object: KubernetesObject): boolean {
  return annotationOf(object, 'kubernetes.io/created-by')?.startsWith('openshift.io/') === true;
}
