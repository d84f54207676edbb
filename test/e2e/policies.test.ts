import { spawnSync } from 'node:child_process';
import { performance } from 'node:perf_hooks';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import type { ControlPlane } from '../control-plane/control-plane.ts';
import type { KubectlResult } from '../control-plane/kubectl.ts';
import { must, type RunningWebhook, startGuardedControlPlane, startWebhook, untilAsked } from './guardrail.ts';
import { container, deployment, namespace } from './objects.ts';

/** Policies and exemptions as objects of a real API server. */

const port = 18_541;
const installed = fileURLToPath(new URL('../../manifests/install/', import.meta.url));
const base = fileURLToPath(new URL('policies/resources.yaml', import.meta.url));
const unbounded = [container('app', { resources: {} })];

let controlPlane: ControlPlane;
let webhook: RunningWebhook;

beforeAll(async () => {
  controlPlane = await startGuardedControlPlane();
  await must(controlPlane, [
    'apply',
    '-f',
    join(installed, '05-crds.yaml'),
    '-f',
    join(installed, '21-exemption-roles.yaml'),
  ]);
  await must(controlPlane, ['wait', '--for=condition=Established', 'crd', '--all']);
  const namespaces = ['shop', 'other', 'team-a'].map((name) => namespace(name, 'production'));
  await must(controlPlane, ['apply', '-f', '-'], manifest(...namespaces));
  webhook = await startWebhook(controlPlane, { policy: base, port });
  await untilAsked(controlPlane, webhook);
});

afterAll(async () => {
  await webhook?.stop();
  await controlPlane?.stop();
});

/** As JSON, in which an action is Off and never false. */
function manifest(...items: readonly object[]): string {
  return JSON.stringify({ apiVersion: 'v1', kind: 'List', items });
}

async function apply(object: object, as = 'admin', ...flags: readonly string[]): Promise<KubectlResult> {
  return await controlPlane.kubectl(['apply', '-f', '-', ...flags], { as, input: manifest(object) });
}

/** Judged and thrown away, as jane. */
async function tryOut(object: object): Promise<KubectlResult> {
  return await apply(object, 'jane', '--dry-run=server');
}

function policy(name: string, ...rules: readonly object[]): object {
  return { apiVersion: 'daytwo.dev/v1alpha1', kind: 'ReadinessPolicy', metadata: { name }, spec: { rules } };
}

function exemption(spec: object = {}, metadata: object = {}): object {
  return {
    apiVersion: 'daytwo.dev/v1alpha1',
    kind: 'ReadinessExemption',
    metadata: { name: 'legacy', namespace: 'shop', ...metadata },
    spec: {
      checks: ['compute/memory-limit', 'compute/resource-requests'],
      target: { kind: 'apps/Deployment', name: 'legacy' },
      reason: 'goes away with the move to the new shop',
      owner: 'team shop',
      until: daysFromNow(30),
      ...spec,
    },
  };
}

function daysFromNow(days: number): string {
  return new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10);
}

/** Seconds until the webhook, and not only the API server, knows. */
async function untilTrue(isTrue: () => Promise<boolean>): Promise<number> {
  const started = performance.now();
  while (!(await isTrue())) {
    if (performance.now() - started > 15_000) throw new Error('it never became so');
    await sleep(20);
  }
  return (performance.now() - started) / 1000;
}

describe('kubectl explain', () => {
  test.each([
    ['readinesspolicy', 'What this organisation wants of the readiness checklist'],
    ['readinesspolicy.spec', 'systemNamespaces'],
    ['readinesspolicy.spec.rules', 'Which check, by its id: compute/memory-limit'],
    ['readinesspolicy.spec.rules.action', 'Deny refuses the request'],
    ['readinesspolicy.spec.rules.match.objectSelector', 'Its author sets them'],
    ['readinessexemption.spec', 'When it ends, at most 366 days ahead'],
    ['readinessexemption.spec.target', 'Either this or a selector'],
    ['readinessexemption.status', 'Rejected, which counts as none'],
  ])('%s', async (field, words) => {
    // kubectl breaks lines, and puts what something is behind its name.
    const explained = (await must(controlPlane, ['explain', field])).replaceAll(/\s+/g, ' ');
    expect(explained).toContain(words);
    expect(explained).not.toContain('<no description>');
  });

  test('has a description for every field that we name', async () => {
    for (const resource of ['readinesspolicy', 'readinessexemption']) {
      const text = await must(controlPlane, ['explain', resource, '--recursive']);
      expect(text).toContain('spec');
      for (const field of fieldPaths(text)) {
        const one = await must(controlPlane, ['explain', `${resource}.${field}`]);
        expect(one, field).not.toContain('<empty>');
      }
    }
  });
});

/** The paths that `kubectl explain --recursive` shows by indentation, without those of metadata. */
function fieldPaths(explained: string): readonly string[] {
  const path: string[] = [];
  const paths: string[] = [];
  const lines = explained.slice(explained.indexOf('FIELDS:')).split('\n').slice(1);
  for (const line of lines) {
    const [, indent, name] = /^( +)(\w+)\t</.exec(line) ?? [];
    if (indent === undefined || name === undefined) continue;
    path.length = indent.length / 2 - 1;
    path.push(name);
    if (path[0] !== 'metadata') paths.push(path.join('.'));
  }
  return paths;
}

describe('what nobody could obey is refused, with its field', () => {
  test.each<[string, object, string]>([
    [
      'an unknown check',
      policy('bad', { check: 'compute/memory-limt', action: 'Deny' }),
      'spec.rules[0].check: there is no check "compute/memory-limt"; did you mean compute/memory-limit?',
    ],
    [
      'a wrong param',
      policy('bad', { check: 'compute/pdb-required', action: 'Warn', params: { minReplicaz: 'two' } }),
      'spec.rules[0].params.minReplicaz',
    ],
    [
      'an action that does not exist',
      policy('bad', { check: 'compute/memory-limit', action: { production: 'deny' } }),
      'spec.rules[0].action.production: must be one of Deny, Warn, Audit, Off',
    ],
    ['a misspelt field', policy('bad', { check: 'compute/memory-limit', actions: 'Deny' }), 'spec.rules[0]'],
    ['an exemption that is over', exemption({ until: daysFromNow(-1) }), 'spec.until: expired on'],
    [
      'an exemption for ever',
      exemption({ until: daysFromNow(400) }),
      'spec.until: too broad: more than 366 days ahead',
    ],
    ['an exemption from everything', exemption({ checks: ['*'] }), 'spec.checks[0]'],
    ['an exemption from an unknown check', exemption({ checks: ['compute/x'] }), 'spec.checks[0]: there is no check'],
    ['an exemption for all', exemption({ target: { kind: 'apps/Deployment', selector: {} } }), 'spec.target.selector'],
    [
      'an exemption for nothing',
      exemption({ target: { kind: 'apps/Deployment' } }),
      'give exactly one of name and selector',
    ],
    ['an exemption without a reason', exemption({ reason: ' ' }), 'spec.reason'],
    ['an exemption without an owner', exemption({ owner: undefined }), 'missing required field "owner"'],
    ['an exemption until someday', exemption({ until: 'someday' }), 'spec.until'],
  ])('%s', async (_case, object, words) => {
    const { code, stderr } = await apply(object);
    expect(code).not.toBe(0);
    expect(stderr).toContain(words);
  });

  test('with the fields for machines', async () => {
    const body = JSON.stringify(policy('bad', { check: 'x', action: 'Deny' }));
    const { stderr } = await controlPlane.kubectl(
      ['create', '--raw', '/apis/daytwo.dev/v1alpha1/readinesspolicies', '-v=8', '-f', '-'],
      { input: body },
    );
    expect(stderr).toContain('"field":"spec.rules[0].check"');
  });
});

describe('policies of the cluster', () => {
  afterAll(async () => {
    await must(controlPlane, ['delete', 'readinesspolicies', '--all']);
  });

  const bad = deployment('shop', 'unbounded', {}, unbounded);
  const isDenied = async (): Promise<boolean> => (await tryOut(bad)).code !== 0;

  test('take effect within 2 s, there and back', async () => {
    expect(await isDenied()).toBe(true);
    const lenient = ['compute/memory-limit', 'compute/resource-requests'].map((check) => ({ check, action: 'Audit' }));
    const seconds: number[] = [];
    for (let round = 0; round < 3; round += 1) {
      await must(controlPlane, ['apply', '-f', '-'], manifest(policy('lenient', ...lenient)));
      seconds.push(await untilTrue(async () => !(await isDenied())));
      await must(controlPlane, ['delete', 'readinesspolicy', 'lenient']);
      seconds.push(await untilTrue(isDenied));
    }
    console.log(`policy change to enforcement: ${seconds.map((one) => one.toFixed(2)).join(', ')} s`);
    expect(Math.max(...seconds)).toBeLessThan(2);
  });

  test('are read in the order of their names: the first rule that matches decides', async () => {
    const ofTeam = { check: 'compute/memory-limit', action: 'Warn', match: { namespaces: ['team-*'] } };
    const [memory, requests] = ['compute/memory-limit', 'compute/resource-requests'];
    await must(
      controlPlane,
      ['apply', '-f', '-'],
      manifest(
        policy('20-all', { check: memory, action: 'Deny' }),
        policy('10-team', ofTeam, { check: requests, action: 'Off', match: { namespaces: ['team-*'] } }),
      ),
    );
    await untilTrue(async () => (await tryOut(deployment('team-a', 'unbounded', {}, unbounded))).code === 0);
    const { stderr } = await tryOut(deployment('team-a', 'unbounded', {}, unbounded));
    expect(stderr).toContain('Warning: compute/memory-limit');
    expect(stderr).not.toContain('compute/resource-requests');
    expect(await isDenied()).toBe(true);
    await must(controlPlane, ['delete', 'readinesspolicies', '--all']);
  });

  test('a broken one that got in while nobody looked changes nothing, and leaves what it said before', async () => {
    const lenient = policy(
      'lenient',
      { check: 'compute/memory-limit', action: 'Warn' },
      { check: 'compute/resource-requests', action: 'Warn' },
    );
    await must(controlPlane, ['apply', '-f', '-'], manifest(lenient));
    await untilTrue(async () => !(await isDenied()));
    await withoutAdmission(async () => {
      await must(
        controlPlane,
        ['apply', '-f', '-'],
        manifest(policy('lenient', { check: 'compute/gone', action: 'Deny' })),
      );
      await must(
        controlPlane,
        ['apply', '-f', '-'],
        manifest(policy('a-broken', { check: 'compute/memory-limit', action: 'deny' })),
      );
    });
    await vi.waitFor(() => expect(logged('cannot be obeyed')).toHaveLength(2), 5_000);
    expect(logged('cannot be obeyed').join('\n')).toContain('spec.rules[0].check: there is no check');
    const { code, stderr } = await tryOut(bad);
    expect(code, stderr).toBe(0);
    expect(stderr).toContain('Warning: compute/memory-limit');
  });

  test('nor does it stop a webhook that starts: what can be obeyed is in force', async () => {
    await webhook.stop();
    webhook = await startWebhook(controlPlane, { policy: base, port });
    await untilAsked(controlPlane, webhook);
    expect(logged('cannot be obeyed')).toHaveLength(2);
    expect(await isDenied()).toBe(true);
  });
});

/** Takes the webhook out of the way as an outage would, and puts it back. */
async function withoutAdmission(work: () => Promise<void>): Promise<void> {
  const args = ['get', 'validatingwebhookconfiguration', 'daytwo', '-o', 'json'];
  const { metadata, ...configuration } = JSON.parse(await must(controlPlane, args)) as { metadata: { name: string } };
  await must(controlPlane, ['delete', 'validatingwebhookconfiguration', 'daytwo']);
  // The API server reads its configurations with a delay.
  await sleep(3_000);
  await work();
  await must(
    controlPlane,
    ['create', '-f', '-'],
    JSON.stringify({ ...configuration, metadata: { name: metadata.name } }),
  );
  await untilTrue(
    async () => (await apply(policy('probe', { check: 'x', action: 'Deny' }), 'admin', '--dry-run=server')).code !== 0,
  );
}

function logged(words: string): readonly string[] {
  return webhook.logs().filter((line) => line.includes(words));
}

test('the API server itself refuses what is plainly too broad, while daytwo is away', async () => {
  await withoutAdmission(async () => {
    for (const [spec, words] of [
      [{ checks: ['*'] }, 'spec.checks[0]: Invalid value'],
      [{ target: { kind: 'apps/Deployment', selector: {} } }, 'spec.target.selector: Invalid value'],
      [{ target: { kind: 'apps/Deployment', name: '*' } }, 'spec.target.name: Invalid value'],
      [{ reason: ' \u200B' }, 'spec.reason: Invalid value'],
      [{ until: 'someday' }, 'spec.until: Invalid value'],
    ] as const) {
      expect((await apply(exemption(spec))).stderr).toContain(words);
    }
  });
});

describe('exemptions', () => {
  const legacy = deployment('shop', 'legacy', {}, unbounded);

  test('are not for those who may only edit', async () => {
    const { code, stderr } = await apply(exemption(), 'jane');
    expect(code).not.toBe(0);
    expect(stderr).toContain('forbidden');
    const may = async (verb: string): Promise<string> =>
      (
        await controlPlane.kubectl(['auth', 'can-i', verb, 'readinessexemptions', '-n', 'shop'], { as: 'jane' })
      ).stdout.trim();
    expect(await Promise.all(['get', 'list', 'create', 'patch', 'delete'].map(may))).toEqual([
      'yes',
      'yes',
      'no',
      'no',
      'no',
    ]);
  });

  test('let just that object and those checks through, and nothing else', async () => {
    expect((await tryOut(legacy)).code).not.toBe(0);
    await must(controlPlane, ['apply', '-f', '-'], manifest(exemption()));
    await untilTrue(async () => (await tryOut(legacy)).code === 0);
    const another = await tryOut(deployment('shop', 'another', {}, unbounded));
    expect(another.stderr).toContain('denied the request');
    const elsewhere = await tryOut(deployment('other', 'legacy', {}, unbounded));
    expect(elsewhere.stderr).toContain('denied the request');
    expect((await tryOut({ ...legacy, kind: 'StatefulSet' })).stderr).toContain('denied the request');
    const onlyMemory = exemption({ checks: ['compute/memory-limit'] });
    await must(controlPlane, ['apply', '-f', '-'], manifest(onlyMemory));
    await untilTrue(async () => (await tryOut(legacy)).code !== 0);
    const { stderr } = await tryOut(legacy);
    expect(stderr).toContain('✗ compute/resource-requests');
    expect(stderr).not.toContain('compute/memory-limit');
    await must(controlPlane, ['delete', 'readinessexemption', '-n', 'shop', '--all']);
    await untilTrue(async () => (await tryOut(legacy)).stderr.includes('compute/memory-limit'));
  });

  test('may be written by those to whom the role is bound, for their namespace', async () => {
    const binding = ['create', 'rolebinding', 'jane-exempts', '-n', 'other', '--user=jane'];
    await must(controlPlane, [...binding, '--clusterrole=daytwo-exemptions-editor']);
    const own = exemption({}, { namespace: 'other' });
    await vi.waitFor(async () => expect((await apply(own, 'jane')).code).toBe(0), 10_000);
    await untilTrue(async () => (await tryOut(deployment('other', 'legacy', {}, unbounded))).code === 0);
    expect((await tryOut(legacy)).stderr).toContain('denied the request');
  });

  test('end by themselves, and the refusal says which one ended', async () => {
    const until = new Date(Date.now() + 6_000).toISOString().replace(/\.\d+/, '');
    await must(controlPlane, ['apply', '-f', '-'], manifest(exemption({ until }, { name: 'short' })));
    await untilTrue(async () => (await tryOut(legacy)).code === 0);
    await untilTrue(async () => (await tryOut(legacy)).code !== 0);
    expect((await tryOut(legacy)).stderr).toContain(`Note: exemption shop/short expired on ${until}.`);
    // What is over may still be labelled and deleted.
    await must(controlPlane, ['label', 'readinessexemption', 'short', '-n', 'shop', 'seen=yes']);
    await must(controlPlane, ['delete', 'readinessexemption', 'short', '-n', 'shop']);
  });

  test('that are too broad count as none if they got in', async () => {
    await withoutAdmission(async () => {
      await must(
        controlPlane,
        ['apply', '-f', '-'],
        manifest(exemption({ until: daysFromNow(4000) }, { name: 'for-ever' })),
      );
    });
    await untilTrue(async () => (await tryOut(legacy)).stderr.includes('exemption shop/for-ever does not count'));
    const { code, stderr } = await tryOut(legacy);
    expect(code).not.toBe(0);
    expect(stderr).toContain('too broad: more than 366 days ahead');
  });

  test('are listed with their uses by the command line', async () => {
    const old = exemption({}, { name: 'in-use', namespace: 'other' });
    await must(controlPlane, ['apply', '-f', '-'], manifest(old));
    await untilTrue(async () => (await tryOut(deployment('other', 'legacy', {}, unbounded))).code === 0);
    await must(controlPlane, ['apply', '-f', '-'], manifest(deployment('other', 'legacy', { replicas: 0 }, unbounded)));
    const program = fileURLToPath(new URL('../../dist/main.js', import.meta.url));
    const flags = ['exemptions', '--kubeconfig', controlPlane.kubeconfig('admin'), '--policy', base, '-o', 'json'];
    // 1, since one of them is too broad.
    const { stdout, status } = spawnSync(process.execPath, [program, ...flags], { encoding: 'utf8' });
    expect(status).toBe(1);
    const listed = JSON.parse(stdout) as {
      namespace: string;
      name: string;
      state: string;
      uses: number;
      ageDays: number;
    }[];
    expect(listed.map(({ namespace: where, name, state }) => `${where}/${name} ${state}`)).toEqual([
      'other/in-use Active',
      'other/legacy Active',
      'shop/for-ever Rejected',
    ]);
    expect(listed.map(({ uses }) => uses)).toEqual([2, 0, 0]);
    expect(listed[0]?.ageDays).toBe(0);
  });

  test('are shown by kubectl get', async () => {
    const table = await must(controlPlane, ['get', 'readinessexemptions', '-A']);
    for (const column of ['CHECKS', 'TARGET', 'OWNER', 'UNTIL', 'STATE', 'USES', 'apps/Deployment', 'team shop'])
      expect(table).toContain(column);
    await must(
      controlPlane,
      ['apply', '-f', '-'],
      manifest(policy('shown', { check: 'compute/memory-limit', action: 'Off' })),
    );
    expect(await must(controlPlane, ['get', 'rpol'])).toMatch(/NAME +ACCEPTED +RULES +AGE\nshown/);
  });
});
