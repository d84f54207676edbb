import { OperatorError } from '../errors.ts';
import type { ServerVersion } from '../kubernetes/cluster-view.ts';

/** `1.36` or `v1.36.3`, as `--kubernetes-version` takes it. @throws {OperatorError} */
export function readServerVersion(written: string | undefined): ServerVersion | undefined {
  if (written === undefined) return undefined;
  const match = /^v?(\d+)\.(\d+)(?:\.\d+)?$/.exec(written);
  if (match === null) throw new OperatorError(`--kubernetes-version ${written}: write it as 1.36`);
  return { major: Number(match[1]), minor: Number(match[2]) };
}
