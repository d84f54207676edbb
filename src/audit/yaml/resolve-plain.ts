/** A scalar of YAML as kubectl understands it; dates stay text. */
export type Scalar = string | number | boolean | null;

/**
 * What an unquoted scalar means to kubectl: YAML 1.1 words (`on` is true), `0644` octal, `1_000` a number, `1:30` and
 * dates text. Integers beyond 2^53 lose digits. Source: resolve.go of go.yaml.in/yaml/v2, which sigs.k8s.io/yaml uses.
 */
export function resolvePlain(text: string): Scalar {
  if (text.length <= longestWord) {
    const word = words.get(text);
    if (word !== undefined) return word;
  }
  return startsLikeNumber(text.charCodeAt(0)) ? resolveNumber(text) : text;
}

const words: ReadonlyMap<string, Scalar> = new Map<string, Scalar>([
  ...valueOf(true, 'y Y yes Yes YES true True TRUE on On ON'),
  ...valueOf(false, 'n N no No NO false False FALSE off Off OFF'),
  ...valueOf(null, '~ null Null NULL'),
  ['', null],
  ...valueOf(Number.NaN, '.nan .NaN .NAN'),
  ...valueOf(Number.POSITIVE_INFINITY, '.inf .Inf .INF +.inf +.Inf +.INF'),
  ...valueOf(Number.NEGATIVE_INFINITY, '-.inf -.Inf -.INF'),
]);
const longestWord = 5;

function valueOf(value: Scalar, spellings: string): readonly (readonly [string, Scalar])[] {
  return spellings.split(' ').map((spelling) => [spelling, value]);
}

/** A sign, a point or a digit. */
function startsLikeNumber(code: number): boolean {
  return (code >= 48 && code <= 57) || code === 43 || code === 45 || code === 46;
}

const integer = /^([-+]?)(0[xX][\da-fA-F]+|0[bB][01]+|0[oO]?[0-7]+|0|[1-9]\d*)$/;
const float = /^[-+]?(?:\.\d+|\d+(?:\.\d*)?)(?:[eE][-+]?\d+)?$/;

function resolveNumber(text: string): Scalar {
  const digits = text.includes('_') ? text.replaceAll('_', '') : text;
  const match = integer.exec(digits);
  if (match !== null) {
    const size = Number(withPrefix(match[2] as string));
    // Go refuses what does not fit 64 bits; a decimal number then becomes a float, a long hash in hex stays text.
    if (size <= 2 ** 64 || !/^[-+]?0/.test(digits)) return match[1] === '-' && size !== 0 ? -size : size;
  }
  const number = float.test(digits) ? Number(digits) : Number.NaN;
  return Number.isFinite(number) ? number : text;
}

/** JavaScript writes octal numbers `0o644` only. */
function withPrefix(digits: string): string {
  return /^0[0-7]/.test(digits) ? `0o${digits}` : digits.toLowerCase();
}
