import { flowYaml } from '../../kubernetes/flow-yaml.ts';
import { pointerTo } from '../../kubernetes/json-pointer.ts';
import { type PodContainer, type PodTemplate, runsBeside } from '../../kubernetes/pod-template.ts';
import { type Probe, probedContainers } from '../../kubernetes/probe.ts';
import { workloadKinds } from '../../kubernetes/workload.ts';
import { defineCheck, type Finding } from '../check.ts';
import { injectedContainers, isInjected } from '../injected-containers.ts';

interface Params {
  /** Names of containers that the platform puts into Pods; `*` stands for anything. */
  injectedContainers: string[];
}

/** A probe that names its port instead of numbering it. */
interface NamedPort {
  readonly one: PodContainer;
  readonly probe: Probe;
  readonly name: string;
  readonly template: PodTemplate;
}

export const probePort = defineCheck<Params>({
  id: 'network/probe-port',
  title: 'Probes name ports that exist',
  why: 'the kubelet looks the name up among the ports of the same container, finds nothing, and the probe never succeeds',
  prevents: [
    'Liveness probe errored: … strconv.Atoi: parsing "…": invalid syntax',
    'a rollout that never becomes ready, or containers that are restarted for ever, with the application in good health',
  ],
  remedy:
    'Declare the port under that name in the container that is probed, or write its number: a number need not be declared ' +
    'at all. Names are looked up in the container itself, never in the others of its pod.',
  severity: 'high',
  kinds: workloadKinds,
  reads: {},
  params: {
    schema: {
      type: 'object',
      properties: { injectedContainers: { type: 'array', items: { type: 'string' } } },
      required: [],
      additionalProperties: false,
    },
    defaults: { injectedContainers: [...injectedContainers] },
  },
  evaluate(subject, params) {
    const found: Finding[] = [];
    if (subject.workload === undefined) return found;
    const { template } = subject.workload;
    for (const { one, probes } of probedContainers(template)) {
      const names = new Set<string>();
      for (const probe of probes) {
        const name = nameOfPort(probe);
        if (name === undefined) continue;
        const named = { one, probe, name, template };
        // All probes of a container may use the name that two containers declare, and there is one thing to mend.
        const finding = judge(named) ?? (names.has(name) ? undefined : judgeTwin(named));
        names.add(name);
        if (finding === undefined) continue;
        found.push(isInjected(one.name, subject, params.injectedContainers) ? ofInjected(finding) : finding);
      }
    }
    return found;
  },
});

/** Digits in quotes are refused by the API server, and a number to the kubelet. */
function nameOfPort({ handler }: Probe): string | undefined {
  const port = handler.type === 'httpGet' || handler.type === 'tcpSocket' ? handler.port : undefined;
  return typeof port === 'string' && port !== '' && !/^\d+$/.test(port) ? port : undefined;
}

function judge(named: NamedPort): Finding | undefined {
  const { one, probe, name } = named;
  const declared = one.ports.filter((port) => port.name === name);
  if (declared.length === 0) return { ...placeOf(named, 'missing'), ...describeMissing(named) };
  const [first] = declared;
  if (first !== undefined && declared.every(({ protocol }) => protocol !== 'TCP')) {
    return {
      ...placeOf(named, 'protocol'),
      message: `${probe.field} of container "${one.name}" uses port "${name}", which is for ${first.protocol}`,
      why: 'probes speak TCP, so it succeeds only if something else answers on the same number',
      fix: 'Name a TCP port of the container, or write the number of the port that answers probes',
      atMost: 'Warn',
      severity: 'medium',
    };
  }
  return undefined;
}

function judgeTwin(named: NamedPort): Finding | undefined {
  const { one, name, template } = named;
  const twin = template.containers.find((other) => other !== one && runsBeside(other) && declares(other, name));
  if (twin === undefined) return undefined;
  return {
    identity: `container/${one.name}/port/${name}/twice`,
    path: pathOf(named),
    message: `port name "${name}" of container "${one.name}" is declared by container "${twin.name}" too`,
    why: 'the probe asks its own container, but a Service that uses the name takes whichever container comes first',
    fix: 'Give the port of one of the two containers another name',
    atMost: 'Audit',
    severity: 'info',
  };
}

function placeOf(named: NamedPort, what: string): { readonly identity: string; readonly path: string } {
  return { identity: `container/${named.one.name}/${named.probe.field}/${what}`, path: pathOf(named) };
}

function pathOf({ one, probe }: NamedPort): string {
  return pointerTo(one.pointer, probe.field, probe.handler.type, 'port');
}

function describeMissing({ one, probe, name, template }: NamedPort): {
  readonly message: string;
  readonly fix: string;
} {
  const message = `${probe.field} of container "${one.name}" uses port "${name}", which it does not declare`;
  const elsewhere = template.containers
    .filter((other) => other !== one && runsBeside(other))
    .flatMap(({ ports }) => ports)
    .find((port) => port.name === name);
  if (elsewhere !== undefined)
    return {
      message,
      fix: `Write the number, since the name belongs to another container:\nport: ${elsewhere.number}`,
    };
  const own = one.ports.filter((port) => port.name !== undefined && port.protocol === 'TCP');
  if (own.length > 0) {
    const names = own.map((port) => `"${port.name}"`).join(' or ');
    return { message, fix: `Use a name that the container declares (${names}), or a number:\nport: ${own[0]?.name}` };
  }
  const [unnamed] = one.ports;
  const entry = flowYaml({ name, containerPort: unnamed?.number ?? 8080 });
  return { message, fix: `Declare the port in that container, or write its number:\nports:\n  - ${entry}` };
}

function declares({ ports }: PodContainer, name: string): boolean {
  return ports.some((port) => port.name === name);
}

function ofInjected(finding: Finding): Finding {
  return { ...finding, fix: 'Set the port where your platform configures this injected container', atMost: 'Audit' };
}
