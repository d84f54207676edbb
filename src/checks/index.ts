import type { Check } from './check.ts';

/** Every check, in checklist order: the order of evaluation, of findings and of the documentation. */
export const checks: readonly Check[] = [];
