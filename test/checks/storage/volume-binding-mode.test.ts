import { describe, expect, test } from 'vitest';
import type { CheckSubject, ConfiguredCheck } from '../../../src/checks/check.ts';
import { volumeBindingMode } from '../../../src/checks/storage/volume-binding-mode.ts';
import type { KubernetesObject } from '../../../src/kubernetes/object.ts';
import { ObjectIndex } from '../../../src/kubernetes/object-index.ts';

const check = volumeBindingMode.configure({}, () => []) as ConfiguredCheck;

/** As the API server sends it: the mode is always filled in. */
const storageClass = (metadata: object = {}): KubernetesObject => ({
  apiVersion: 'storage.k8s.io/v1',
  kind: 'StorageClass',
  metadata: { name: 'gp3', ...metadata },
  provisioner: 'ebs.csi.aws.com',
  reclaimPolicy: 'Delete',
  volumeBindingMode: 'Immediate',
});
const lastApplied = (object: object) => ({
  annotations: { 'kubectl.kubernetes.io/last-applied-configuration': JSON.stringify(object) },
});
const subject = (object: KubernetesObject, tweak: Partial<CheckSubject> = {}): CheckSubject => ({
  object,
  groupKind: 'storage.k8s.io/StorageClass',
  namespace: undefined,
  inSystemNamespace: false,
  operation: 'CREATE',
  subresource: undefined,
  source: 'admission',
  workload: undefined,
  tier: 'standard',
  user: 'jane',
  now: 0,
  ...tweak,
});
const written = storageClass(lastApplied({ provisioner: 'ebs.csi.aws.com', volumeBindingMode: 'Immediate' }));
const defaulted = storageClass(lastApplied({ provisioner: 'ebs.csi.aws.com' }));
const created = storageClass();

describe('an Immediate class of zonal disks at admission', () => {
  const strictest = (one: CheckSubject, view = new ObjectIndex('all')) =>
    [...check.evaluate(one, view)].map((f) => f.atMost);

  test.each([
    ['written by its author', subject(written), 'Deny'],
    ['filled in by the API server', subject(defaulted), 'Warn'],
    ['of unknown origin, as kubectl create leaves it', subject(created), 'Warn'],
    ['written, but brought by the cloud', subject(written, { user: 'eks:addon-manager' }), 'Audit'],
    ['written, and there already', subject(written, { operation: 'UPDATE' }), 'Audit'],
    ['written, seen in a running cluster', subject(written, { source: 'live' }), 'Audit'],
  ])('%s', (_, one, expected) => {
    expect(strictest(one)).toEqual([expected]);
  });

  test('with Nodes that are not known yet is not refused', () => {
    expect(strictest(subject(written), new ObjectIndex('none'))).toEqual(['Warn']);
  });
});

describe('the patch', () => {
  const view = new ObjectIndex('all');

  test.each([
    ['fills in what nobody chose', subject(defaulted), 1],
    ['fills in what nobody is known to have chosen', subject(created), 1],
    ["leaves the author's own value", subject(written), 0],
    ['leaves what an addon manager brings', subject(defaulted, { user: 'system:addon-manager' }), 0],
  ])('%s', (_, one, operations) => {
    expect(check.patch(one, view)).toHaveLength(operations);
  });

  test('is for CREATE only: the field is immutable', () => {
    expect(volumeBindingMode.patchOperations).toEqual(['CREATE']);
  });

  test('does not touch a driver that nobody knows, whatever its nodes publish', () => {
    const world = new ObjectIndex('all');
    const drivers = [{ name: 'x.example', nodeID: 'a', topologyKeys: ['x.example/rack'] }];
    world.put({ apiVersion: 'storage.k8s.io/v1', kind: 'CSINode', metadata: { name: 'a' }, spec: { drivers } });
    const one = subject({ ...created, provisioner: 'x.example' });
    expect([...check.evaluate(one, world)]).toHaveLength(1);
    expect(check.patch(one, world)).toEqual([]);
  });
});

test('the message tells a default from a choice', () => {
  const message = (object: KubernetesObject) =>
    [...check.evaluate(subject(object), new ObjectIndex('all'))][0]?.message;
  expect(message(written)).toBe('volumeBindingMode is Immediate, but ebs.csi.aws.com volumes are tied to a zone');
  expect(message(defaulted)).toBe('no volumeBindingMode, so Immediate, but ebs.csi.aws.com volumes are tied to a zone');
});

test('the params can tie a driver to a place, and forbid Immediate in a single zone', () => {
  const view = new ObjectIndex('all');
  view.put({ apiVersion: 'v1', kind: 'Node', metadata: { name: 'a', labels: { 'topology.kubernetes.io/zone': 'a' } } });
  const strict = volumeBindingMode.configure({ drivers: { 'x.example': 'zone' }, singleZoneOk: false }, () => []);
  const one = subject({ ...written, provisioner: 'x.example' });
  expect([...(strict as ConfiguredCheck).evaluate(one, view)].map((finding) => finding.atMost)).toEqual(['Deny']);
  expect([...check.evaluate(subject(written), view)]).toEqual([]);
});
