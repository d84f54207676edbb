import { own } from './fields.ts';
import type { Match } from './label-selector.ts';

/**
 * Whether a Calico selector such as `app == 'web' && has(tier)` selects these labels; an empty one selects everything, an
 * invalid one nothing. Where more labels may exist than are given (`complete: false`), a missing one gives `maybe`.
 * Source: libcalico-go lib/selector.
 */
export function matchesCalicoSelector(expression: string, labels: object, complete: boolean): Match {
  if (expression.trim() === '') return 'yes';
  try {
    const tokens = tokenize(expression);
    const match = readOr({ tokens, labels, complete });
    return tokens.length === 0 ? match : 'no';
  } catch {
    return 'no';
  }
}

/** Tokens are taken from the front as they are read. */
interface Reader {
  readonly tokens: string[];
  readonly labels: object;
  readonly complete: boolean;
}

function tokenize(expression: string): string[] {
  const token = /\s*(&&|\|\||==|!=|[!(){},]|"[^"]*"|'[^']*'|[\w./-]+)\s*/y;
  const tokens: string[] = [];
  while (token.lastIndex < expression.length) {
    const found = token.exec(expression);
    if (found === null) throw new SyntaxError('not a selector');
    tokens.push(found[1] as string);
  }
  return tokens;
}

function readOr(reader: Reader): Match {
  let match = readAnd(reader);
  while (take(reader, '||')) match = either(match, readAnd(reader));
  return match;
}

function readAnd(reader: Reader): Match {
  let match = readNot(reader);
  while (take(reader, '&&')) match = not(either(not(match), not(readNot(reader))));
  return match;
}

function readNot(reader: Reader): Match {
  return take(reader, '!') ? not(readNot(reader)) : readTerm(reader);
}

function readTerm(reader: Reader): Match {
  if (take(reader, '(')) {
    const match = readOr(reader);
    expect(reader, ')');
    return match;
  }
  const word = next(reader);
  if (!take(reader, '(')) return readComparison(reader, word);
  const key = word === 'has' ? next(reader) : undefined;
  expect(reader, ')');
  if (key !== undefined) return compare(reader, key, (value) => value !== undefined);
  // global() is for what has no namespace, which is never a pod.
  return word === 'all' ? 'yes' : 'no';
}

function readComparison(reader: Reader, key: string): Match {
  const operator = next(reader);
  if (operator === '==') return compareText(reader, key, (value, text) => value === text);
  if (operator === '!=') return not(compareText(reader, key, (value, text) => value === text));
  if (operator === 'contains') return compareText(reader, key, (value, text) => value.includes(text));
  if (operator === 'starts')
    return expect(reader, 'with'), compareText(reader, key, (value, text) => value.startsWith(text));
  if (operator === 'ends')
    return expect(reader, 'with'), compareText(reader, key, (value, text) => value.endsWith(text));
  if (operator === 'in') return compareSet(reader, key);
  if (operator === 'not') return expect(reader, 'in'), not(compareSet(reader, key));
  throw new SyntaxError('not an operator');
}

function compareText(reader: Reader, key: string, holds: (value: string, text: string) => boolean): Match {
  const text = unquote(next(reader));
  return compare(reader, key, (value) => value !== undefined && holds(value, text));
}

function compareSet(reader: Reader, key: string): Match {
  const values: string[] = [];
  expect(reader, '{');
  while (!take(reader, '}')) {
    values.push(unquote(next(reader)));
    take(reader, ',');
  }
  return compare(reader, key, (value) => value !== undefined && values.includes(value));
}

function compare({ labels, complete }: Reader, key: string, holds: (value: string | undefined) => boolean): Match {
  const value = own(labels, key);
  if (value === undefined && !complete) return 'maybe';
  return holds(typeof value === 'string' ? value : undefined) ? 'yes' : 'no';
}

function either(a: Match, b: Match): Match {
  if (a === 'yes' || b === 'yes') return 'yes';
  return a === 'maybe' || b === 'maybe' ? 'maybe' : 'no';
}

function not(match: Match): Match {
  if (match === 'maybe') return match;
  return match === 'yes' ? 'no' : 'yes';
}

function next({ tokens }: Reader): string {
  const token = tokens.shift();
  if (token === undefined) throw new SyntaxError('the selector ends too early');
  return token;
}

function take({ tokens }: Reader, token: string): boolean {
  if (tokens[0] !== token) return false;
  tokens.shift();
  return true;
}

function expect(reader: Reader, token: string): void {
  if (!take(reader, token)) throw new SyntaxError(`no ${token}`);
}

function unquote(token: string): string {
  if (!/^["']/.test(token)) throw new SyntaxError('not a string');
  return token.slice(1, -1);
}
