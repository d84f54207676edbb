import type { Manifest } from '../audit/manifest.ts';
import { namespaceOf } from '../audit/namespace-of.ts';
import { readManifests } from '../audit/read-manifests.ts';
import { printable } from '../audit/reporters/printable.ts';
import { renderMistake } from '../errors.ts';
import { ObjectIndex } from '../kubernetes/object-index.ts';
import { groupKindOf } from '../kubernetes/object.ts';
import type { ExitCode, Io } from './io.ts';
import { denialWords, successWords } from './kubectl-words.ts';
import { loadPolicy, type PolicySource } from './load-policy.ts';
import { type LoopbackWebhook, startLoopbackWebhook } from './loopback-webhook.ts';
import { readServerVersion } from './server-version.ts';
import { applyObject } from './stand-in-api-server.ts';

export interface ReviewOptions extends PolicySource {
  /** Files, folders, or `-` for standard input. */
  readonly paths: readonly string[];
  readonly namespace: string;
  /** `1.36`; undefined where the cluster is not known. */
  readonly kubernetesVersion?: string | undefined;
}

/**
 * `daytwo review`: applies manifests, in their order, to a cluster of which nothing exists but the webhook, and prints what
 * kubectl would. What is admitted exists for the ones after it.
 */
export async function runReview(options: ReviewOptions, io: Io): Promise<ExitCode> {
  const policy = await loadPolicy(options);
  const world = new ObjectIndex('all', readServerVersion(options.kubernetesVersion));
  const { manifests, mistakes, warnings } = await readManifests(options.paths, io.stdin);
  for (const warning of warnings) io.stderr(`${printable(`Note: ${renderMistake(warning)}`)}\n`);
  const webhook = await startLoopbackWebhook(policy, world);
  let denied = 0;
  try {
    for (const manifest of manifests) {
      if (!(await review(manifest, options.namespace, webhook, world, io))) denied += 1;
    }
  } finally {
    await webhook.close();
  }
  for (const mistake of mistakes) io.stderr(`${printable(renderMistake(mistake))}\n`);
  if (mistakes.length > 0) return 2;
  return denied === 0 ? 0 : 1;
}

/** @returns whether the object was admitted */
async function review(
  { object, document }: Manifest,
  defaultNamespace: string,
  webhook: LoopbackWebhook,
  world: ObjectIndex,
  io: Io,
): Promise<boolean> {
  const namespace = namespaceOf(object, defaultNamespace);
  const exists = world.get(groupKindOf(object), namespace, object.metadata.name ?? '') !== undefined;
  const applied = await applyObject(object, namespace, webhook, world);
  for (const warning of applied.warnings) io.stderr(`Warning: ${printable(warning)}\n`);
  if (applied.result === 'denied') io.stderr(denialWords(applied, document.file, exists));
  else io.stdout(successWords(applied, io.color));
  return applied.result !== 'denied';
}
