import { describe, expect, test } from 'vitest';
import { baselinePolicies } from '../../src/kubernetes/baseline-policies.ts';
import { dnsRule, dnsServers } from '../../src/kubernetes/dns-egress-rules.ts';
import type { KubernetesObject } from '../../src/kubernetes/object.ts';
import { ObjectIndex } from '../../src/kubernetes/object-index.ts';
import { policiesFor } from '../../src/reconcile/companions.ts';

const named = (apiVersion: string, kind: string, name: string, spec: object = {}): KubernetesObject => ({
  apiVersion,
  kind,
  metadata: { name, ...(kind !== 'Namespace' && { namespace: 'kube-system' }) },
  spec,
});
const cache = named('apps/v1', 'DaemonSet', 'node-local-dns');
const dns = (clusterIP: string): KubernetesObject => named('v1', 'Service', 'kube-dns', { clusterIP });

/** The places that the rule names, and its port. */
function placesIn(...objects: readonly KubernetesObject[]): string {
  const { to, ports } = dnsRule(dnsServers(viewOf(objects)));
  const places = JSON.stringify(to).matchAll(/metadata\.name":"([^"]+)|cidr":"([^"]+)/g);
  const shown = [...places].map(([, namespace, cidr]) => namespace ?? cidr);
  return `${shown.join(' ')} ${/"port":(\d+)/.exec(JSON.stringify(ports))?.[1] ?? ''}`;
}

function viewOf(objects: readonly KubernetesObject[]): ObjectIndex {
  const view = new ObjectIndex('all');
  for (const object of objects) view.put(object);
  return view;
}

describe('the rule that lets DNS out', () => {
  test.each([
    ['where nothing is known', [], 'kube-system 169.254.20.10/32 53'],
    ['of OpenShift', [named('v1', 'Namespace', 'openshift-dns')], 'openshift-dns 5353'],
    ['of GKE', [cache, dns('34.118.224.10')], 'kube-system 169.254.20.10/32 34.118.224.10/32 53'],
    ['of IPv6', [cache, dns('fd00:10:96::a')], 'kube-system 169.254.20.10/32 fd00:10:96::a/128 53'],
    ['of Kubespray', [named('apps/v1', 'DaemonSet', 'nodelocaldns')], 'kube-system 169.254.25.10/32 53'],
  ])('%s', (_name, objects, expected) => {
    expect(placesIn(...objects)).toBe(expected);
  });

  test('is pasted and generated alike', () => {
    const view = viewOf([named('v1', 'Namespace', 'openshift-dns')]);
    expect(JSON.stringify(policiesFor('shop', view))).toContain('"port":5353');
    expect(baselinePolicies('shop', ['egress'], dnsRule(dnsServers(view)))).toContain('port: 5353');
  });
});
