import type { ClusterView } from './cluster-view.ts';
import { at, list } from './fields.ts';

/** What each Node has for its pods; nothing where the network plugin hands the addresses out itself. */
export function* podBlocks(view: ClusterView): Iterable<string> {
  for (const node of view.list('core/Node')) {
    const both = list(at(node, 'spec', 'podCIDRs'));
    for (const block of both.length > 0 ? both : [at(node, 'spec', 'podCIDR')])
      if (typeof block === 'string') yield block;
  }
}
