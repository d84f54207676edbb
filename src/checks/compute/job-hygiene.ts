import { usualGap } from '../../kubernetes/cron-schedule.ts';
import { type Fields, at, fields } from '../../kubernetes/fields.ts';
import { pointerTo, yamlBelow } from '../../kubernetes/json-pointer.ts';
import { isHook } from '../../kubernetes/object.ts';
import type { Workload } from '../../kubernetes/workload.ts';
import { defineCheck, type Finding } from '../check.ts';

const jobKind = 'batch/Job';
const cronJobKind = 'batch/CronJob';

export const jobHygiene = defineCheck<object>({
  id: 'compute/job-hygiene',
  title: 'Jobs end, and are cleared away',
  why: 'Jobs and their Pods pile up in the API server until everything that lists them is slow',
  prevents: [
    'thousands of finished Jobs and Pods in etcd',
    'runs of a CronJob on top of one another, each slower than the last',
    'Cannot determine if job needs to be started: too many missed start times',
  ],
  remedy:
    'Give a Job activeDeadlineSeconds, a backoffLimit that stays small and, when nothing else deletes it, ' +
    'ttlSecondsAfterFinished. Give a CronJob that runs often concurrencyPolicy: Forbid or Replace.',
  severity: 'low',
  kinds: [jobKind, cronJobKind],
  reads: {},
  params: { schema: { type: 'object', properties: {}, required: [], additionalProperties: false }, defaults: {} },
  *evaluate({ object, groupKind, workload }) {
    if (workload === undefined) return;
    const isCron = groupKind === cronJobKind;
    // The Jobs of a CronJob, of an operator or of a pipeline are its to shape; it was told itself.
    if (workload.controller !== undefined) return;
    if (isCron) yield* judgeSchedule(fields(object['spec']));
    const pointer = isCron ? '/spec/jobTemplate/spec' : '/spec';
    const job = fields(isCron ? at(object, 'spec', 'jobTemplate', 'spec') : object['spec']);
    yield* judgeRuns(job, pointer, workload);
    if (!isCron && !isHook(object)) yield* judgeLifetime(job);
  },
});

function* judgeSchedule(cron: Fields): Iterable<Finding> {
  const { schedule, concurrencyPolicy, startingDeadlineSeconds, failedJobsHistoryLimit } = cron;
  const overlaps = typeof schedule === 'string' && (concurrencyPolicy ?? 'Allow') === 'Allow';
  const gap = overlaps ? usualGap(schedule) : undefined;
  if (gap !== undefined && gap <= mostOften)
    yield {
      identity: 'concurrencyPolicy',
      path: '/spec/concurrencyPolicy',
      message: `runs every ${gap === 1 ? 'minute' : `${gap} minutes`} with concurrencyPolicy: Allow`,
      why: 'once a run takes longer than that, the next ones start beside it and take what it needs to finish',
      fix: 'Set concurrencyPolicy: Forbid, so that a run waits for the one before:\nspec:\n  concurrencyPolicy: Forbid',
    };
  if (typeof startingDeadlineSeconds === 'number' && startingDeadlineSeconds < controllerPeriod)
    yield {
      identity: 'startingDeadlineSeconds',
      path: '/spec/startingDeadlineSeconds',
      message: `startingDeadlineSeconds: ${startingDeadlineSeconds} is less than the ${controllerPeriod} seconds between two looks at it`,
      why: 'the controller comes by every ten seconds, finds the run too late, and leaves it out',
      fix: 'Set startingDeadlineSeconds to a minute or more:\nspec:\n  startingDeadlineSeconds: 60',
    };
  if (typeof failedJobsHistoryLimit === 'number' && failedJobsHistoryLimit > longestHistory)
    yield {
      identity: 'failedJobsHistoryLimit',
      path: '/spec/failedJobsHistoryLimit',
      message: `keeps ${failedJobsHistoryLimit} failed Jobs with their Pods`,
      fix: 'Set failedJobsHistoryLimit to what someone looks at:\nspec:\n  failedJobsHistoryLimit: 3',
    };
}

/** Minutes; what runs as often as this is likely to run into itself one day. */
const mostOften = 5;
/** Seconds. Source: the sync period of the CronJob controller. */
const controllerPeriod = 10;
const longestHistory = 50;
const mostRetries = 20;

function* judgeRuns(job: Fields, pointer: string, { template }: Workload): Iterable<Finding> {
  const { backoffLimit } = job;
  // Beside a limit for each index the API server fills in the largest number that there is.
  const isLimited = isSet(job['backoffLimitPerIndex']);
  if (typeof backoffLimit === 'number' && backoffLimit > mostRetries && !isLimited)
    yield {
      identity: 'backoffLimit',
      path: pointerTo(pointer, 'backoffLimit'),
      message: `backoffLimit: ${backoffLimit} allows more than ${mostRetries} retries, which takes hours`,
      why: 'each retry is another Pod, and nobody hears of the failure before the last one',
      fix: `Set backoffLimit to a few tries:\n${yamlBelow(pointer, 'backoffLimit: 6')}`,
    };
  if (!isSet(job['activeDeadlineSeconds']) && !isSet(template.spec['activeDeadlineSeconds']))
    yield {
      identity: 'activeDeadlineSeconds',
      path: pointerTo(pointer, 'activeDeadlineSeconds'),
      message: 'no activeDeadlineSeconds: a run that hangs goes on for ever',
      why: 'it keeps its resources, and under concurrencyPolicy Forbid no later run ever starts',
      fix: `Set activeDeadlineSeconds to the longest that a run may take, for example an hour:\n${yamlBelow(pointer, 'activeDeadlineSeconds: 3600')}`,
      atMost: 'Audit',
    };
  if (template.spec['restartPolicy'] === 'OnFailure')
    yield {
      identity: 'restartPolicy',
      path: pointerTo(template.pointer, 'spec', 'restartPolicy'),
      message: 'restartPolicy: OnFailure lets logs go with each restart',
      why: 'the container runs again in the same Pod, which the Job deletes when it gives up',
      fix: `Set restartPolicy: Never, so that each try has a Pod whose logs stay:\n${yamlBelow(pointerTo(template.pointer, 'spec'), 'restartPolicy: Never')}`,
      atMost: 'Audit',
      severity: 'info',
    };
}

function* judgeLifetime(job: Fields): Iterable<Finding> {
  if (isSet(job['ttlSecondsAfterFinished'])) return;
  yield {
    identity: 'ttlSecondsAfterFinished',
    path: '/spec/ttlSecondsAfterFinished',
    message: 'no ttlSecondsAfterFinished: the Job and its Pods stay when it is done',
    fix: 'Set ttlSecondsAfterFinished to how long it shall stay, for example a day:\nspec:\n  ttlSecondsAfterFinished: 86400',
    atMost: 'Audit',
  };
}

function isSet(value: unknown): boolean {
  return value !== undefined && value !== null;
}
