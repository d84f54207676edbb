/**
 * A name as detectors compare it: `Aws_Secret-Access.Key`, or the same in full-width letters, is `AWSSECRETACCESSKEY`, so that
 * spelling does not decide.
 */
export function canonicalName(name: string): string {
  return name
    .normalize('NFKC')
    .toUpperCase()
    .replaceAll(/[^A-Z0-9]/g, '');
}

/** Whether the name says that its value is a place or a label and no secret: `AWS_SECRET_ARN`, `ML_SECRET_KEY_PATH`. */
export function namesAPlace(canonical: string): boolean {
  return /(?:FILE|PATH|DIR|NAME|ARN|IDREF|URI)$/.test(canonical);
}

/**
 * The name that the value at `index` of a text goes by, empty where there is none: the key in JSON, YAML, INI, properties,
 * XML, a URL's query or a command line. In a Kubernetes env list (`name: X`, `value: …`) it is the entry's name.
 */
export function nameBefore(text: string, index: number): string {
  const key = keyBefore(text, index);
  if (key.toLowerCase() !== 'value') return key;
  return entryName.exec(text.slice(Math.max(0, index - reach), index))?.[1] ?? key;
}

/** Far enough for a key and its indentation; it bounds the work for each value. */
const reach = 200;
const entryName =
  /name["']?\s{0,8}[:=]\s{0,8}["']?([\w.-]{1,100})["']?[\s,]{1,80}["']?value["']?\s{0,8}[:=][\s"'|>-]{0,80}$/i;

/** Backwards over opening quotes, white space and YAML's `|` or `>-`, one separator, and the key. By hand: it runs for every candidate. */
function keyBefore(text: string, index: number): string {
  const floor = Math.max(0, index - reach);
  let end = skipBack(text, index, floor, ' \t\r\n"\'`\\|>-');
  if (end === index && !separators.includes(text.charAt(end - 1))) return '';
  if (separators.includes(text.charAt(end - 1))) end = skipBack(text, end - 1, floor, ' \t"\'`\\');
  let start = end;
  while (start > floor && !delimiters.includes(text.charAt(start - 1))) start--;
  return text.slice(start, end);
}

const separators = ':=';
const delimiters = ' \t\r\n"\'`\\:=,;&?{}[]()<>|';

function skipBack(text: string, index: number, floor: number, characters: string): number {
  let i = index;
  while (i > floor && characters.includes(text.charAt(i - 1))) i--;
  return i;
}
