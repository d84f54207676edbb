import { expect, test } from 'vitest';
import { readSourceFiles } from './source-files.ts';

/** A literal as the formatter leaves it: after an operator, a bracket or a space, or at the start of a line. */
const literal =
  /(?<=^\s*|[(,=:!&|?[]\s?)\/((?![*/])(?:\\.|\[(?:\\.|[^\]\\])*\]|[^/\\[\n])+)\/([dgimsuvy]*)(?=[\s,;.)\]])/gm;

const expressions = readSourceFiles().flatMap(({ path, text }) =>
  [...text.replaceAll(/^\s*(\/\/|\/?\*).*$/gm, '').matchAll(literal)].map(
    ([, source = '', flags = '']) => [`${path} ${source}`, new RegExp(source, flags)] as const,
  ),
);

test('finds the regular expressions', () => {
  expect(expressions.length).toBeGreaterThan(150);
});

/** What users write is matched within an admission, which lasts as long as the slowest expression: a search that grows faster than its text would stop everybody's. */
test.each(expressions)('%s takes hostile text in its stride', (_name, expression) => {
  const words = expression.source.match(/[A-Za-z_/.:-]{2,}/g) ?? [];
  for (const unit of ['a', 'A', '1', '0', '/', '.', '-', '_', '=', ' ', '\n', '"', '\\', 'a.', 'a-', '1m', ...words]) {
    // An exponential one is found out before it holds up the test, a quadratic one takes half a second.
    for (const length of [24, 20_000]) expect(timeOf(expression, unit.repeat(length / unit.length))).toBeLessThan(150);
  }
});

/** In milliseconds; the best of three, as other work runs beside the tests. */
function timeOf(expression: RegExp, repeated: string): number {
  let best = Number.POSITIVE_INFINITY;
  for (let attempt = 0; attempt < 3 && best > 20; attempt++) {
    const start = performance.now();
    `${repeated}\0`.replace(expression, '');
    best = Math.min(best, performance.now() - start);
  }
  return best;
}
