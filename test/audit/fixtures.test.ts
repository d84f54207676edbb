import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { audit } from '../../src/audit/audit.ts';
import { readManifests } from '../../src/audit/read-manifests.ts';
import { checks } from '../../src/checks/index.ts';
import { parsePolicy } from '../../src/policy/parse-policy.ts';
import { expandCredentials } from '../fixtures/credentials.ts';
import { loadFixtures } from '../fixtures/load-fixture.ts';

const folder = new URL('../fixtures/checks/', import.meta.url).pathname;

/** Cases that are about manifests as a person writes them; the others need an API server, an UPDATE or a subresource. */
const fixtures = loadFixtures('*/*/{pass,fail}/*.yaml').filter(
  ({ request, world }) =>
    request.source === 'files' &&
    request.operation === 'CREATE' &&
    request.subresource === undefined &&
    world.knows('core/Namespace') !== 'none',
);

test('there are fixtures to audit', () => {
  expect(fixtures.length).toBeGreaterThan(50);
});

test.each(fixtures.map((fixture) => [fixture.path, fixture] as const))(
  '%s: the audit of the file says what the check says of the object',
  async (path, fixture) => {
    const check = checks.find(({ id }) => id === fixture.check);
    const value = {
      apiVersion: 'daytwo.dev/v1alpha1',
      kind: 'ReadinessPolicy',
      metadata: { name: 'fixture' },
      spec: { rules: [{ check: fixture.check, action: 'Deny', params: fixture.params }] },
    };
    const policy = parsePolicy({ file: 'fixture', value, locate: () => undefined }, check === undefined ? [] : [check]);
    const text = expandCredentials(readFileSync(join(folder, path), 'utf8'));
    const read = await readManifests(['-'], async () => Buffer.from(text));
    expect(read.mistakes).toEqual([]);
    const complete = fixture.world.knows('core/Namespace') === 'all';
    const { version } = fixture.world;
    const { reports } = audit(read, policy, {
      defaultNamespace: 'default',
      complete,
      version,
      now: fixture.request.now,
    });
    const judged = fixture.objects.at(-1);
    const report = reports.find(({ place }) => place.kind === judged?.kind && place.name === judged.metadata.name);
    const identities = report?.findings.map(({ finding }) => finding.identity) ?? [];
    expect(identities).toEqual(fixture.expected.map((line) => line.split(' ')[0]));
  },
);
