import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readYamlDocuments } from '../audit/read-yaml.ts';
import { checks } from '../checks/index.ts';
import { InvalidFileError, OperatorError } from '../errors.ts';
import { type ActivePolicy, activatePolicies, type SoundPolicy } from '../policy/active-policy.ts';
import { parseSoundPolicy } from '../policy/parse-policy.ts';

/** Names of the policies that daytwo ships. */
export const shippedPolicies = ['observe', 'baseline', 'strict'] as const;

export interface PolicySource {
  /** `baseline`, or the path of a file. */
  readonly policy: string;
  /** Folder URL of the shipped policies; main.ts knows where it was installed. */
  readonly policiesFolder: URL;
  /** Where daytwo itself runs, exempt from its own rules; undefined outside a cluster. */
  readonly ownNamespace?: string | undefined;
}

/** That policy by itself; throws as `loadSoundPolicy`. */
export async function loadPolicy(source: PolicySource): Promise<ActivePolicy> {
  return activatePolicies([await loadSoundPolicy(source)], checks, source.ownNamespace);
}

/**
 * @throws {InvalidFileError} naming each mistake with file, line and field
 * @throws {OperatorError} where the file cannot be read or does not hold exactly one policy
 */
export async function loadSoundPolicy({ policy, policiesFolder }: PolicySource): Promise<SoundPolicy> {
  const shipped = shippedPolicies.find((name) => name === policy);
  const file = shipped === undefined ? policy : fileURLToPath(new URL(`${shipped}.yaml`, policiesFolder));
  const shownFile = shipped === undefined ? policy : `policies/${basename(file)}`;
  const { documents, mistakes } = readYamlDocuments(await read(file), shownFile);
  if (mistakes.length > 0) throw new InvalidFileError(mistakes);
  const [document, second] = documents;
  if (document === undefined) throw new OperatorError(`${shownFile}: the file is empty; a ReadinessPolicy is expected`);
  if (second !== undefined)
    throw new OperatorError(`${shownFile}: one ReadinessPolicy is expected, not ${documents.length} documents`);
  return parseSoundPolicy(document, checks);
}

async function read(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    const names = shippedPolicies.join(', ');
    throw new OperatorError(`${file}: ${readFault(error)}; --policy takes a file or one of ${names}`);
  }
}

function readFault(error: unknown): string {
  switch ((error as NodeJS.ErrnoException).code) {
    case 'ENOENT':
      return 'no such file';
    case 'EISDIR':
      return 'is a directory';
    case 'EACCES':
      return 'may not be read (permission denied)';
    default:
      return (error as Error).message;
  }
}
