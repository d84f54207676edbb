import type { ServerVersion } from '../../kubernetes/cluster-view.ts';
import { annotationOf, type KubernetesObject } from '../../kubernetes/object.ts';
import { kindsOfRemovedApis, removedApi } from '../../kubernetes/removed-apis.ts';
import { type CheckSubject, defineCheck } from '../check.ts';

interface Params {
  /** The version of Kubernetes that the cluster is to be upgraded to, such as `1.32`; its own where empty. */
  targetVersion: string;
}

export const deprecatedApi = defineCheck<Params>({
  id: 'platform/deprecated-api',
  title: 'Manifests speak versions that the API server serves',
  why: 'the next apply of this manifest fails, most likely in the middle of an upgrade',
  prevents: [
    'no matches for kind "…" in version "…"',
    'ensure CRDs are installed first, of a kind that has been there for years',
  ],
  remedy:
    'Write the version that replaced it; some fields have other names or have become required. The objects in the cluster are not concerned, only the manifests that make them.',
  severity: 'high',
  kinds: kindsOfRemovedApis,
  // What reaches a webhook has been served, whatever the version that it was written in.
  sources: ['files', 'live'],
  reads: {},
  params: {
    schema: {
      type: 'object',
      properties: {
        targetVersion: {
          type: 'string',
          pattern: String.raw`^(\d+\.\d+)?$`,
          description:
            'The version of Kubernetes that the cluster is to be upgraded to, such as `1.32`; its own where empty.',
        },
      },
      required: [],
      additionalProperties: false,
    },
    defaults: { targetVersion: '' },
  },
  *evaluate(subject, { targetVersion }, view) {
    const { object } = subject;
    const written = writtenVersion(subject);
    const target = targetVersion === '' ? view.version : readTarget(targetVersion);
    const gone = written === undefined ? undefined : removedApi(written, object.kind, target);
    if (gone === undefined) return;
    const { apiVersion, since, instead } = gone;
    yield {
      identity: 'api-version',
      path: '/apiVersion',
      message: `${apiVersion} ${object.kind} was removed in Kubernetes 1.${since}`,
      fix:
        instead === undefined
          ? 'Remove it; label the namespaces pod-security.kubernetes.io/enforce=baseline instead'
          : `Write apiVersion: ${instead}, and look for renamed fields`,
      atMost: 'Warn',
    };
  },
});

/** In a cluster everything is served in every version, and only kubectl's copy tells which one somebody wrote: its keys are sorted. */
function writtenVersion({ object, source }: CheckSubject): string | undefined {
  if (source === 'files') return object.apiVersion;
  return /^\{"apiVersion":"([^"]+)"/.exec(lastApplied(object) ?? '')?.[1];
}

function lastApplied(object: KubernetesObject): string | undefined {
  return annotationOf(object, 'kubectl.kubernetes.io/last-applied-configuration');
}

function readTarget(written: string): ServerVersion {
  const [major = 1, minor = 0] = written.split('.').map(Number);
  return { major, minor };
}
