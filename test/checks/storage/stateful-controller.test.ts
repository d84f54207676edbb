import { describe, expect, test } from 'vitest';
import { databaseContainer, databaseImages } from '../../../src/checks/storage/database-images.ts';
import { statefulController } from '../../../src/checks/storage/stateful-controller.ts';
import type { KubernetesObject } from '../../../src/kubernetes/object.ts';
import { readWorkload } from '../../../src/kubernetes/workload.ts';
import { configure, deployment, find, object, scaledObject, subject, world } from '../compute/compute-kit.ts';

const volumes = [{ name: 'data', persistentVolumeClaim: { claimName: 'data' } }];
const claim = (accessModes: readonly string[], rest: object = {}): KubernetesObject =>
  object('v1', 'PersistentVolumeClaim', 'data', { accessModes, storageClassName: 'gp3', ...rest });
const disk = claim(['ReadWriteOnce']);
const withStrategy = (strategy: unknown): KubernetesObject => {
  const one = deployment(1, { volumes });
  return { ...one, spec: { ...(one['spec'] as object), strategy } };
};
const identities = (of: KubernetesObject, ...others: readonly KubernetesObject[]): readonly string[] =>
  find(statefulController, subject(of), world('all', [disk, ...others])).map(({ identity }) => identity);

describe('a rollout of one replica on a disk', () => {
  test.each([
    ['the defaults', undefined, true],
    ['maxSurge: 1, maxUnavailable: 0', { rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } }, true],
    ['percentages that round to the same', { rollingUpdate: { maxSurge: '1%', maxUnavailable: '99%' } }, true],
    ['maxUnavailable: 1', { rollingUpdate: { maxUnavailable: 1 } }, false],
    ['maxUnavailable: 100%', { rollingUpdate: { maxUnavailable: '100%' } }, false],
    ['no surge', { rollingUpdate: { maxSurge: 0 } }, false],
    ['Recreate', { type: 'Recreate' }, false],
  ])('%s', (_, strategy, waits) => {
    expect(identities(withStrategy(strategy))).toEqual(waits ? ['claim/data/rollout'] : []);
  });

  test.each([
    ['nobody chose one', undefined, 1],
    [
      'the API server filled it in',
      { type: 'RollingUpdate', rollingUpdate: { maxSurge: '25%', maxUnavailable: '25%' } },
      1,
    ],
    ['somebody chose the numbers', { rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } }, 0],
  ])('is patched where %s', (_, strategy, operations) => {
    const one = subject(withStrategy(strategy));
    expect(configure(statefulController).patch(one, world('all', [disk]))).toHaveLength(operations);
  });
});

describe('autoscalers', () => {
  const single = withStrategy({ type: 'Recreate' });

  test.each([
    ['KEDA stops at 100 by itself', {}, {}, ['claim/data/autoscaler']],
    ['KEDA may be held at one', { maxReplicaCount: 1 }, {}, []],
    ['a pause holds it', { maxReplicaCount: 5 }, { 'autoscaling.keda.sh/paused-replicas': '1' }, []],
  ])('%s', (_, spec, annotations, expected) => {
    expect(identities(single, scaledObject(spec, annotations))).toEqual(expected);
  });

  test('that are not in sight leave a disk without a verdict', () => {
    const view = world('none', [disk]);
    expect(configure(statefulController).unknown(subject(single), view)).toBe('autoscaling/HorizontalPodAutoscaler');
  });
});

describe('whose claim it is decides', () => {
  const three = deployment(3, { volumes });
  const verdict = (...others: readonly KubernetesObject[]) =>
    find(statefulController, subject(three), world('all', others)).map(({ atMost }) => atMost ?? 'Deny');
  const volume = (spec: object) => object('v1', 'PersistentVolume', 'pv', spec, { namespace: undefined });
  const bound = claim(['ReadWriteOnce'], { volumeName: 'pv' });

  test.each([
    ['ReadWriteOnce', [disk], ['Deny']],
    ['ReadWriteOncePod', [claim(['ReadWriteOncePod'])], ['Deny']],
    ['ReadWriteOnce or ReadWriteMany', [claim(['ReadWriteOnce', 'ReadWriteMany'])], []],
    ['ReadOnlyMany', [claim(['ReadOnlyMany'])], []],
    ['an NFS volume', [bound, volume({ nfs: { server: 'nfs.example', path: '/' } })], []],
    ['an EFS volume', [bound, volume({ csi: { driver: 'efs.csi.aws.com' } })], []],
    ['an EBS volume', [bound, volume({ csi: { driver: 'ebs.csi.aws.com' } })], ['Deny']],
    ['a local volume', [bound, volume({ local: { path: '/mnt' } })], ['Warn']],
    ['no claim at all', [], []],
  ])('%s', (_, others, expected) => {
    expect(verdict(...others)).toEqual(expected);
  });
});

describe('which containers run a database', () => {
  const image = (of: object) =>
    databaseContainer(
      (
        readWorkload(deployment(1, { containers: [{ name: 'app', ...of }] })) as NonNullable<
          ReturnType<typeof readWorkload>
        >
      ).template,
      databaseImages,
    )?.image;

  test.each([
    [{ image: 'postgres' }, 'postgres'],
    [{ image: 'registry.example:5000/bitnami/postgresql:17' }, 'postgresql'],
    [{ image: 'postgres@sha256:0' }, 'postgres'],
    [{ image: 'postgres', args: ['-c', 'max_connections=9'] }, 'postgres'],
    [{ image: 'postgres', command: ['docker-entrypoint.sh', 'postgres'] }, 'postgres'],
    [{ image: 'redis', command: ['/usr/local/bin/redis-server', '/etc/redis.conf'] }, 'redis'],
    [{ image: 'postgres', command: ['pg_dump'] }, undefined],
    [{ image: 'postgres', args: ['psql', '-h', 'db'] }, undefined],
    [{ image: 'postgres', command: ['sh', '-c', 'exec postgres'] }, 'postgres'],
    [{ image: 'postgres', command: ['sh', '-c'], args: ['chown x /d && exec docker-entrypoint.sh'] }, 'postgres'],
    [{ image: 'postgres', command: ['sh', '-c', 'PGHOST=db pg_dump postgres | gzip'] }, undefined],
    [{ image: 'postgres', args: ['bash'] }, undefined],
    [{ image: 'cp-kafka', command: ['/etc/confluent/docker/run'] }, 'cp-kafka'],
    [{ image: 'postgresql', command: ['/opt/bitnami/scripts/postgresql/run.sh'] }, 'postgresql'],
    [{ image: 'postgres', command: ['/scripts/run.sh'] }, undefined],
    [{ image: 'postgres-exporter' }, undefined],
    [{ image: 'mongo-express' }, undefined],
    [{}, undefined],
  ])('%j', (container, expected) => {
    expect(image(container)).toBe(expected);
  });
});
