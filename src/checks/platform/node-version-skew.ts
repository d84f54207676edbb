import { at, text } from '../../kubernetes/fields.ts';
import { isVirtualNode } from '../../kubernetes/node-agents.ts';
import { defineCheck } from '../check.ts';

/** So many minor versions a kubelet may be older than the API server. Source: the version skew policy, since 1.28. */
const oldest = 3;

export const nodeVersionSkew = defineCheck<object>({
  id: 'platform/node-version-skew',
  title: 'Kubelets are no older than the API server supports',
  why: 'nobody has tried the two together, and the next upgrade of the control plane takes them further apart',
  prevents: ['an upgrade after which Pods on the old nodes do not start, stop or report as they should'],
  remedy:
    'Upgrade or replace the nodes: a kubelet may be three minor versions older than the API server, and never newer.',
  severity: 'high',
  kinds: ['core/Node'],
  // The version stands in the status, which files do not have.
  sources: ['live'],
  reads: {},
  params: { schema: { type: 'object', properties: {}, required: [], additionalProperties: false }, defaults: {} },
  *evaluate({ object }, _params, view) {
    const written = text(at(object, 'status', 'nodeInfo', 'kubeletVersion'));
    const [, major, minor] = /^v(\d+)\.(\d+)/.exec(written ?? '') ?? [];
    if (view.version === undefined || minor === undefined || Number(major) !== view.version.major) return;
    const behind = view.version.minor - Number(minor);
    if ((behind >= 0 && behind <= oldest) || isVirtualNode(object)) return;
    const server = `${view.version.major}.${view.version.minor}`;
    const how = behind < 0 ? 'newer than' : `${behind} minor versions behind`;
    yield {
      identity: 'version',
      path: '/status/nodeInfo/kubeletVersion',
      message: `the kubelet of node ${object.metadata.name} (${written}) is ${how} the API server (${server})`.slice(
        0,
        120,
      ),
      fix:
        behind < 0
          ? 'Upgrade the control plane, or replace the node with one of its version: a kubelet cannot be taken back'
          : `Upgrade or replace the node, one minor version after the other:\nkubectl drain ${object.metadata.name} --ignore-daemonsets --delete-emptydir-data`,
    };
  },
});
