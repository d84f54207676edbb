import { describe, expect, test } from 'vitest';
import { type Import, readSourceFiles } from './source-files.ts';

/** Who may import whom: imports go down only, and rooms of one level never meet but in `commands`. */
interface Room {
  readonly rooms: readonly string[];
  readonly packages: readonly string[];
  /** Packages of which it may use the types, and nothing that exists at run time. */
  readonly typesOf?: readonly string[];
  /** Modules of Node; all where absent. */
  readonly node?: readonly string[];
}

const judging = ['engine', 'policy', 'checks', 'kubernetes', 'errors.ts'];

/** Pure: the same answer for the same arguments, so no file, no network, no clock, no log. */
const pure: readonly string[] = [];

const table: Readonly<Record<string, Room>> = {
  'main.ts': { rooms: ['commands', 'errors.ts'], packages: ['commander'] },
  commands: {
    rooms: ['webhook', 'audit', 'diagnose', 'reconcile', 'cluster', 'certs', ...judging],
    packages: ['commander', 'pino'],
  },
  webhook: { rooms: judging, packages: ['fastify', 'prom-client'] },
  audit: { rooms: judging, packages: ['js-yaml'] },
  reconcile: { rooms: judging, packages: ['prom-client'] },
  cluster: { rooms: ['kubernetes', 'errors.ts'], packages: ['@kubernetes/client-node', 'undici'] },
  certs: { rooms: ['errors.ts'], packages: ['node-forge'] },
  diagnose: { rooms: ['checks', 'kubernetes'], packages: [], node: pure },
  engine: { rooms: ['policy', 'checks', 'kubernetes'], packages: [], node: pure },
  policy: { rooms: ['checks', 'kubernetes', 'errors.ts'], packages: ['ajv'], node: pure },
  checks: {
    rooms: ['kubernetes', 'errors.ts'],
    packages: [],
    typesOf: ['@kubernetes/client-node', 'ajv'],
    // They only compute: a Helm release is gzipped, a secret is told apart by its hash.
    node: ['node:crypto', 'node:zlib'],
  },
  kubernetes: { rooms: [], packages: [], typesOf: ['@kubernetes/client-node'], node: pure },
  'errors.ts': { rooms: [], packages: [], node: pure },
};

const sourceFiles = readSourceFiles();

test('there are source files to look at', () => {
  expect(sourceFiles.length).toBeGreaterThan(20);
});

describe.each(sourceFiles.map((file) => [file.path, file] as const))('%s', (_path, { room, imports, text }) => {
  test('stands in a room of the house', () => {
    expect(Object.keys(table)).toContain(room);
  });

  test('imports only what its room may', () => {
    expect(imports.filter((one) => !mayImport(room, one)).map(({ specifier }) => specifier)).toEqual([]);
  });

  test.runIf(table[room]?.node)('reads no clock, no chance and no environment, and writes no log', () => {
    expect(text.match(impure)?.[0]).toBeUndefined();
  });
});

const impure =
  /Date\.now|new Date\(\)|performance\.now|Math\.random|\bconsole\.|\bfetch\(|\bset(Timeout|Interval)\(|\bprocess\.(?!getBuiltinModule\()/;

function mayImport(from: string, { specifier, typeOnly, room }: Import): boolean {
  const allowed = table[from];
  if (allowed === undefined) return false;
  // Generated data (JSON) belongs to the room that reads it.
  if (room === from && specifier.endsWith('.json')) return true;
  if (room !== undefined) return (room === from || allowed.rooms.includes(room)) && specifier.endsWith('.ts');
  if (specifier.startsWith('node:')) return allowed.node === undefined || allowed.node.includes(specifier);
  return allowed.packages.includes(specifier) || (typeOnly && (allowed.typesOf?.includes(specifier) ?? false));
}
