/** Some addresses, by how they begin. */
interface AddressBlock {
  /** Four of 8 bits, or eight of 16. */
  readonly parts: readonly number[];
  readonly width: number;
  /** How many bits all its addresses share. */
  readonly shared: number;
}

/**
 * Whether all addresses of one block are in the other, as those of `10.244.1.0/24` in `10.0.0.0/8`. An address without a length
 * is a block of one, and what is no block holds nothing and is held by none.
 */
export function holdsAddresses(outer: unknown, inner: unknown): boolean {
  const [all, some] = [readBlock(outer), readBlock(inner)];
  if (all === undefined || some === undefined || all.width !== some.width || all.shared > some.shared) return false;
  return all.parts.every((part, index) => {
    const free = Math.min(Math.max((index + 1) * all.width - all.shared, 0), all.width);
    return part >> free === (some.parts[index] as number) >> free;
  });
}

/** The block of one address. */
export function hostBlock(address: string): string {
  return `${address}/${address.includes(':') ? 128 : 32}`;
}

function readBlock(written: unknown): AddressBlock | undefined {
  if (typeof written !== 'string') return undefined;
  const [, address = '', length] = /^([\da-f.:]+)(?:\/(\d{1,3}))?$/i.exec(written) ?? [];
  const isLong = address.includes(':');
  const parts = isLong ? readIPv6(address) : readIPv4(address);
  if (parts === undefined) return undefined;
  const width = isLong ? 16 : 8;
  const shared = length === undefined ? parts.length * width : Number(length);
  return shared <= parts.length * width ? { parts, width, shared } : undefined;
}

function readIPv4(address: string): readonly number[] | undefined {
  if (!/^\d{1,3}(\.\d{1,3}){3}$/.test(address)) return undefined;
  const parts = address.split('.').map(Number);
  return parts.every((part) => part <= 255) ? parts : undefined;
}

/** `::` stands for the zeros that are missing. IPv4 addresses inside of IPv6 are not read: nobody gives pods any. */
function readIPv6(address: string): readonly number[] | undefined {
  const [head = [], tail, ...more] = address.split('::').map((half) => (half === '' ? [] : half.split(':')));
  const zeros = 8 - head.length - (tail?.length ?? 0);
  if (more.length > 0 || (tail === undefined ? zeros !== 0 : zeros < 1)) return undefined;
  const groups = [...head, ...Array<string>(zeros).fill('0'), ...(tail ?? [])];
  return groups.every((group) => /^[\da-f]{1,4}$/i.test(group))
    ? groups.map((group) => Number.parseInt(group, 16))
    : undefined;
}
