import { at, fields, list } from '../../kubernetes/fields.ts';
import { isInternal, isRestricted, reachesPods } from '../../kubernetes/load-balancer.ts';
import { enumerate } from '../../kubernetes/named-objects.ts';
import { controllerOf, type KubernetesObject } from '../../kubernetes/object.ts';
import { readService, type Service, serviceKind } from '../../kubernetes/service.ts';
import { defineCheck, type Finding } from '../check.ts';
import { fitsPattern } from '../name-pattern.ts';
import { behindLoadBalancer, isBehindLoadBalancer } from './behind-load-balancer.ts';

interface Params {
  /** Namespaces of ingress controllers, whose business it is to be reachable; `*` stands for anything. */
  ingressNamespaces: string[];
}

export const serviceExposure = defineCheck<Params>({
  id: 'network/service-exposure',
  title: 'Services are reachable only where they must be',
  why: 'whoever can reach a node can reach the application, past every load balancer, certificate and rule in front of it',
  prevents: [
    'an application that answers on every node of the cluster, from the internet where nodes have public addresses',
    'traffic of other pods that ends in a Service which claims the address they ask for (CVE-2020-8554)',
  ],
  remedy:
    'Keep Services at ClusterIP behind an Ingress or a Gateway; where a load balancer is needed, name the addresses that may ' +
    `come in loadBalancerSourceRanges, or make it internal. A NodePort behind a load balancer of one's own sets ` +
    `externalTrafficPolicy: Local and carries the label ${behindLoadBalancer}.`,
  severity: 'medium',
  kinds: [serviceKind],
  reads: {},
  allowAnnotation: 'daytwo.dev/allow-exposure',
  params: {
    schema: {
      type: 'object',
      properties: { ingressNamespaces: { type: 'array', items: { type: 'string' } } },
      required: [],
      additionalProperties: false,
    },
    defaults: {
      ingressNamespaces: [
        'ingress',
        'ingress-*',
        '*-ingress',
        'traefik',
        'kong',
        'haproxy-controller',
        'projectcontour',
      ],
    },
  },
  *evaluate({ object, namespace = '' }, { ingressNamespaces }) {
    const { externalIPs } = fields(object['spec']);
    const service = readService(object);
    // What an operator makes has no author at hand.
    const ceiling = controllerOf(object) === undefined ? {} : ({ atMost: 'Audit' } as const);
    const isIngress = ingressNamespaces.some((pattern) => fitsPattern(namespace, pattern));
    if (service.type === 'NodePort' && !isIngress && !isBehindLoadBalancer(object))
      yield { ...describeNodePort(service), ...ceiling };
    if (list(externalIPs).length > 0) yield { ...describeExternalIps(list(externalIPs)), ...ceiling };
    if (service.type !== 'LoadBalancer') return;
    if (!isInternal(object) && !isRestricted(object) && !isIngress) yield openLoadBalancer;
    if (reachesPods(object) && at(object, 'spec', 'allocateLoadBalancerNodePorts') !== false) yield idleNodePorts;
  },
});

function describeNodePort({ object }: Service): Finding {
  const numbers = list(at(object, 'spec', 'ports'))
    .map((port) => at(port, 'nodePort'))
    .filter((number) => typeof number === 'number' && number > 0);
  const which = numbers.length === 0 ? 'a port' : `port ${numbers.join(', ').slice(0, 40)}`;
  return {
    identity: 'node-port',
    path: '/spec/type',
    message: `type: NodePort opens ${which} on every node`,
    fix: `Keep the Service inside${without(object)} and put an Ingress or a Gateway in front of it:\ntype: ClusterIP`,
  };
}

/** The API server refuses a ClusterIP with the fields of a NodePort. */
function without({ spec }: KubernetesObject): string {
  const written = [
    ...(list(at(spec, 'ports')).some((port) => at(port, 'nodePort') !== undefined) ? ['nodePort'] : []),
    ...(at(spec, 'externalTrafficPolicy') === undefined ? [] : ['externalTrafficPolicy']),
  ];
  return written.length === 0 ? '' : `, without ${enumerate(written)},`;
}

function describeExternalIps(addresses: readonly unknown[]): Finding {
  return {
    identity: 'external-ips',
    path: '/spec/externalIPs',
    message: `externalIPs claims ${addresses.map(String).join(', ').slice(0, 60)}`,
    why: 'pods of the whole cluster that talk to this address reach this Service instead, and the field is deprecated',
    fix: 'Remove externalIPs; let a load balancer controller give out the address:\ntype: LoadBalancer',
  };
}

const openLoadBalancer: Finding = {
  identity: 'load-balancer',
  path: '/spec/loadBalancerSourceRanges',
  message: 'type: LoadBalancer lets every address in',
  why: 'where the load balancer has a public address, the whole internet may ask',
  fix: 'Name the addresses that may come, or make the load balancer internal:\nloadBalancerSourceRanges: [10.0.0.0/8]',
  atMost: 'Audit',
};

const idleNodePorts: Finding = {
  identity: 'node-ports',
  path: '/spec/allocateLoadBalancerNodePorts',
  message: 'its load balancer sends to pods, and each port is open on every node all the same',
  why: 'node ports that nobody needs are one more way in',
  fix: 'Leave the node ports out:\nallocateLoadBalancerNodePorts: false',
  atMost: 'Audit',
  severity: 'info',
};
