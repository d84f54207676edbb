import { describe, expect, test } from 'vitest';
import { readYamlDocuments } from '../../src/audit/read-yaml.ts';
import { renderMistake } from '../../src/errors.ts';

const valuesIn = (text: string): unknown[] => readYamlDocuments(text, 'a.yaml').documents.map(({ value }) => value);
const mistakesIn = (text: string): string[] => readYamlDocuments(text, 'a.yaml').mistakes.map(renderMistake);

describe('documents', () => {
  test.each([
    ['several', 'a: 1\n---\nb: 2\n', [{ a: 1 }, { b: 2 }]],
    ['a comment after the line', '--- # one\na: 1\n---\t# two\nb: 2', [{ a: 1 }, { b: 2 }]],
    ['empty ones', '---\n---\n# nothing\n---\na: 1\n---\n', [{ a: 1 }]],
    ['null', '~\n---\na: 1', [{ a: 1 }]],
    ['none', '', []],
    ['only comments', '# a\n# b\n', []],
    ['Windows line ends', 'a: 1\r\nb: |\r\n  x\r\n  y\r\n---\r\nc: 2\r\n', [{ a: 1, b: 'x\ny\n' }, { c: 2 }]],
    ['a byte order mark', '\uFEFFa: 1', [{ a: 1 }]],
    ['JSON', '{"a": [1, {"b": null}], "c": "x"}', [{ a: [1, { b: null }], c: 'x' }]],
    ['JSON indented by tabs', '{\n\t"a": [\n\t\t1\n\t]\n}', [{ a: [1] }]],
    ['dashes within a line', 'a: b---c\nb: "---"\n', [{ a: 'b---c', b: '---' }]],
    ['a separator that ends the file', 'a: 1\n---', [{ a: 1 }]],
    ['__proto__', '__proto__: {x: 1}', [JSON.parse('{"__proto__": {"x": 1}}')]],
  ])('%s', (_name, text, values) => {
    expect(valuesIn(text)).toEqual(values);
    expect(mistakesIn(text)).toEqual([]);
  });
});

describe('anchors', () => {
  test.each([
    ['an alias', 'a: &x [1]\nb: *x', { a: [1], b: [1] }],
    ['the later anchor of one name', 'a: &x 1\nb: &x 2\nc: *x', { a: 1, b: 2, c: 2 }],
    ['merge, overridden below', 'a: &x {b: 1, c: 2}\nd:\n  <<: *x\n  b: 3', { a: { b: 1, c: 2 }, d: { b: 3, c: 2 } }],
    ['merge, overriding above', 'a: &x {b: 1}\nd:\n  b: 3\n  <<: *x', { a: { b: 1 }, d: { b: 1 } }],
    [
      'of several the first',
      'x: &x {b: 1}\nz: &z {b: 2, c: 3}\nd:\n  <<: [*x, *z]',
      { x: { b: 1 }, z: { b: 2, c: 3 }, d: { b: 1, c: 3 } },
    ],
    ['a quoted << is a key', 'd: {"<<": {b: 1}}', { d: { '<<': { b: 1 } } }],
  ])('%s', (_name, text, value) => {
    expect(valuesIn(text)).toEqual([value]);
    expect(mistakesIn(text)).toEqual([]);
  });

  test.each([
    ['a: *x', 'a.yaml:1:4: no anchor &x ends before this alias'],
    ['a: &x [*x]', 'a.yaml:1:8: no anchor &x ends before this alias'],
    ['d:\n  <<: 3', 'a.yaml:2:3: << needs a mapping or a list of mappings'],
  ])('%j is refused', (text, mistake) => {
    expect(mistakesIn(text)).toEqual([mistake]);
  });

  test('an alias bomb is refused before it unfolds', () => {
    const levels = Array.from({ length: 12 }, (_, level) => {
      const below = Array.from({ length: 10 }, () => (level === 0 ? 'lol' : `*l${level - 1}`));
      return `l${level}: &l${level} [${below.join(', ')}]`;
    });
    const { documents, mistakes } = readYamlDocuments(`${levels.join('\n')}\n---\nok: 1\n`, 'bomb.yaml');
    expect(documents.map(({ value }) => value)).toEqual([{ ok: 1 }]);
    expect(mistakes.map(({ message }) => message)).toEqual([
      'aliases unfold to too many values; kubectl refuses such a document too',
    ]);
  });
});

describe('mistakes', () => {
  const good = 'a: 1\n';
  test.each([
    ['a tab', 'a:\n\tb: 1\n', 'a.yaml:4:1: a tab indents this line; YAML takes only spaces there'],
    [
      'a tab behind spaces',
      'a:\n  b: 1\n  \tc: 2\n',
      'a.yaml:5:3: a tab indents this line; YAML takes only spaces there',
    ],
    [
      'no colon',
      'a: 1\nb\nc: 2\n',
      'a.yaml:5:2: this is neither "key: value" nor part of the line above; is a colon missing, or the space after it?',
    ],
    [
      'an unquoted colon',
      'a: b: c\n',
      'a.yaml:3:5: this line is not indented like its neighbours, or a value needs quotes',
    ],
    [
      'a Helm template',
      'a: {{ .Values.a }}\n',
      'a.yaml:3:5: this is a Helm template, not yet YAML; render it first: helm template CHART | daytwo audit -',
    ],
    [
      'text after ---',
      'a: 1\n--- {b: 2}\n',
      'a.yaml:4:4: only a comment may follow "---" in its line: kubectl refuses the file',
    ],
    [
      'a document after ...',
      'a: 1\n...\nb: 2\n',
      'a.yaml:5:1: kubectl ignores what follows "...": begin the next document with "---"',
    ],
    [
      'a key twice',
      'a:\n  b: 1\n  c: 2\n  b: 3\n',
      'a.yaml:6:3: the key "b" stands twice in this mapping; kubectl silently takes the last',
    ],
  ])('%s is named with its line, and hides no other document', (_name, bad, mistake) => {
    const text = `${good}---\n${bad}---\nlast: 1\n`;
    expect(mistakesIn(text)).toEqual([mistake]);
    expect(valuesIn(text).at(0)).toEqual({ a: 1 });
    expect(valuesIn(text).at(-1)).toEqual({ last: 1 });
  });

  test('of a key that stands twice the last counts, and every such key is named', () => {
    expect(valuesIn('a: 1\nb: 1\na: 2\nb: 2\n')).toEqual([{ a: 2, b: 2 }]);
    expect(mistakesIn('a: 1\nb: 1\na: 2\nb: 2\n')).toHaveLength(2);
  });

  test('a Helm template is named once a file', () => {
    expect(mistakesIn('a: {{ .x }}\n---\nb: {{ .y }}\n')).toHaveLength(1);
  });

  test('braces in quotes are no Helm template', () => {
    expect(valuesIn('a: "{{workflow.name}}"')).toEqual([{ a: '{{workflow.name}}' }]);
  });
});

describe('places', () => {
  const text = `# a comment
kind: Pod
metadata:
  labels: {"a/b": c}
spec:
  containers:
    - name: app
      image: x
    -
      name: proxy
      ports: [{containerPort: 8080}, {containerPort: 9090}]
---
second: true
8080: &x {deep: 1}
copy: *x
`;
  const at = (document: number, pointer: string): string => {
    const { line, column } = (readYamlDocuments(text, 'a.yaml').documents[document] as { locate: Locate }).locate(
      pointer,
    );
    return `${line}:${column}`;
  };
  type Locate = (pointer: string) => { line: number; column: number };

  test.each([
    ['the document itself', 0, '', '2:1'],
    ['a key', 0, '/metadata', '3:1'],
    ['a key in a flow mapping, in quotes', 0, '/metadata/labels/a~1b', '4:12'],
    ['an item', 0, '/spec/containers/0', '7:7'],
    ['a key in an item', 0, '/spec/containers/1/name', '10:7'],
    ['an item of a flow list', 0, '/spec/containers/1/ports/1', '11:38'],
    ['what is missing: its parent', 0, '/spec/containers/0/resources/limits/memory', '7:7'],
    ['an item that is missing: the list', 0, '/spec/containers/7', '6:3'],
    ['a list where an index is no number', 0, '/spec/containers/name', '6:3'],
    ['the second document', 1, '', '13:1'],
    ['a key that YAML reads as a number', 1, '/8080/deep', '14:11'],
    ['what stands behind an alias: the alias', 1, '/copy/deep', '15:1'],
  ])('%s', (_name, document, pointer, place) => {
    expect(at(document, pointer)).toBe(place);
  });
});
