import { globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { parse } from 'es-module-lexer';

/** A file below `src/`. */
export interface SourceFile {
  /** `src/engine/judge.ts` */
  readonly path: string;
  /** The folder below `src/`, or the file itself where it stands alone: `engine`, `main.ts`. */
  readonly room: string;
  readonly text: string;
  readonly imports: readonly Import[];
  readonly exports: readonly string[];
}

export interface Import {
  readonly specifier: string;
  readonly typeOnly: boolean;
  /** The room that it leads to; undefined for a package or a module of Node. */
  readonly room: string | undefined;
}

export const repository = join(import.meta.dirname, '..', '..');

export function readSourceFiles(): readonly SourceFile[] {
  return globSync('src/**/*.ts', { cwd: repository })
    .toSorted()
    .map((path) => readSourceFile(path));
}

function readSourceFile(path: string): SourceFile {
  const text = readFileSync(join(repository, path), 'utf8');
  const [imports, exports] = parse(text, path);
  return {
    path,
    room: roomOf(path),
    text,
    imports: [
      ...imports.flatMap((one) => {
        if (one.type === 'import-meta' || one.specifier === undefined) return [];
        const { specifier } = one;
        const room = specifier.startsWith('.') ? roomOf(join(dirname(path), specifier)) : undefined;
        return [{ specifier, typeOnly: one.type === 'dynamic' ? one.probablyTypeOnly : one.typeOnly, room }];
      }),
      ...builtinsIn(text),
    ],
    exports: exports.flatMap((one) => ('name' in one ? [one.name] : [])),
  };
}

/** Modules of Node that are loaded late; whatever is asked for in another way has no name, and is allowed nowhere. */
function builtinsIn(text: string): readonly Import[] {
  const asked = text.matchAll(/getBuiltinModule\((?:'(?<name>[^']+)'\))?/g);
  return [...asked].map(({ groups }) => ({
    specifier: groups?.['name'] ?? 'node:?',
    typeOnly: false,
    room: undefined,
  }));
}

function roomOf(path: string): string {
  return path.split('/')[1] ?? '';
}
