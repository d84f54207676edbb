import { at, text } from '../../kubernetes/fields.ts';
import { labelOf } from '../../kubernetes/object.ts';
import { defineCheck } from '../check.ts';

/** Beginnings of `providerID` of clouds whose machines stand in zones. */
const clouds = /^(aws|azure|gce|openstack|alicloud|ibm|oci|digitalocean|vsphere):/;

export const nodeZoneLabels = defineCheck<object>({
  id: 'platform/node-zone-labels',
  title: 'Nodes of a cloud tell their zone',
  why: 'pods are spread, and volumes placed, by that label, and on such a node both go wrong in silence',
  prevents: [
    'all replicas of a service in one zone, although its topologySpreadConstraints say otherwise',
    "node(s) didn't match PersistentVolume's node affinity",
  ],
  remedy:
    'Run the cloud controller manager, which labels nodes when they come; a node that was registered without it is labelled by hand or replaced.',
  severity: 'high',
  kinds: ['core/Node'],
  // Nobody writes Nodes into files, and the kubelet registers them before anybody has labelled them.
  sources: ['live'],
  reads: {},
  params: { schema: { type: 'object', properties: {}, required: [], additionalProperties: false }, defaults: {} },
  *evaluate({ object }) {
    const provider = text(at(object, 'spec', 'providerID')) ?? '';
    if (!clouds.test(provider) || labelOf(object, 'topology.kubernetes.io/zone')) return;
    const name = object.metadata.name ?? '';
    yield {
      identity: 'zone',
      path: '/metadata/labels/topology.kubernetes.io~1zone',
      message: `node ${name} (${provider.split(':', 1)[0]}) has no label topology.kubernetes.io/zone`.slice(0, 120),
      fix: `Label it with the zone of its machine, and see why the cloud controller manager did not:\nkubectl label node ${name} topology.kubernetes.io/zone=<zone>`,
    };
  },
});
