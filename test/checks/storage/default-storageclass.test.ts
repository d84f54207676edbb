import { expect, test } from 'vitest';
import { defaultStorageclass } from '../../../src/checks/storage/default-storageclass.ts';
import { find, object, subject, world } from '../compute/compute-kit.ts';

const key = 'storageclass.kubernetes.io/is-default-class';
const former = 'storageclass.beta.kubernetes.io/is-default-class';
const storageClass = (name: string, annotations: object) =>
  object('storage.k8s.io/v1', 'StorageClass', name, {}, { namespace: undefined, annotations });

test.each([
  ['the annotation', { [key]: 'true' }, `{${key}: "false"}`],
  ['the former one, whatever the other says', { [key]: 'false', [former]: 'true' }, `{${former}: "false"}`],
  ['both', { [key]: 'true', [former]: 'true' }, `{${key}: "false", ${former}: "false"}`],
])('a second default by %s is told what to unset', (_, annotations, yaml) => {
  const view = world('all', [storageClass('gp3', { [key]: 'true' })]);
  const [found] = find(defaultStorageclass, subject(storageClass('gp2', annotations)), view);
  expect(found?.fix).toContain(`annotations: ${yaml}`);
});
