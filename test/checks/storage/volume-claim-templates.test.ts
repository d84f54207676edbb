import { expect, test } from 'vitest';
import { volumeClaimTemplates } from '../../../src/checks/storage/volume-claim-templates.ts';
import { find, object, subject, world } from '../compute/compute-kit.ts';

test.each([
  ['the selector', { matchLabels: { app: 'db' } }, ['    app: "db"']],
  [
    'the pods, since a Service knows no expressions',
    { matchExpressions: [{ key: 'app', operator: 'In', values: ['db'] }] },
    ['    app: "db"', '    role: "store"'],
  ],
])('the Service to add selects by the labels of %s', (_, selector, expected) => {
  const template = { metadata: { labels: { app: 'db', role: 'store' } }, spec: {} };
  const set = object('apps/v1', 'StatefulSet', 'db', { serviceName: 'db', selector, template });
  const [found] = find(volumeClaimTemplates, subject(set), world('all', []));
  expect(found?.fix.split('  selector:\n')[1]?.split('\n')).toEqual(expected);
});
