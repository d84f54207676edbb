import {
  type CountedObjects,
  type JudgedObject,
  reportExemptions,
  type ReportedExemption,
} from '../audit/exemption-report.ts';
import { namespaceOf } from '../audit/namespace-of.ts';
import { readManifests } from '../audit/read-manifests.ts';
import { renderExemptions } from '../audit/reporters/exemption-table.ts';
import { printable } from '../audit/reporters/printable.ts';
import { checks } from '../checks/index.ts';
import { hasStatus } from '../cluster/api-error.ts';
import { type ApiClient, createClient } from '../cluster/client.ts';
import { connect } from '../cluster/connection.ts';
import { findResource } from '../cluster/find-resource.ts';
import { readList } from '../cluster/read-list.ts';
import { readView } from '../cluster/read-view.ts';
import { OperatorError, renderMistake } from '../errors.ts';
import { at, text } from '../kubernetes/fields.ts';
import { ObjectIndex } from '../kubernetes/object-index.ts';
import { type GroupKind, groupKindOf, type KubernetesObject } from '../kubernetes/object.ts';
import { exemptionKind } from '../policy/exemption.ts';
import { policyKind } from '../policy/own-kinds.ts';
import { buildPolicySet } from '../policy/policy-set.ts';
import type { ExitCode, Io } from './io.ts';
import { kindsToHold } from './kinds-to-hold.ts';
import { loadPolicy, loadSoundPolicy, type PolicySource } from './load-policy.ts';

export interface ExemptionsOptions extends PolicySource {
  /** Files, folders, or `-` for standard input; none with a cluster. */
  readonly paths: readonly string[];
  readonly cluster: boolean;
  readonly kubeconfig?: string | undefined;
  readonly context?: string | undefined;
  /** For objects in files that name none. */
  readonly namespace: string;
  readonly output: 'table' | 'json';
  readonly env: Readonly<Record<string, string | undefined>>;
}

/**
 * `daytwo exemptions`: who may deviate from what, why, until when, and whether it is still needed.
 * @returns 1 where one has expired or is rejected
 * @throws {OperatorError} where neither files nor a cluster are named, or both
 */
export async function runExemptions(options: ExemptionsOptions, io: Io): Promise<ExitCode> {
  const { paths, kubeconfig, context } = options;
  const ofCluster = options.cluster || kubeconfig !== undefined || context !== undefined;
  if (ofCluster === paths.length > 0)
    throw new OperatorError('daytwo exemptions: name files or folders, or ask a cluster with --cluster');
  const found = ofCluster ? { ...(await fromCluster(options)), unreadable: false } : await fromFiles(options, io);
  const { exemptions, unreadable } = found;
  io.stdout(options.output === 'json' ? `${JSON.stringify(exemptions, undefined, 2)}\n` : renderExemptions(exemptions));
  if (unreadable) return 2;
  return exemptions.some(({ state }) => state !== 'Active') ? 1 : 0;
}

interface Found {
  readonly exemptions: readonly ReportedExemption[];
}

async function fromFiles(options: ExemptionsOptions, io: Io): Promise<Found & { readonly unreadable: boolean }> {
  const policy = await loadPolicy(options);
  const { manifests, mistakes } = await readManifests(options.paths, io.stdin);
  const objects = manifests.map(({ object }): JudgedObject & { readonly namespace: string | undefined } => ({
    object,
    namespace: namespaceOf(object, options.namespace),
  }));
  const world = new ObjectIndex('some');
  for (const { object, namespace } of objects) world.put(object, namespace ?? '');
  const exemptions = objects
    .filter(({ object }) => groupKindOf(object) === exemptionKind)
    .map(({ object, namespace }) => inNamespace(object, namespace));
  for (const one of exemptions) world.put(one);
  for (const mistake of mistakes) io.stderr(`${printable(renderMistake(mistake))}\n`);
  return {
    exemptions: reportExemptions(
      exemptions,
      { objects, source: 'files', view: world, areRead: () => true },
      policy,
      Date.now(),
    ),
    unreadable: mistakes.length > 0,
  };
}

/** A manifest may leave its namespace to whoever applies it. */
function inNamespace(object: KubernetesObject, namespace = ''): KubernetesObject {
  return { ...object, metadata: { ...object.metadata, namespace } };
}

async function fromCluster(options: ExemptionsOptions): Promise<Found> {
  const base = await loadSoundPolicy(options);
  const client = createClient(await connect(options));
  try {
    const view = await readView(client, kindsToHold());
    if (view.knows(exemptionKind) === 'none')
      throw new OperatorError('ReadinessExemptions cannot be listed: you may not, or the API server fails to');
    const { active } = buildPolicySet({ objects: view.all(policyKind), base, checklist: checks });
    const exemptions = [...view.all(exemptionKind)];
    const { objects, areRead } = await targetsOf(exemptions, client);
    return { exemptions: reportExemptions(exemptions, { objects, source: 'live', view, areRead }, active, Date.now()) };
  } finally {
    await client.close();
  }
}

/** Whole objects, which a view does not hold, and only of the kinds and namespaces that exemptions are about. */
async function targetsOf(
  exemptions: readonly KubernetesObject[],
  client: ApiClient,
): Promise<Pick<CountedObjects, 'areRead'> & { readonly objects: readonly JudgedObject[] }> {
  const objects: JudgedObject[] = [];
  const read = new Map<string, boolean>();
  for (const exemption of exemptions) {
    const { namespace = '' } = exemption.metadata;
    const where = placeOf(exemption);
    if (read.has(where)) continue;
    const kind = text(at(exemption['spec'], 'target', 'kind')) as GroupKind;
    read.set(where, await readTargets(kind, namespace, client, (object) => void objects.push({ object, namespace })));
  }
  return { objects, areRead: (exemption) => read.get(placeOf(exemption)) ?? false };
}

function placeOf({ metadata, spec }: KubernetesObject): string {
  return `${text(at(spec, 'target', 'kind'))} ${metadata.namespace}`;
}

/** @returns false where the user may not read them, Secrets above all: then an exemption is listed without its uses */
async function readTargets(
  kind: GroupKind,
  namespace: string,
  client: ApiClient,
  onObject: (object: KubernetesObject) => void,
): Promise<boolean> {
  const resource = await findResource(client, kind, namespace);
  if (resource === undefined) return true;
  try {
    await readList({ client, resource, onObject });
    return true;
  } catch (error) {
    if (!hasStatus(error, 403)) throw error;
    return false;
  }
}
