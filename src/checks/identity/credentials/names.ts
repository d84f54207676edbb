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
  const before = text.slice(Math.max(0, index - reach), index);
  const key = keyBefore.exec(before)?.[1] ?? '';
  return key.toLowerCase() === 'value' ? (entryName.exec(before)?.[1] ?? key) : key;
}

/** Far enough for any key and indentation; it bounds the work for each value. */
const reach = 200;
const keyBefore = /([^\s"'`:=,;&?{}[\]()<>|]{1,100})["'`]?(?:\s{0,8}(?:[:=]|=>)|>|\s)[\s"'`|>-]{0,80}$/;
const entryName =
  /name["']?\s{0,8}[:=]\s{0,8}["']?([\w.-]{1,100})["']?[\s,]{1,80}["']?value["']?\s{0,8}[:=][\s"'|>-]{0,80}$/i;
