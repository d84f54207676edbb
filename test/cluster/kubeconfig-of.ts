/** A kubeconfig, which may be JSON, with one user of one cluster at an address of plain HTTP. */
export function kubeconfigOf(server: string): string {
  return JSON.stringify({
    clusters: [{ name: 'one', cluster: { server, 'insecure-skip-tls-verify': true } }],
    users: [{ name: 'one', user: { token: 'secret' } }],
    contexts: [{ name: 'one', context: { cluster: 'one', user: 'one' } }],
    'current-context': 'one',
  });
}
