import type { ContainerPort } from '../../kubernetes/container-ports.ts';
import { flowYaml } from '../../kubernetes/flow-yaml.ts';

/** What well-known servers bring along to ask whether they can serve, by the port that they serve on. */
const ownCommands: ReadonlyMap<number, readonly string[]> = new Map([
  [3306, ['mysqladmin', 'ping', '-h', '127.0.0.1']],
  [5432, ['pg_isready', '-h', '127.0.0.1']],
  [5672, ['rabbitmq-diagnostics', '-q', 'check_running']],
  [6379, ['redis-cli', 'ping']],
  [27017, ['mongosh', '--quiet', '--eval', "db.adminCommand('ping').ok"]],
]);

/** A readinessProbe to start from, as YAML: what it must ask only its author can know, so never merely an open port. */
export function exampleProbe(port: ContainerPort | undefined): string {
  return `readinessProbe:\n  ${handlerFor(port ?? { name: undefined, number: 8080, protocol: 'TCP' })}`;
}

function handlerFor({ name, number, protocol }: ContainerPort): string {
  const command = ownCommands.get(number);
  // Starting a process takes longer than the second that is the default, and that of RabbitMQ starts an Erlang of its own.
  if (command !== undefined) return handler(`exec: ${flowYaml({ command })}`, number === 5672 ? 10 : 5);
  if (protocol !== 'TCP')
    return handler('exec: {command: [<a command in the image that ends with 0 once it can serve>]}', 5);
  if (name?.includes('grpc')) return handler(`grpc: ${flowYaml({ port: number })}`);
  const isEncrypted = name?.includes('https') === true || encryptedPorts.has(number);
  const asked = flowYaml({ path: '/ready', port: number, ...(isEncrypted && { scheme: 'HTTPS' }) });
  return handler(`httpGet: ${asked}   # a path that your application answers with 200 once it can serve`);
}

const encryptedPorts: ReadonlySet<number> = new Set([443, 8443, 9443]);

function handler(question: string, timeout?: number): string {
  const times =
    timeout === undefined ? ['periodSeconds: 5'] : [`timeoutSeconds: ${timeout}`, `periodSeconds: ${2 * timeout}`];
  return [question, ...times].join('\n  ');
}
