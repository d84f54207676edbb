/**
 * Where the API server keeps a resource: `/apis/apps/v1/namespaces/shop/deployments/checkout`; without a name the whole
 * collection, and without a namespace that of the whole cluster.
 */
export function resourcePath(apiVersion: string, resource: string, namespace?: string, name?: string): string {
  const group = apiVersion.includes('/') ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
  const collection = namespace === undefined ? `${group}/${resource}` : `${group}/namespaces/${namespace}/${resource}`;
  return name === undefined ? collection : `${collection}/${name}`;
}
