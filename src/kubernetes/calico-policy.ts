import { matchesCalicoSelector } from './calico-selector.ts';
import { at, type Fields, fields, list, text } from './fields.ts';
import type { Direction, Effect, IsolationPolicy, NamespaceLabels } from './network-isolation.ts';
import { isAnyAddress } from './network-policy.ts';
import type { KubernetesObject } from './object.ts';

/** Calico's own NetworkPolicy in its namespace, or a GlobalNetworkPolicy as it touches this one. Source: projectcalico.org/v3. */
export function readCalicoPolicy(
  policy: KubernetesObject,
  { name, labels: ofNamespace }: NamespaceLabels,
): IsolationPolicy {
  const spec = fields(policy['spec']);
  const expression = text(spec['selector']) ?? '';
  const here = { 'projectcalico.org/namespace': name, 'projectcalico.org/orchestrator': 'k8s' };
  const place = { ...ofNamespace, 'projectcalico.org/name': name };
  const reaches =
    matchesCalicoSelector(text(spec['namespaceSelector']) ?? '', place, true) === 'yes' && !isForHosts(spec);
  return {
    name: `${policy.kind} ${policy.metadata.name ?? ''}`,
    rank: 'policy',
    ingress: effectOf(spec, 'ingress'),
    egress: effectOf(spec, 'egress'),
    order: typeof spec['order'] === 'number' ? spec['order'] : Number.POSITIVE_INFINITY,
    // Among tiers their own order would have to be known.
    denies: (direction) =>
      (spec['tier'] ?? 'default') === 'default' && decisiveRule(spec, direction)?.['action'] === 'Deny',
    selects: (labels) => {
      if (!reaches) return 'no';
      const match = matchesCalicoSelector(expression, { ...labels, ...here }, labels !== undefined);
      return labels === undefined && match === 'maybe' ? 'no' : match;
    },
  };
}

/** Such policies act on the packets of host interfaces, before there is a pod to speak of. */
function isForHosts(spec: Fields): boolean {
  return spec['doNotTrack'] === true || spec['preDNAT'] === true;
}

/** Rules are asked in order, and what none of them decides is denied at the end. */
function effectOf(spec: Fields, direction: Direction): Effect {
  if (!typesOf(spec).includes(direction === 'ingress' ? 'Ingress' : 'Egress')) return 'none';
  const action = decisiveRule(spec, direction)?.['action'];
  if (action === 'Allow') return 'opens';
  return action === 'Pass' ? 'none' : 'isolates';
}

function decisiveRule(spec: Fields, direction: Direction): Fields | undefined {
  return list(spec[direction])
    .map(fields)
    .find((rule) => rule['action'] !== 'Log' && coversAll(rule));
}

function typesOf(spec: Fields): readonly unknown[] {
  const types = list(spec['types']);
  if (types.length > 0) return types;
  const [ingress, egress] = [list(spec['ingress']).length > 0, list(spec['egress']).length > 0];
  return [...(ingress || !egress ? ['Ingress'] : []), ...(egress ? ['Egress'] : [])];
}

const narrowing = ['protocol', 'notProtocol', 'ipVersion', 'icmp', 'notICMP', 'http'] as const;

function coversAll(rule: Fields): boolean {
  return (
    narrowing.every((field) => rule[field] === undefined) && isAnyone(rule['source']) && isAnyone(rule['destination'])
  );
}

function isAnyone(entity: unknown): boolean {
  const { nets, ...rest } = fields(entity);
  return (
    Object.keys(rest).length === 0 &&
    (nets === undefined || list(nets).some(isAnyAddress)) &&
    at(entity, 'notNets') === undefined
  );
}
