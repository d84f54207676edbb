import { generateKeyPairSync, randomUUID } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Somebody whom the API server recognises by a token. RBAC decides what they may do. */
export interface User {
  name: string;
  groups?: readonly string[];
}

export interface Credentials {
  /** For `--token-auth-file`. */
  tokenFile: string;
  /** The key that signs the tokens of ServiceAccounts; the API server verifies them with the same file. */
  serviceAccountKeyFile: string;
  /** Throws for a name that is not among the users. */
  token: (user: string) => string;
  /** Path of the kubeconfig of a user; throws as `token` does. */
  kubeconfig: (user: string) => string;
}

export interface CredentialsOptions {
  /** Where the files go: an existing folder. */
  folder: string;
  users: readonly User[];
  /** The API server's URL. */
  server: string;
  /** The API server makes it when it starts, so it need not exist yet. */
  caFile: string;
}

export async function writeCredentials({ folder, users, server, caFile }: CredentialsOptions): Promise<Credentials> {
  const kubeconfigs = join(folder, 'kubeconfigs');
  await mkdir(kubeconfigs);
  const tokens = new Map<string, string>(users.map(({ name }) => [name, randomUUID()]));
  const token = (user: string) => {
    const known = tokens.get(user);
    if (known === undefined) throw new Error(`no user ${user}: there are ${[...tokens.keys()].join(', ')}`);
    return known;
  };
  const kubeconfigFile = (user: string) => join(kubeconfigs, `${user.replaceAll(':', '-')}.json`);

  const tokenFile = join(folder, 'tokens.csv');
  await writeFile(tokenFile, users.map((user) => tokenLine(user, token(user.name))).join(''));
  for (const { name } of users) {
    // JSON, which is YAML to everybody who reads a kubeconfig.
    await writeFile(kubeconfigFile(name), JSON.stringify(kubeconfigOf(name, token(name), server, caFile), null, 2));
  }
  return {
    tokenFile,
    serviceAccountKeyFile: await writeServiceAccountKey(folder),
    token,
    kubeconfig: (user) => {
      // Rather no path than one to a file that does not exist.
      token(user);
      return kubeconfigFile(user);
    },
  };
}

/** `token,user name,uid,"group,group"`: the format of the API server's static token file. */
function tokenLine({ name, groups = [] }: User, token: string): string {
  return `${token},${name},${name}${groups.length > 0 ? `,"${groups.join(',')}"` : ''}\n`;
}

function kubeconfigOf(user: string, token: string, server: string, caFile: string): object {
  return {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'control-plane', cluster: { server, 'certificate-authority': caFile } }],
    users: [{ name: user, user: { token } }],
    contexts: [{ name: user, context: { cluster: 'control-plane', user } }],
    'current-context': user,
  };
}

async function writeServiceAccountKey(folder: string): Promise<string> {
  const file = join(folder, 'service-account.key');
  // An elliptic curve because its keys are made in no time; SEC 1 because the API server finds no public key in PKCS #8.
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  await writeFile(file, privateKey.export({ type: 'sec1', format: 'pem' }));
  return file;
}
