import { once } from 'node:events';
import { globSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { ControlPlane } from '../control-plane/control-plane.ts';
import { type RunningWebhook, startGuardedControlPlane, startWebhook, untilAsked } from '../e2e/guardrail.ts';

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
  invite(controlPlane);
  await Promise.race([stop, diedEarly(webhook)]);
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

function invite(controlPlane: ControlPlane): void {
  console.log(`
It is up. In another terminal:

  export KUBECONFIG=${controlPlane.kubeconfig('admin')}     (or, as a plain developer: ${controlPlane.kubeconfig('jane')})
  kubectl apply -f manifests/examples/50-bad-deployment.yaml
  kubectl -n shop get all

Ctrl-C here ends it and leaves nothing behind.`);
}

async function diedEarly(webhook: RunningWebhook): Promise<void> {
  const words = await webhook.ended;
  console.error(`daytwo serve ended by itself:\n${words}`);
}
