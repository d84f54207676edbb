import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Check } from '../../src/checks/check.ts';
import { checks } from '../../src/checks/index.ts';
import { loadPolicy } from '../../src/commands/load-policy.ts';
import { judge } from '../../src/engine/judge.ts';
import { type ControlPlane, startControlPlane } from '../control-plane/control-plane.ts';
import { type Fixture, loadFixtures } from '../fixtures/load-fixture.ts';
import { type Api, apiOf } from './api.ts';
import { type FixtureWorld, startFixtureWorld } from './fixture-world.ts';
import { type RunningWebhook, startWebhook, untilAsked } from './guardrail.ts';

/**
 * The fixtures of the checks as server-side dry runs under `strict`: what the engine says of a case in a file is what an API
 * server is told, with its defaults filled in, its own admission before ours, and a cache in the place of the file.
 *
 * Left out is what a CREATE in a cluster cannot show: UPDATEs and subresources, other versions and users, params that
 * `strict` does not have, and what needs less knowledge than a cluster gives or a live one with status.
 */
const port = 18_561;
let controlPlane: ControlPlane;
let webhook: RunningWebhook;
let admin: Api;
let world: FixtureWorld;

/** Cases that a cluster answers in another way, and must. */
const otherwise: ReadonlyMap<string, string> = new Map([
  ['compute/priority-class-object/fail/second-default-at-admission.yaml', 'the API server refuses it itself'],
  ['compute/priority-class-object/fail/second-default.yaml', 'the API server refuses it itself'],
  [
    'storage/stateful-controller/pass/owned-replica-set.yaml',
    'an owner that anybody but its controller writes is not believed',
  ],
]);

const policiesFolder = new URL('../../policies/', import.meta.url);
const folder = mkdtempSync(join(tmpdir(), 'daytwo-fixtures-'));
/** `strict` where a namespace is production unless it says otherwise: the cases say nothing, and `strict` is at its strictest there. */
const policy = join(folder, 'strict-in-production.yaml');
const shipped = readFileSync(new URL('strict.yaml', policiesFolder), 'utf8');
writeFileSync(policy, shipped.replace('default: standard', 'default: production'));
const strict = await loadPolicy({ policy, policiesFolder });
const cases = loadFixtures('*/*/{pass,fail}/*.yaml').filter(canBeCreated);

beforeAll(async () => {
  // Without a controller manager nothing changes what a case says is there.
  controlPlane = await startControlPlane({ controllerManager: false });
  admin = apiOf(controlPlane, 'admin');
  world = await startFixtureWorld(controlPlane, cases);
  webhook = await startWebhook(controlPlane, { policy, port, failurePolicy: 'Fail' });
  await untilAsked(controlPlane, webhook);
});

afterAll(async () => {
  await Promise.all([admin?.close(), world?.setup.close()]);
  await webhook?.stop();
  await controlPlane?.stop();
  rmSync(folder, { recursive: true });
});

test.each(cases.map((fixture) => [fixture.path, fixture] as const))('%s', async (_path, fixture) => {
  const made = await world.prepare(fixture);
  try {
    const { status, message } = await admin.create(fixture.request.object, 'dryRun=All');
    const refusedByUs =
      status === 403 && message.startsWith('admission webhook "validate.daytwo.dev" denied the request');
    // Other checks may have found something in the case too; the server itself may not.
    expect(refusedByUs ? '' : message).toBe('');
    expect(message.includes(`✗ ${fixture.check} `), message).toBe(fixture.verdict === 'fail' && isRefused(fixture));
  } finally {
    await world.cleanUp(made);
  }
});

test('the cases cover every check that a cluster can show at a CREATE', () => {
  const covered = new Set(cases.map(({ check }) => check));
  expect(checks.filter((check) => judgesRequests(check) && !covered.has(check.id))).toEqual([]);
});

/** Whether the engine refuses it for its own check, as the same request: a dry run, of somebody who is no controller. */
function isRefused({ check, request, world: seen }: Fixture): boolean {
  const { results } = judge(
    { ...request, source: 'admission', user: 'admin', dryRun: true },
    strict,
    seen,
    'confirmed',
  );
  return results.some((result) => result.check.id === check && result.outcome === 'fail');
}

function judgesRequests({ sources }: Check): boolean {
  return sources?.includes('admission') ?? true;
}

function canBeCreated({ path, check, request, params, knows, version }: Fixture): boolean {
  if (otherwise.has(path) || !checks.some((one) => one.id === check && judgesRequests(one))) return false;
  const { operation, subresource, source, user } = request;
  const plain = operation === 'CREATE' && subresource === undefined && user === undefined && source !== 'live';
  return plain && Object.keys(params).length === 0 && knows === 'all' && version === undefined;
}
