import { nodeCrypto } from '../../late-modules.ts';

/**
 * Eight hex digits that name a secret without telling it, for counting copies and for `allowHashes`. The salt is no secret:
 * it keeps the digits from being looked up in lists of plain hashes. By hand: `printf daytwo:%s "$KEY" | sha256sum`.
 */
export function fingerprint(secret: string): string {
  return nodeCrypto().createHash('sha256').update(`daytwo:${secret}`).digest('hex').slice(0, 8);
}
