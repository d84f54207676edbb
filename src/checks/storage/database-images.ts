import { parseImageReference } from '../../kubernetes/image-reference.ts';
import type { PodContainer, PodTemplate } from '../../kubernetes/pod-template.ts';

/** Images of servers that keep data, by the last part of their name. Exporters and consoles have names of their own. */
export const databaseImages: readonly string[] = [
  'postgres',
  'postgresql',
  'mysql',
  'mysql-server',
  'mariadb',
  'mongo',
  'mongodb',
  'redis',
  'cassandra',
  'elasticsearch',
  'opensearch',
  'kafka',
  'cp-kafka',
  'zookeeper',
  'cp-zookeeper',
  'etcd',
  'rabbitmq',
  'clickhouse',
  'clickhouse-server',
  'cockroach',
  'minio',
  'vault',
  'influxdb',
  'neo4j',
  'nats',
];

/** They have good uses without a volume: as a cache, with storage elsewhere, as a bus. */
const oftenWithoutVolume: ReadonlySet<string> = new Set(['redis', 'vault', 'nats']);

/** A main container that runs a database server. */
export interface DatabaseContainer {
  readonly one: PodContainer;
  /** The name that it was known by. */
  readonly image: string;
  /** Without a volume it may well be meant as it is. */
  readonly mayLackVolume: boolean;
}

/** @param images names of images, without registry and tag */
export function databaseContainer(
  { containers }: PodTemplate,
  images: readonly string[],
): DatabaseContainer | undefined {
  for (const one of containers) {
    if (one.class !== 'main') continue;
    const { image: reference } = one.container;
    if (typeof reference !== 'string') continue;
    const { repository } = parseImageReference(reference);
    const image = repository.slice(repository.lastIndexOf('/') + 1);
    if (images.includes(image) && !runsClient(one)) return { one, image, mayLackVolume: oftenWithoutVolume.has(image) };
  }
  return undefined;
}

/** The image of a server often serves for its client too: dumps, migrations, a shell to look around. */
function runsClient({ container }: PodContainer): boolean {
  const command = firstWord(container.command);
  if (command !== undefined) return !servers.test(command);
  const argument = firstWord(container.args);
  return argument !== undefined && clients.test(argument);
}

const servers =
  /^(postgres|mysqld|mariadbd|mongod|redis-server|cassandra|etcd|rabbitmq-server|clickhouse-server|cockroach|minio|vault|influxd|neo4j|nats-server|kafka-server-start\.sh|.*entrypoint\.sh)$/;
const clients =
  /^(psql|pg_\w+|mysql|mysqldump|mysqladmin|mariadb|mariadb-dump|mongosh?|mongodump|mongorestore|redis-cli|etcdctl|bash|sh|sleep|tail)$/;

/** What is started, without its folder. */
function firstWord(words: unknown): string | undefined {
  const first: unknown = Array.isArray(words) ? words[0] : undefined;
  return typeof first === 'string' ? first.slice(first.lastIndexOf('/') + 1) : undefined;
}
