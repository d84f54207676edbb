import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';

/** docs/security.md says what is tried and how it ends; the end-to-end tests try it. Neither has a row that the other lacks. */

const page = read('docs/security.md');

describe('the table of bypass attempts', () => {
  const tried = attemptsIn(read('test/e2e/bypass.test.ts'));

  test('has every attempt, with its ending, and no other', () => {
    const attempts = page.slice(0, page.indexOf('## What peers'));
    const rows = rowsOf(attempts).filter(([what]) => what !== 'tried');
    expect(rows.map(([what, ending]) => `${what}: ${ending}`).toSorted()).toEqual(tried.toSorted());
  });

  test('has at least forty, each once', () => {
    expect(tried.length).toBeGreaterThanOrEqual(40);
    expect(new Set(tried).size).toBe(tried.length);
  });

  test('gives a reason for what gets in', () => {
    const open = page.slice(page.indexOf('## What gets in'), page.indexOf('## With'));
    for (const [, , reason] of rowsOf(open)) expect(reason?.length).toBeGreaterThan(2);
  });
});

test('every test that it names exists', () => {
  const named = rowsOf(page.slice(page.indexOf('## What peers'))).filter(([what]) => what !== 'case');
  expect(named.length).toBeGreaterThan(15);
  for (const [, , where = ''] of named) {
    for (const one of where.split('; ')) {
      const [file = '', title = ''] = one.split(': ');
      expect(read(`test/e2e/${file}`)).toContain(title);
    }
  }
});

/** `a bare Pod: refused by compute/memory-limit` */
function attemptsIn(source: string): readonly string[] {
  const endings = new Map([...source.matchAll(/^const (\w+) = '([^']*)';$/gm)].map(([, name, words]) => [name, words]));
  const calls = [...source.matchAll(/\battempt\(\s*'([^']*)',\s*(?:(\w+)|'([^']*)'),/g)];
  return calls.map(([, title, constant, words]) => `${title}: ${words ?? endings.get(constant)}`);
}

/** The cells of every row of every table, without the marks for code. */
function rowsOf(markdown: string): readonly (readonly string[])[] {
  const lines = markdown.split('\n').filter((line) => line.startsWith('| ') && !line.startsWith('| ---'));
  return lines.map((line) =>
    line
      .replaceAll('`', '')
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );
}

function read(file: string): string {
  return readFileSync(new URL(`../../${file}`, import.meta.url), 'utf8');
}
