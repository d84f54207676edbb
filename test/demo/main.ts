import { once } from 'node:events';
import { globSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { findOrBuildBinaries } from '../control-plane/binaries.ts';
import type { ControlPlane } from '../control-plane/control-plane.ts';
import { startGuardedControlPlane, startWebhook, untilAsked } from '../e2e/guardrail.ts';

/** `npm run demo`: a real control plane with daytwo in front, left up for a visitor's own kubectl. */
const stop = Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')]);
const policy = process.argv[2] ?? 'baseline';
const examples = fileURLToPath(new URL('../../manifests/examples/', import.meta.url));

console.log('Starting etcd, kube-apiserver and kube-controller-manager …');
const controlPlane = await startGuardedControlPlane();
try {
  console.log(`Starting daytwo serve with the policy ${policy} …`);
  const webhook = await startWebhook(controlPlane, { policy, port: 18_444 });
  await untilAsked(controlPlane, webhook);
  await applyExamples(controlPlane);
  invite(controlPlane, await findOrBuildBinaries({ log: console.error }));
  const asked = await Promise.race([stop.then(() => true), webhook.ended.then(() => false)]);
  if (!asked) console.error(`daytwo serve ended by itself:\n${await webhook.ended}`);
  await webhook.stop();
} finally {
  await controlPlane.stop();
}

/** File by file, as a person would, with the words of kubectl. */
async function applyExamples({ kubectl }: ControlPlane): Promise<void> {
  for (const file of globSync('*.yaml', { cwd: examples }).toSorted()) {
    console.log(`\n$ kubectl apply -f manifests/examples/${file}`);
    const { stdout, stderr } = await kubectl(['apply', '-f', examples + file]);
    process.stdout.write(stdout + stderr.replaceAll(examples, 'manifests/examples/'));
    await sleep(300); // so that the caches have seen it: the next file may be its companion
  }
}

function invite({ kubeconfig }: ControlPlane, binaries: string): void {
  console.log(`
It is up. In another terminal:

  export KUBECONFIG=${kubeconfig('admin')}
  kubectl apply -f manifests/examples/50-bad-deployment.yaml
  kubectl -n shop get all

As a plain developer: KUBECONFIG=${kubeconfig('jane')}
Without a kubectl of your own: PATH=${binaries}:$PATH

Ctrl-C here ends it and leaves nothing behind.`);
}
