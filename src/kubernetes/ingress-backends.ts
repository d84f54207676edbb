import { at, fields, list, text } from './fields.ts';
import type { KubernetesObject } from './object.ts';

/** One place in an Ingress from which requests go to a Service of its namespace. */
export interface IngressBackend {
  readonly service: string;
  /** A name or a number. */
  readonly port: string | number | undefined;
  /** JSON Pointer to its `service`. */
  readonly path: string;
}

export function ingressBackends(ingress: KubernetesObject): readonly IngressBackend[] {
  const found: IngressBackend[] = [];
  const add = (backend: unknown, path: string): void => {
    const service = text(at(backend, 'service', 'name'));
    const { name, number } = fields(at(backend, 'service', 'port'));
    const port = text(name) || (typeof number === 'number' && number !== 0 ? number : undefined);
    if (service !== undefined) found.push({ service, port, path });
  };
  add(at(ingress, 'spec', 'defaultBackend'), '/spec/defaultBackend/service');
  for (const [i, rule] of list(at(ingress, 'spec', 'rules')).entries()) {
    for (const [j, one] of list(at(rule, 'http', 'paths')).entries())
      add(at(one, 'backend'), `/spec/rules/${i}/http/paths/${j}/backend/service`);
  }
  return found;
}
