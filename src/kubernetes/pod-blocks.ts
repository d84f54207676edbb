import type { ClusterView } from './cluster-view.ts';
import { at, list } from './fields.ts';

/** What each Node has for its pods; nothing where the network plugin hands the addresses out itself. */
export function podBlocks(view: ClusterView): readonly string[] {
  return [...view.list('core/Node')].flatMap((node) => {
    const both = list(at(node, 'spec', 'podCIDRs'));
    const blocks = both.length > 0 ? both : [at(node, 'spec', 'podCIDR')];
    return blocks.filter((block) => typeof block === 'string');
  });
}
