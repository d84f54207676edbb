import { benchAudit } from './audit.ts';
import { benchCache } from './cache.ts';
import { benchPolicies } from './policies.ts';
import { benchStartup } from './startup.ts';
import { benchMemory, benchWebhook } from './webhook.ts';

/** `npm run bench [webhook|memory|startup|audit|cache|policies]`: the numbers of docs/performance.md, as ratios within one run. */
const benches = {
  webhook: benchWebhook,
  memory: benchMemory,
  startup: benchStartup,
  audit: benchAudit,
  cache: benchCache,
  policies: benchPolicies,
};
const wanted = process.argv.slice(2);

for (const [name, bench] of Object.entries(benches)) {
  if (wanted.length === 0 || wanted.includes(name)) await bench();
}
