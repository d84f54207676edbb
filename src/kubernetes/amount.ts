/** `1.5 Gi`, `512 bytes`, `0.512 bytes`: so many nano bytes as a person reads them. */
export function describeBytes(nano: bigint): string {
  const bytes = Number(nano) / 1e9;
  let scaled = bytes;
  let unit = ' bytes';
  for (const next of ['Ki', 'Mi', 'Gi', 'Ti']) {
    if (scaled < 1024) break;
    scaled /= 1024;
    unit = next;
  }
  const amount = Number(scaled.toPrecision(3));
  return amount === 1 && unit === ' bytes' ? '1 byte' : `${amount}${unit}`;
}

/** `2`, `0.25`: so many nano cores. */
export function describeCores(nano: bigint): string {
  return String(Number((Number(nano) / 1e9).toPrecision(3)));
}

/** The quantity to write for at least so many nano bytes: whole mebibytes. */
export function mebibytes(nano: bigint): string {
  const unit = 2n ** 20n * 10n ** 9n;
  return `${(nano + unit - 1n) / unit}Mi`;
}

/** The quantity to write for at least so many nano cores: whole thousandths. */
export function millicores(nano: bigint): string {
  return `${(nano + 999_999n) / 1_000_000n}m`;
}
