import { expect, test } from 'vitest';
import { ObjectIndex } from '../../src/kubernetes/object-index.ts';
import { readPodTemplate } from '../../src/kubernetes/pod-template.ts';
import { quotaOver } from '../../src/kubernetes/resource-quota.ts';

const hard = { 'limits.cpu': '10' };
const asking = (resources: object) => ({ containers: [{ name: 'app', image: 'x', resources }] });
const byClass = (operator: string, ...values: string[]) => ({
  hard,
  scopeSelector: { matchExpressions: [{ scopeName: 'PriorityClass', operator, ...(values.length > 0 && { values }) }] },
});

test.each<[string, object, object, boolean]>([
  ['for all pods', { hard }, {}, true],
  ['of something else', { hard: { 'limits.memory': '10Gi' } }, {}, false],
  ['of requests', { hard: { cpu: '10' } }, {}, false],
  ['for those that end, one that does not', { hard, scopes: ['Terminating'] }, {}, false],
  ['for those that end, one that does', { hard, scopes: ['Terminating'] }, { activeDeadlineSeconds: 60 }, true],
  ['for those that do not end', { hard, scopes: ['NotTerminating'] }, {}, true],
  ['for those with some resources', { hard, scopes: ['NotBestEffort'] }, asking({ requests: { memory: '1Gi' } }), true],
  ['for those with some, one with a limit', { hard, scopes: ['NotBestEffort'] }, asking({ limits: { cpu: 1 } }), true],
  ['for those with some, as a pod', { hard, scopes: ['NotBestEffort'] }, { resources: { limits: { cpu: 1 } } }, true],
  ['for those with some, one without', { hard, scopes: ['NotBestEffort'] }, asking({}), false],
  [
    'for those with some, one that asks for 0',
    { hard, scopes: ['NotBestEffort'] },
    asking({ limits: { cpu: 0 } }),
    false,
  ],
  ['for two scopes at once', { hard, scopes: ['NotBestEffort', 'Terminating'] }, asking({ limits: { cpu: 1 } }), false],
  ['of its class', byClass('In', 'batch'), { priorityClassName: 'batch' }, true],
  ['of another class', byClass('In', 'batch'), { priorityClassName: 'web' }, false],
  ['not of its class', byClass('NotIn', 'batch'), { priorityClassName: 'batch' }, false],
  ['of any class', byClass('Exists'), { priorityClassName: 'web' }, true],
  ['of any class, one without', byClass('Exists'), {}, false],
  ['for a scope of tomorrow', { hard, scopes: ['Tomorrow'] }, {}, false],
])('%s', (_title, spec, podSpec, counts) => {
  const view = new ObjectIndex('all');
  view.put({ apiVersion: 'v1', kind: 'ResourceQuota', metadata: { name: 'compute', namespace: 'shop' }, spec });
  const template = readPodTemplate({ spec: podSpec }, '');
  expect(quotaOver('limits.cpu', template, 'shop', view)).toBe(counts ? 'compute' : undefined);
});
