import { at, text } from '../../kubernetes/fields.ts';
import { labelOf } from '../../kubernetes/object.ts';
import { some } from '../../kubernetes/some.ts';
import { defineCheck } from '../check.ts';

/** Beginnings of `providerID` of clouds whose machines stand in zones. Alibaba and Oracle write some of theirs without a scheme. */
const clouds = /^(?:(aws|azure|gce|openstack|alicloud|ibm|oci):|(ocid1)\.|([a-z]{2}-[a-z0-9-]{1,30})\.i-)/;
/** Where zones are a choice: vSphere has those that somebody defined, and Hetzner's controller can be told to set none. */
const perhaps = /^(vsphere|hcloud):/;
const zone = 'topology.kubernetes.io/zone';

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
  reads: { 'core/Node': 'none' },
  params: { schema: { type: 'object', properties: {}, required: [], additionalProperties: false }, defaults: {} },
  *evaluate({ object }, _params, view) {
    const provider = text(at(object, 'spec', 'providerID')) ?? '';
    const cloud = cloudOf(provider);
    if (cloud === undefined || labelOf(object, zone)) return;
    if (perhaps.test(provider) && !some(view.list('core/Node'), (node) => Boolean(labelOf(node, zone)))) return;
    const name = object.metadata.name ?? '';
    yield {
      identity: 'zone',
      path: '/metadata/labels/topology.kubernetes.io~1zone',
      message: `node ${name} (${cloud}) has no label ${zone}`.slice(0, 120),
      fix: `Label it with the zone of its machine, and see why the cloud controller manager did not:\nkubectl label node ${name} ${zone}=<zone>`,
    };
  },
});

/** The name of the cloud, where its machines stand in zones, or may. */
function cloudOf(provider: string): string | undefined {
  const [, scheme, oracle, region] = clouds.exec(provider) ?? perhaps.exec(provider) ?? [];
  if (oracle !== undefined) return 'oci';
  return region === undefined ? scheme : 'alicloud';
}
