import { list } from '../../kubernetes/fields.ts';
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
  const words = [...list(container.command), ...list(container.args)];
  const first = baseName(words[0]);
  if (shells.has(first)) return !words.slice(1).some(startsServer);
  return list(container.command).length > 0 ? !isServer(words[0]) : clients.test(first);
}

/** Whether a line of a script is the server; in a line such as `pg_dump postgres` the word is something else. */
function startsServer(script: unknown): boolean {
  if (typeof script !== 'string') return false;
  return script.split(/[;&|\n]+/).some((line) => isServer(line.split(/\s+/).find(isCommand)));
}

function isServer(word: unknown): boolean {
  return servers.test(baseName(word)) || vendorScripts.test(String(word));
}

function isCommand(word: string): boolean {
  return word !== '' && word !== 'exec' && !word.includes('=');
}

const servers =
  /^(postgres|mysqld|mariadbd|mongod|redis-server|cassandra|etcd|rabbitmq-server|clickhouse-server|cockroach|minio|vault|influxd|neo4j|nats-server|kafka-server-start\.sh|.*entrypoint\.sh)$/;
const vendorScripts = /^\/(opt\/bitnami\/scripts\/[\w-]+\/run\.sh|etc\/confluent\/docker\/run)$/;
const clients =
  /^(psql|pg_\w+|mysql|mysqldump|mysqladmin|mariadb|mariadb-dump|mongosh?|mongodump|mongorestore|redis-cli|etcdctl|sleep|tail)$/;
const shells: ReadonlySet<string> = new Set(['sh', 'bash', 'ash', 'dash']);

/** What is started, without its folder. */
function baseName(word: unknown): string {
  return typeof word === 'string' ? word.slice(word.lastIndexOf('/') + 1) : '';
}
