/**
 * The exact value of a quantity in nano units: `100m` is 100_000_000n, `1Ki` is 1_024_000_000_000n. As in the API
 * server, what is finer than a nano rounds away from zero, and binary suffixes end at 2^63-1 units. YAML's bare numbers
 * (`cpu: 1`) are quantities, and so is null, which decodes to 0. Source: apimachinery pkg/api/resource ParseQuantity.
 * @returns undefined for what the API server refuses: `1 Gi`, `256MB`, `half`
 */
export function parseQuantity(value: unknown): bigint | undefined {
  if (value === null) return 0n;
  const written = typeof value === 'number' ? String(value) : value;
  if (typeof written !== 'string') return undefined;
  return recent.get(written) ?? parseAnew(written);
}

/** Those read last: a cluster writes the same few hundred again and again, and admission reads four in each container. */
const recent = new Map<string, bigint>();
const mostRecent = 1000;

function parseAnew(written: string): bigint | undefined {
  const nano = parseShort(written);
  if (nano === undefined) return parseLong(written);
  if (recent.size >= mostRecent) recent.clear();
  recent.set(written, nano);
  return nano;
}

/** Nano units in one unit of the suffixes that cannot overflow with nine digits before them. */
const shortSuffixes: ReadonlyMap<string, bigint> = new Map([
  ['', 10n ** 9n],
  ['m', 10n ** 6n],
  ['k', 10n ** 12n],
  ['M', 10n ** 15n],
  ['G', 10n ** 18n],
  ['Ki', 2n ** 10n * 10n ** 9n],
  ['Mi', 2n ** 20n * 10n ** 9n],
  ['Gi', 2n ** 30n * 10n ** 9n],
]);

/** Nearly every quantity of a cluster is a few digits and a suffix. */
function parseShort(written: string): bigint | undefined {
  let digits = 0;
  let number = 0;
  for (; digits < written.length; digits++) {
    const digit = written.charCodeAt(digits) - 48;
    if (digit < 0 || digit > 9) break;
    number = number * 10 + digit;
  }
  if (digits === 0 || digits > 9) return undefined;
  const unit = shortSuffixes.get(written.slice(digits));
  return unit === undefined ? undefined : BigInt(number) * unit;
}

const grammar = /^(?<sign>[+-]?)(?<whole>\d*)(?:\.(?<fraction>\d*))?(?<suffix>[A-Za-z]*|[eE][+-]?\d+)$/;
const decimalExponents: Readonly<Record<string, number>> = {
  n: -9,
  u: -6,
  m: -3,
  k: 3,
  M: 6,
  G: 9,
  T: 12,
  P: 15,
  E: 18,
};
const binaryExponents: Readonly<Record<string, number>> = { Ki: 10, Mi: 20, Gi: 30, Ti: 40, Pi: 50, Ei: 60 };
const largestBinary = (2n ** 63n - 1n) * 10n ** 9n;

/** Nobody writes a quantity as long as this; reading digits by the megabyte would hold up other requests. */
const longest = 1000;

function parseLong(written: string): bigint | undefined {
  const parts = written === '' || written.length > longest ? undefined : grammar.exec(written)?.groups;
  if (parts === undefined) return undefined;
  const { sign, whole = '', fraction = '', suffix = '' } = parts;
  const magnitude = scale(BigInt(whole + fraction), fraction.length, suffix);
  return sign === '-' && magnitude !== undefined ? -magnitude : magnitude;
}

/** @param decimals how many of the digits stand behind the point */
function scale(digits: bigint, decimals: number, suffix: string): bigint | undefined {
  const binary = Object.hasOwn(binaryExponents, suffix) ? binaryExponents[suffix] : undefined;
  if (binary !== undefined) {
    const nanos = shift(digits << BigInt(binary), 9 - decimals);
    return nanos < largestBinary ? nanos : largestBinary;
  }
  const exponent = decimalExponent(suffix);
  return exponent === undefined ? undefined : shift(digits, 9 - decimals + exponent);
}

function decimalExponent(suffix: string): number | undefined {
  if (suffix === '') return 0;
  if (Object.hasOwn(decimalExponents, suffix)) return decimalExponents[suffix];
  const written = /^[eE](?<power>[+-]?\d+)$/.exec(suffix)?.groups?.['power'];
  // Powers far beyond any resource are cut off: their digits would fill the memory.
  return written === undefined ? undefined : Math.max(-longest, Math.min(longest, Number(written)));
}

/** Times 10 to the power; a remainder rounds up, since who asks for a little should get something. */
function shift(digits: bigint, power: number): bigint {
  if (power >= 0) return digits * 10n ** BigInt(power);
  const divisor = 10n ** BigInt(-power);
  return (digits + divisor - 1n) / divisor;
}
