import { expect, test } from 'vitest';
import { nodeDemands } from '../../src/kubernetes/node-affinity.ts';
import { poolMayFit } from '../../src/kubernetes/node-pool.ts';

const pool = {
  apiVersion: 'karpenter.sh/v1',
  kind: 'NodePool',
  metadata: { name: 'general' },
  spec: {
    template: {
      metadata: { labels: { team: 'shop' } },
      spec: {
        requirements: [
          { key: 'disk', operator: 'In', values: ['ssd', 'nvme'] },
          { key: 'spot', operator: 'Exists' },
        ],
      },
    },
  },
};

test.each<[string, Record<string, string>, boolean]>([
  ['nothing', {}, true],
  ['a label of the pool', { team: 'shop' }, true],
  ['another value of it', { team: 'search' }, false],
  ['a value that it may choose', { disk: 'nvme' }, true],
  ['a value that it may not', { disk: 'hdd' }, false],
  ['any value', { spot: 'true' }, true],
  ['a label that it lacks', { gpu: 'a100' }, false],
  ['what every machine has', { 'kubernetes.io/arch': 'arm64', 'topology.kubernetes.io/zone': 'eu-1a' }, true],
  ['what every machine of EKS Auto Mode has', { 'eks.amazonaws.com/instance-category': 'c' }, true],
  ['the zone as the driver of EBS writes it', { 'topology.ebs.csi.aws.com/zone': 'eu-1a' }, true],
  ['a label of somebody else', { 'example.eks.amazonaws.com.org/pool': 'c' }, false],
  ['one node', { 'kubernetes.io/hostname': 'ip-10-0-0-1' }, false],
])('asked for %s', (_case, nodeSelector, expected) => {
  expect(poolMayFit(nodeDemands({ nodeSelector }), pool)).toBe(expected);
});
