import type { ClusterView } from '../../kubernetes/cluster-view.ts';
import { at, list, text } from '../../kubernetes/fields.ts';
import type { GroupKind, KubernetesObject } from '../../kubernetes/object.ts';
import { defineCheck, type Finding } from '../check.ts';

const installationKind: GroupKind = 'operator.tigera.io/Installation';
const felixKind: GroupKind = 'crd.projectcalico.org/FelixConfiguration';

/** Bytes that each way of wrapping a packet takes. Source: Calico's documentation of MTU. */
const overheads = { VXLAN: 50, IPIP: 20, WireGuard: 60 } as const;
/** What nearly every network carries. Whether it carries more is in no API. */
const usual = 1500;

export const mtuConsistency = defineCheck<object>({
  id: 'network/mtu-consistency',
  title: 'Packets fit through the network of the pods',
  why: 'large answers are lost on the way while small ones arrive, which looks like an application that hangs now and then',
  prevents: [
    '504 Gateway Timeout for large responses only',
    'TLS handshakes that hang after the first packets, between nodes alone',
  ],
  remedy:
    'Let Calico find the MTU by itself (leave mtu out), or set what the network of the nodes carries less the overhead of the encapsulation. ' +
    'What the network carries is in no API: with jumbo frames a larger MTU is right. Of other network plugins nothing is read, since they keep it in ConfigMaps.',
  severity: 'medium',
  kinds: [installationKind, felixKind],
  sources: ['live'],
  reads: { [installationKind]: 'none' },
  params: { schema: { type: 'object', properties: {}, required: [], additionalProperties: false }, defaults: {} },
  *evaluate({ object, groupKind }, _params, view) {
    if (groupKind === installationKind) yield* judgeInstallation(object);
    else yield* judgeFelix(object, view);
  },
});

function* judgeInstallation(object: KubernetesObject): Iterable<Finding> {
  const network = at(object, 'spec', 'calicoNetwork');
  const mtu = at(network, 'mtu');
  if (typeof mtu !== 'number' || mtu === 0) return;
  for (const pool of list(at(network, 'ipPools'))) {
    const wrapping = (text(at(pool, 'encapsulation')) ?? '').replace(/CrossSubnet$/, '');
    const overhead = overheads[wrapping as keyof typeof overheads];
    if (overhead === undefined || mtu + overhead <= usual || mtu > usual) continue;
    yield describe('/spec/calicoNetwork/mtu', mtu, wrapping, overhead);
    return;
  }
}

function* judgeFelix(object: KubernetesObject, view: ClusterView): Iterable<Finding> {
  for (const [field, wrapping] of [
    ['vxlanMTU', 'VXLAN'],
    ['ipipMTU', 'IPIP'],
    ['wireguardMTU', 'WireGuard'],
  ] as const) {
    const mtu = at(object, 'spec', field);
    if (typeof mtu !== 'number' || mtu === 0) continue;
    const path = `/spec/${field}`;
    if (mtu + overheads[wrapping] > usual && mtu <= usual) yield describe(path, mtu, wrapping, overheads[wrapping]);
    for (const installation of view.list(installationKind)) {
      const installed = at(installation, 'spec', 'calicoNetwork', 'mtu');
      if (typeof installed !== 'number' || installed === 0 || installed === mtu) continue;
      yield {
        identity: `${field}/installation`,
        path,
        message: `${field} is ${mtu}, and the Installation "${installation.metadata.name}" says ${installed}`,
        fix: 'Leave one of the two out; the operator writes the other',
        atMost: 'Audit',
      };
    }
  }
}

function describe(path: string, mtu: number, wrapping: string, overhead: number): Finding {
  return {
    identity: path.slice(path.lastIndexOf('/') + 1),
    path,
    message: `an MTU of ${mtu} leaves no room for ${wrapping} (${overhead} bytes) in packets of ${usual}`,
    fix: `Leave it out, so that Calico finds it, or set at most ${usual - overhead} where the nodes have no jumbo frames`,
    atMost: 'Audit',
  };
}
