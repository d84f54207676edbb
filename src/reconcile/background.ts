import { setImmediate as breathe, setTimeout as sleep } from 'node:timers/promises';
import type { ClusterView } from '../kubernetes/cluster-view.ts';
import { type GroupKind, groupKindOf } from '../kubernetes/object.ts';
import type { ActivePolicy } from '../policy/active-policy.ts';
import { Retries } from './retries.ts';
import { type JudgedNamespace, type StandingFinding, standingFindings } from './standing-findings.ts';
import { violationEvent, type ViolationEvent } from './violation-event.ts';
import { WorkList, type WorkListOptions } from './work-list.ts';

/** What this room says; pino fits. */
export interface Log {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
}

export interface BackgroundOptions {
  readonly view: () => ClusterView;
  readonly policy: () => ActivePolicy;
  /** Why nothing can be judged well yet, or undefined. */
  readonly notReady: () => string | undefined;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** Milliseconds that what is missing may take to arrive, and a conflict to end. */
  readonly grace: number;
  readonly log: Log;
  /** Name of our pod. */
  readonly reporter: string;
  /** @param lately milliseconds for which one of the same name, by whomever, is enough */
  readonly writeEvent: (event: ViolationEvent, lately: number) => Promise<void>;
  /**
   * Makes and withdraws companions in a namespace that has just been judged.
   * @returns when it wants to look again, in milliseconds since 1970, where something is left to do
   */
  readonly provide?: (
    namespace: string,
    standing: readonly StandingFinding[],
    judged: JudgedNamespace,
    term: Term,
  ) => Promise<number | undefined>;
  readonly schedule?: Partial<WorkListOptions>;
}

/** A time in which this process leads. */
export interface Term {
  readonly signal: AbortSignal;
  holds(): boolean;
}

export interface Background {
  /** Something about an object is new; to be told of all that the view holds. */
  readonly touch: (kind: GroupKind, namespace: string | undefined, name: string) => void;
  /** Judges, while the term lasts, every place that changes or waits for what has changed, and all of them now and then. */
  run(term: Term): Promise<void>;
  /** What stands at present; nothing while another process leads. */
  readonly standing: () => Iterable<StandingFinding>;
}

/** Milliseconds: the API server forgets an Event an hour after it was last written. Source: kube-apiserver --event-ttl. */
const tellEvery = 1_800_000;

/** What admission could not know: what is still missing or clashes after the grace period, and what went missing later. */
export function createBackground(options: BackgroundOptions): Background {
  const { view, policy, now, grace, log } = options;
  const schedule = { settle: 500, sweepEvery: 300_000, sweepSoon: 10_000, ...options.schedule };
  let work = new WorkList(schedule, now());
  let byPlace = new Map<string | undefined, readonly StandingFinding[]>();
  /** When each violation is told of again, by its key; of one that ended at once, should it come back. */
  let tellAt = new Map<string, number>();
  let wake = new AbortController();
  const retries = new Retries(schedule.sweepEvery);

  async function judgePlace(place: string | undefined, term: Term): Promise<void> {
    const before = byPlace.get(place);
    const judged: JudgedNamespace = { view: view(), policy: policy(), now: now(), grace };
    const after = [...standingFindings(place, judged, before)];
    if (isThere(place, judged.view)) byPlace.set(place, after);
    else byPlace.delete(place);
    // What was due while its check had no verdict waits for the next look.
    const next = Math.min(...after.map(({ due }) => due).filter((due) => due > judged.now));
    if (Number.isFinite(next)) work.at(place, next);
    await report(violationsOf(before ?? []), violationsOf(after), term);
    if (place === undefined || !term.holds()) return;
    const again = await options.provide?.(place, after, judged, term);
    if (again !== undefined) work.at(place, again);
  }

  function* waiting(kind: GroupKind): Iterable<string | undefined> {
    for (const [place, standing] of byPlace)
      if (standing.some(({ finding }) => Object.hasOwn(finding.check.reads, kind))) yield place;
  }

  async function report(
    before: ReadonlyMap<string, StandingFinding>,
    after: ReadonlyMap<string, StandingFinding>,
    term: Term,
  ): Promise<void> {
    for (const [key, standing] of before) {
      if (after.has(key)) continue;
      if (tellAt.has(key)) tellAt.set(key, now());
      // Of one that stands the time is never long past: those ended, and most never come back.
      for (const [ended, due] of tellAt) if (due + 2 * tellEvery < now()) tellAt.delete(ended);
      log.info(lineOf(standing), 'violation ended');
    }
    for (const [key, standing] of after) {
      if (!before.has(key)) log.warn(lineOf(standing), 'violation');
      const { action } = standing.finding;
      if ((action === 'Warn' || action === 'Deny') && term.holds()) await tell(key, standing);
    }
  }

  async function tell(key: string, standing: StandingFinding): Promise<void> {
    const due = tellAt.get(key);
    if (due !== undefined && due > now()) return;
    try {
      await options.writeEvent(violationEvent(standing, options.reporter, now()), due === undefined ? tellEvery : 0);
      tellAt.set(key, now() + tellEvery);
    } catch (error) {
      // The log and the metrics have it: nothing else shall wait for an Event.
      log.warn({ err: error, ...lineOf(standing) }, 'an Event could not be written, trying again');
      const next = now() + schedule.sweepEvery;
      tellAt.set(key, next);
      work.at(standing.namespace, next);
    }
  }

  async function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
    wake = new AbortController();
    await sleep(milliseconds, undefined, { signal: AbortSignal.any([signal, wake.signal]) }).catch(() => {});
  }

  return {
    touch(kind, namespace, name) {
      work.touch(kind, namespace, name, now());
      wake.abort();
    },
    async run(term) {
      // Another process led until now: what it knew is gone, and what it wrote is found again by its name.
      work = new WorkList(schedule, now());
      byPlace = new Map();
      tellAt = new Map();
      while (!term.signal.aborted) {
        if (options.notReady() !== undefined) {
          await pause(200, term.signal);
          continue;
        }
        for (const place of work.take(now(), () => placesOf(view()), waiting)) {
          if (term.signal.aborted) break;
          try {
            await judgePlace(place, term);
            retries.succeeded(place ?? '');
          } catch (error) {
            const { next, isNews } = retries.failed(place ?? '', error, now());
            if (isNews)
              log.warn({ err: error, judged: place }, 'a namespace could not be brought in order, trying again');
            work.at(place, next);
          }
          // Watches and probes are served in between, however many namespaces there are.
          await breathe();
        }
        // Changes come in bursts: never more often than that.
        await sleep(Math.min(100, schedule.settle), undefined, { signal: term.signal }).catch(() => {});
        await pause(Math.min(work.next(now()), 60_000), term.signal);
      }
      byPlace = new Map();
    },
    *standing() {
      for (const standing of byPlace.values()) yield* standing;
    },
  };
}

function isThere(place: string | undefined, view: ClusterView): boolean {
  return place === undefined || view.get('core/Namespace', undefined, place) !== undefined;
}

function* placesOf(view: ClusterView): Iterable<string | undefined> {
  yield undefined;
  for (const { metadata } of view.list('core/Namespace')) yield metadata.name ?? '';
}

function violationsOf(standing: readonly StandingFinding[]): ReadonlyMap<string, StandingFinding> {
  return new Map(standing.filter(({ state }) => state === 'violation').map((one) => [one.key, one]));
}

/** It names the object and the check; `namespace` stays free for the pod of daytwo itself. */
function lineOf({ object, namespace, tier, finding }: StandingFinding): object {
  return {
    check: finding.check.id,
    tier,
    object: { kind: groupKindOf(object), namespace, name: object.metadata.name },
    finding: finding.message,
  };
}
