/** Shannon entropy in bits per character: 40 random base64 characters have at least 4.25, 40 of hex never reach 4. */
export function entropy(text: string): number {
  const counts = new Uint32Array(128);
  for (let i = 0; i < text.length; i++) {
    const bucket = text.charCodeAt(i) % 128;
    counts[bucket] = (counts[bucket] as number) + 1;
  }
  let bits = 0;
  for (const count of counts) if (count > 0) bits -= (count / text.length) * Math.log2(count / text.length);
  return bits;
}
