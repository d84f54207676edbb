import type { Check } from '../checks/check.ts';
import { nearestName } from './nearest-name.ts';

/** What to say about a check that nobody wrote, with the one that was probably meant. */
export function unknownCheck(id: string, checklist: readonly Check[]): string {
  const ids = checklist.map((check) => check.id);
  const meant = nearestName(id, ids) ?? ids.find((known) => known.endsWith(`/${id}`));
  return meant === undefined
    ? `there is no check ${JSON.stringify(id)}; daytwo checks lists them`
    : `there is no check ${JSON.stringify(id)}; did you mean ${meant}?`;
}
