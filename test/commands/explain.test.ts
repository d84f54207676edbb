import { describe, expect, test } from 'vitest';
import { checks } from '../../src/checks/index.ts';
import { runExplain } from '../../src/commands/explain.ts';
import { OperatorError } from '../../src/errors.ts';

function explain(check: string, output: 'text' | 'json' = 'text'): string {
  let stdout = '';
  const stream = (text: string): void => void (stdout += text);
  runExplain({ check, output }, { stdout: stream, stderr: stream, stdin: async () => Buffer.alloc(0), color: false });
  return stdout;
}

describe('daytwo explain', () => {
  test('says why, what is prevented and how to fix it, with an example before and after', () => {
    const text = explain('compute/memory-limit');
    for (const section of ['Why', 'Prevents', 'How to fix it', 'Judges', 'Before', 'What is said', 'After'])
      expect(text).toContain(`\n${section}\n`);
    expect(text).toContain('has no memory limit');
  });

  test('finds a check by its name alone', () => {
    expect(explain('memory-limit')).toBe(explain('compute/memory-limit'));
  });

  test.each(checks.map(({ id }) => id))('%s has an example that fails', (id) => {
    expect(JSON.parse(explain(id, 'json'))).toMatchObject({ id, example: { says: expect.stringContaining(id) } });
  });

  test('no two checks share a name', () => {
    expect(new Set(checks.map(({ id }) => id.split('/')[1])).size).toBe(checks.length);
  });

  test('suggests the nearest name for a typo', () => {
    expect(() => explain('compute/memory-limt')).toThrow('Did you mean compute/memory-limit?');
    expect(() => explain('pdb-requird')).toThrow('Did you mean pdb-required?');
    expect(() => explain('nonsense')).toThrow(OperatorError);
  });
});
