import type { YAMLException } from 'js-yaml';

export const helmTemplateMessage =
  'this is a Helm template, not yet YAML; render it first: helm template CHART | daytwo audit -';

/** What to tell the person who wrote the text; the parser speaks of its own grammar. */
export function explainMistake(exception: YAMLException, text: string): string {
  if (text.includes('{{')) return helmTemplateMessage;
  if (/^[ ]*\t/.test(lineAt(text, exception.mark?.position ?? 0))) return tabMessage;
  return inPlainWords.get(exception.reason) ?? exception.reason;
}

const tabMessage = 'a tab indents this line; YAML takes only spaces there';

const endless = 'a quote or bracket that is opened before is never closed';

const inPlainWords: ReadonlyMap<string, string> = new Map([
  ['tab characters must not be used in indentation', tabMessage],
  [
    'deficient indentation',
    'a quote or bracket that is opened before goes on in this line: indent the line deeper than its key, or close it',
  ],
  ['unexpected end of the stream within a flow collection', endless],
  ['unexpected end of the stream within a single quoted scalar', endless],
  ['unexpected end of the stream within a double quoted scalar', endless],
  ['bad indentation of a mapping entry', 'this line is not indented like its neighbours, or a value needs quotes'],
  ['bad indentation of a sequence entry', 'this line is not indented like its neighbours'],
  [
    'can not read a block mapping entry; a multiline key may not be an implicit key',
    'this is neither "key: value" nor part of the line above; is a colon missing, or the space after it?',
  ],
  ["expected ':' after a mapping key", 'this is not "key: value"; is a colon missing, or the space after it?'],
  [
    'end of the stream or a document separator is expected',
    'this line does not belong to what stands above it; is it indented less than the first line?',
  ],
  ['directives end mark is expected', 'kubectl refuses lines that begin with "%"; remove it'],
]);

function lineAt(text: string, offset: number): string {
  const start = text.lastIndexOf('\n', offset - 1) + 1;
  const end = text.indexOf('\n', start);
  return text.slice(start, end === -1 ? undefined : end);
}
