import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { runReview } from '../../src/commands/review.ts';
import { temporaryFolder } from '../audit/temporary-folder.ts';

const namespace = `apiVersion: v1
kind: Namespace
metadata: {name: shop, labels: {daytwo.dev/tier: production}}
`;
const networkPolicy = `apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: default-deny, namespace: shop}
spec: {podSelector: {}, policyTypes: [Ingress, Egress]}
`;
const storageClass = (mode: string): string => `apiVersion: storage.k8s.io/v1
kind: StorageClass
metadata: {name: fast}
provisioner: ebs.csi.aws.com
${mode}`;
const deployment = (memory: string, labels = '{}'): string => `apiVersion: apps/v1
kind: Deployment
metadata: {name: checkout, namespace: shop, labels: ${labels}}
spec:
  replicas: 1
  selector: {matchLabels: {app: checkout}}
  template:
    metadata: {labels: {app: checkout}}
    spec:
      containers:
        - name: app
          image: registry.example/checkout:1.0
          resources: {requests: {cpu: 100m, memory: 128Mi}, limits: {${memory}}}
`;

/** Three checks as baseline has them: what the others say of these objects is not what is tested here. */
const policy = `apiVersion: daytwo.dev/v1alpha1
kind: ReadinessPolicy
metadata: {name: review}
spec:
  rules:
    - check: compute/memory-limit
      action: {production: Deny, standard: Warn, sandbox: Audit}
    - check: network/default-deny
      action: {production: Warn, standard: Audit, sandbox: 'Off'}
    - check: storage/volume-binding-mode
      action: Deny
      patch: true
`;

/** Runs over files in their order; stdout and stderr together, as a terminal shows them. */
async function review(...files: readonly string[]): Promise<{ readonly exitCode: number; readonly shown: string }> {
  const written = files.map((text, at) => [`${at}.yaml`, text]);
  const folder = temporaryFolder({ ...Object.fromEntries(written), 'policy.yaml': policy });
  let shown = '';
  const print = (text: string): void => void (shown += text);
  const exitCode = await runReview(
    {
      policy: join(folder, 'policy.yaml'),
      policiesFolder: new URL('../../policies/', import.meta.url),
      paths: files.map((_text, at) => join(folder, `${at}.yaml`)),
      namespace: 'default',
    },
    { stdout: print, stderr: print, stdin: async () => Buffer.alloc(0), color: false },
  );
  return { exitCode, shown: shown.replaceAll(`${folder}/`, '') };
}

test('what is clean is created, in kubectl’s words', async () => {
  const { exitCode, shown } = await review(networkPolicy, namespace, deployment('memory: 128Mi'));
  expect(shown).toBe(`\
networkpolicy.networking.k8s.io/default-deny created
namespace/shop created
deployment.apps/checkout created
`);
  expect(exitCode).toBe(0);
});

test('what the webhook denies is shown as kubectl shows it, and the rest is applied all the same', async () => {
  const { exitCode, shown } = await review(
    networkPolicy,
    namespace,
    deployment(''),
    storageClass('volumeBindingMode: WaitForFirstConsumer\n'),
  );
  const [, , error, empty, finding] = shown.split('\n');
  expect(error).toBe(
    'Error from server (Forbidden): error when creating "2.yaml": admission webhook "validate.daytwo.dev" denied the ' +
      'request: Deployment shop/checkout: 1 readiness check failed (Compute)',
  );
  expect(empty).toBe('');
  expect(finding).toBe('  ✗ compute/memory-limit  spec.template.spec.containers[0].resources.limits.memory');
  expect(shown.trimEnd().split('\n').at(-1)).toBe('storageclass.storage.k8s.io/fast created');
  expect(exitCode).toBe(1);
});

describe('what is admitted exists for what comes after it', () => {
  test('applied again it is unchanged, changed it is an update', async () => {
    const { shown } = await review(
      networkPolicy + '---\n' + namespace,
      deployment('memory: 128Mi'),
      deployment('memory: 128Mi'),
      deployment('memory: 256Mi'),
    );
    expect(shown.split('\n').slice(2, 5)).toEqual([
      'deployment.apps/checkout created',
      'deployment.apps/checkout unchanged',
      'deployment.apps/checkout configured',
    ]);
  });

  test('an update that adds a finding is denied as an update', async () => {
    const { shown, exitCode } = await review(networkPolicy, namespace, deployment('memory: 128Mi'), deployment(''));
    expect(shown).toContain(
      'Error from server (Forbidden): error when applying patch to: deployment.apps/checkout, for: "3.yaml": admission webhook',
    );
    expect(exitCode).toBe(1);
  });

  test('a denied object does not exist: the same again is denied again', async () => {
    const { shown } = await review(networkPolicy, namespace, deployment(''), deployment(''));
    expect(shown.match(/error when creating/g)).toHaveLength(2);
  });

  test('a namespace counts from its document on', async () => {
    const before = await review(deployment(''), namespace);
    expect(before.shown).toMatch(/^Warning: compute\/memory-limit: .*\ndeployment\.apps\/checkout created/m);
    const after = await review(namespace, deployment(''));
    expect(after.shown).toContain('denied the request');
  });
});

describe('a patch is shown field by field', () => {
  test('where the API server’s default stands', async () => {
    const { shown } = await review(storageClass(''));
    expect(shown.split('\n').slice(0, 3)).toEqual([
      'storageclass.storage.k8s.io/fast created',
      '  patched by storage/volume-binding-mode:',
      expect.stringContaining('volumeBindingMode'),
    ]);
    expect(shown).toContain('+ volumeBindingMode: WaitForFirstConsumer');
  });

  test('and what the author wrote himself is never patched', async () => {
    const { shown } = await review(storageClass('volumeBindingMode: Immediate\n'));
    expect(shown).not.toContain('patched by');
  });
});

test('nothing in a file that was named is a mistake', async () => {
  expect(await review('# nothing yet\n', networkPolicy)).toEqual({
    exitCode: 2,
    shown:
      'networkpolicy.networking.k8s.io/default-deny created\n0.yaml: no document in it: nothing, or only comments\n',
  });
});

test('what a terminal would obey is printed as something else', async () => {
  const { shown } = await review(
    String.raw`{apiVersion: v1, kind: Service, metadata: {name: "\e[31mX\nError: y"}}`,
    String.raw`{apiVersion: storage.k8s.io/v1, kind: StorageClass, metadata: {name: "\e[32m"}, "\e[33m": 1}`,
    String.raw`{"\e[34m": 1, "\e[34m": 2}`,
  );
  expect(shown).toContain('service/\uFFFD[31mX\uFFFDError: y created\n');
  expect(shown).not.toContain('\u001B');
});

test('a broken document hides no other, and makes the exit code 2', async () => {
  const { shown, exitCode } = await review('kind: [broken\n', networkPolicy);
  expect(shown).toMatch(/^networkpolicy\.networking\.k8s\.io\/default-deny created\n0\.yaml:\d+:\d+: /);
  expect(exitCode).toBe(2);
});

test('the examples end as they say of themselves', async () => {
  const folder = fileURLToPath(new URL('../../manifests/examples/', import.meta.url));
  let shown = '';
  const print = (text: string): void => void (shown += text);
  const policiesFolder = new URL('../../policies/', import.meta.url);
  const io = { stdout: print, stderr: print, stdin: async () => Buffer.alloc(0), color: false };
  const options = { policy: 'baseline', policiesFolder, paths: [folder], namespace: 'default' };
  expect(await runReview(options, io)).toBe(1);
  for (const file of readdirSync(folder)) {
    const [first = ''] = readFileSync(join(folder, file), 'utf8').split('\n');
    const isRefused = shown.includes(`error when creating "${join(folder, file)}"`);
    expect([file, isRefused]).toEqual([file, first.includes(': refused')]);
  }
});
