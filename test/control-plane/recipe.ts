import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

export type BinaryName = 'etcd' | 'kube-apiserver' | 'kube-controller-manager' | 'kubectl';

export interface Binary {
  name: BinaryName;
  /** Import path of the Go main package. */
  package: string;
  /** Version of the module that holds the package, for example `v3.6.8`. */
  version: string;
}

/** What to build and how. */
export interface Recipe {
  /** For example `v1.36.3`. */
  kubernetesVersion: string;
  /** `<Kubernetes version>-<hash>`: another one whenever the binaries would be others. */
  key: string;
  /** In the order in which they are built. */
  binaries: readonly Binary[];
  /** Arguments of `go build`, without the output file and the package. */
  goBuildFlags: readonly string[];
  /** Environment of `go build`, beyond the user's own. */
  goEnv: Readonly<Record<string, string>>;
}

/** The Go module that pins every version: this folder. */
export const goModuleFolder = import.meta.dirname;

/** Reads the versions from go.mod, so that none of them is written down a second time. */
export async function readRecipe(): Promise<Recipe> {
  const goMod = await readFile(join(goModuleFolder, 'go.mod'), 'utf8');
  const goSum = await readFile(join(goModuleFolder, 'go.sum'), 'utf8');
  const kubernetesVersion = requiredVersion(goMod, 'k8s.io/kubernetes');
  const etcdVersion = requiredVersion(goMod, 'go.etcd.io/etcd/server/v3');
  const binaries: Binary[] = [
    { name: 'etcd', package: 'go.etcd.io/etcd/server/v3', version: etcdVersion },
    ...(['kube-apiserver', 'kube-controller-manager', 'kubectl'] as const).map((name) => ({
      name,
      package: `k8s.io/kubernetes/cmd/${name}`,
      version: kubernetesVersion,
    })),
  ];
  const goBuildFlags = ['-mod=readonly', '-trimpath', '-buildvcs=false', '-ldflags', linkerFlags(kubernetesVersion)];
  // No C compiler needed, and no interest in a go.work further up.
  const goEnv = { CGO_ENABLED: '0', GOWORK: 'off' };
  const hash = createHash('sha256')
    // A home folder can be shared between machines of different kinds.
    .update(JSON.stringify([goMod, goSum, binaries, goBuildFlags, goEnv, process.platform, process.arch]))
    .digest('hex')
    .slice(0, 12);
  return { kubernetesVersion, key: `${kubernetesVersion}-${hash}`, binaries, goBuildFlags, goEnv };
}

function requiredVersion(goMod: string, module: string): string {
  const line = goMod.split('\n').find((candidate) => candidate.startsWith(`\t${module} v`));
  const version = line?.trim().split(' ')[1];
  if (version === undefined) throw new Error(`go.mod requires no version of ${module}`);
  return version;
}

/** kubectl and the API server read their version from two packages; an unset one (`v0.0.0-master`) cannot be parsed. */
function linkerFlags(kubernetesVersion: string): string {
  const [major, minor] = kubernetesVersion.replace('v', '').split('.');
  const variables = ['k8s.io/component-base/version', 'k8s.io/client-go/pkg/version'].flatMap((version) => [
    `-X ${version}.gitVersion=${kubernetesVersion}`,
    `-X ${version}.gitMajor=${major}`,
    `-X ${version}.gitMinor=${minor}`,
  ]);
  // -s -w: no symbol table, a third less to write and to map.
  return ['-s -w', ...variables].join(' ');
}
