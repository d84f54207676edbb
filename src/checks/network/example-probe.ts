import type { ContainerPort } from '../../kubernetes/container-ports.ts';
import { type Fields } from '../../kubernetes/fields.ts';
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
  return `readinessProbe:\n  ${handlerFor(port ?? { name: undefined, number: 8080, protocol: 'TCP' })}\n  periodSeconds: 5`;
}

function handlerFor({ name, number, protocol }: ContainerPort): string {
  const command = ownCommands.get(number) ?? (protocol === 'TCP' ? undefined : ['/bin/check-ready']);
  if (command !== undefined) return handler('exec', { command });
  if (name?.includes('grpc')) return handler('grpc', { port: number });
  return handler('httpGet', { path: '/ready', port: number });
}

function handler(type: string, value: Fields): string {
  return `${type}: ${flowYaml(value)}`;
}
