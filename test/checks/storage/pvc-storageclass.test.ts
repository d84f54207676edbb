import { expect, test } from 'vitest';
import { pvcStorageclass } from '../../../src/checks/storage/pvc-storageclass.ts';
import { find, object, subject, world } from '../compute/compute-kit.ts';

test.each([
  ['ebs.csi.aws.com', 'sc1', ['claim/size']],
  ['ebs.csi.eks.amazonaws.com', 'sc1', ['claim/size']],
  ['ebs.csi.eks.amazonaws.com', 'gp3', []],
])('10Gi of %s, type %s', (provisioner, type, expected) => {
  const storageClass = object('storage.k8s.io/v1', 'StorageClass', 'archive', {}, { namespace: undefined });
  const claim = object('v1', 'PersistentVolumeClaim', 'data', {
    accessModes: ['ReadWriteOnce'],
    storageClassName: 'archive',
    resources: { requests: { storage: '10Gi' } },
  });
  const view = world('all', [{ ...storageClass, provisioner, parameters: { type } }]);
  expect(find(pvcStorageclass, subject(claim), view).map(({ identity }) => identity)).toEqual(expected);
});
