import type { JSONSchemaType } from 'ajv';
import type { ClusterView, Knowledge } from '../kubernetes/cluster-view.ts';
import { isFields } from '../kubernetes/fields.ts';
import type { Operation } from '../kubernetes/json-patch.ts';
import type { GroupKind, KubernetesObject } from '../kubernetes/object.ts';
import type { NamedObject } from '../kubernetes/named-objects.ts';
import type { Workload } from '../kubernetes/workload.ts';
import type { Action, ActionByTier, Tier } from './action.ts';

/** The four loops, what shows them, and the platform below them: what the cluster itself needs, which is no loop of a workload. */
export type Loop = 'identity' | 'compute' | 'network' | 'storage' | 'observability' | 'platform';

/** About impact, whatever the action. */
export type Severity = 'critical' | 'high' | 'medium' | 'low' | 'info';

/** `<loop>/<name>`: the file, the fixture folder, the anchor in the docs and the metric label. */
export type CheckId = `${Loop}/${string}`;

/** One object in one state, as a check sees it. Whether an API server, a file or a live audit asks is `source`. */
export interface CheckSubject {
  readonly object: KubernetesObject;
  /** What it was before; undefined on CREATE, and for what nobody changes. */
  readonly oldObject?: KubernetesObject | undefined;
  readonly groupKind: GroupKind;
  /** Where the object lives or will live; undefined for a cluster-scoped one. */
  readonly namespace: string | undefined;
  /** The cluster itself lives there (kube-system and the like), so that what is amiss elsewhere may be right. */
  readonly inSystemNamespace: boolean;
  readonly operation: 'CREATE' | 'UPDATE' | 'DELETE';
  /** `resize`, `ephemeralcontainers`, or undefined for the object itself. */
  readonly subresource: string | undefined;
  /** `files`: the object is what a person wrote; elsewhere the API server has filled in its defaults. */
  readonly source: 'admission' | 'files' | 'live';
  /** The pod template in it, read once; undefined for an object without one. */
  readonly workload: Workload | undefined;
  /** Tier of the object: its namespace's, or a higher one by its own label. */
  readonly tier: Tier;
  /** Who asks; undefined for files. */
  readonly user: string | undefined;
  /** Milliseconds since 1970. */
  readonly now: number;
}

/** One thing that is wrong in one place. */
export interface Finding {
  /**
   * Names the finding within its check and object, by names and never by indexes (`container/app/memory`): an UPDATE
   * may not add one, but is not blamed for one that was there.
   */
  readonly identity: string;
  /**
   * The identities that it sums up, where one finding speaks for several (a pod without any resources for each of its
   * containers, a place for each key in it): for the ratchet it is new only if one of these is.
   */
  readonly covers?: readonly string[] | undefined;
  /** JSON Pointer to the field at fault; the place where it should stand if it is missing. */
  readonly path: string;
  /** What is wrong, with the value found, in at most about 90 characters: `container "app" has no memory limit`. No full stop. */
  readonly message: string;
  /** Why that hurts, one clause in lower case; the check's own where absent. */
  readonly why?: string | undefined;
  /** What to write. The first line stands alone and starts with a verb; YAML lines to paste may follow. */
  readonly fix: string;
  /** The strictest action that this finding can justify, whatever the rule says. */
  readonly atMost?: Action | ActionByTier | undefined;
  /** Where it differs from the check's. */
  readonly severity?: Severity | undefined;
  /**
   * The objects of its own namespace without which it would be no reason to refuse. A cache is always a little late, so before
   * somebody is refused for it they are read again from the API server itself.
   */
  readonly restsOn?: readonly NamedObject[] | undefined;
  /**
   * Something else does not exist yet: admission words it as pending, since the order of apply must not matter. The background
   * looks again, and calls it a violation after the grace period.
   */
  readonly pending?: boolean | undefined;
  /** It clashes with another object, as it may for a moment while one takes over: the background looks again as for `pending`. */
  readonly conflict?: boolean | undefined;
}

/** Takes what the parts of a check find, where the check adds what they have in common. */
export type Report = (finding: Finding) => void;

/** What is true of a checklist item in every cluster. */
export interface CheckDefinition<Params extends object> {
  readonly id: CheckId;
  /** A few words, as a heading. */
  readonly title: string;
  /** Why it hurts, one clause in lower case that can follow a colon. */
  readonly why: string;
  /** The failure signatures that it prevents, as an operator would see them. */
  readonly prevents: readonly string[];
  /** How to mend it, a sentence or two. */
  readonly remedy: string;
  readonly severity: Severity;
  readonly kinds: readonly GroupKind[];
  /** Operations that it judges; CREATE and UPDATE where absent. */
  readonly operations?: readonly CheckSubject['operation'][];
  /** Who must be asking for a verdict, where not every source shows enough for one; others give outcome `skip`. */
  readonly sources?: readonly CheckSubject['source'][];
  /** Subresources that it judges besides the object itself. */
  readonly subresources?: readonly string[];
  /**
   * Where a policy may insist on what its pending findings wait for (`whenMissing`, `onLastDelete`): the kinds of it, and those of
   * which it is missed. When the last one of `kinds` is deleted, it is this check that says so of the objects of `of`; and before
   * anybody is refused for want of it, these kinds are read again from the API server.
   */
  readonly companions?: { readonly kinds: readonly GroupKind[]; readonly of: readonly GroupKind[] };
  /** What it looks up in the cluster view, and how much must be known for a verdict; less gives outcome `skip`. */
  readonly reads: Readonly<Partial<Record<GroupKind, Knowledge>>>;
  /** An annotation on the object itself which, with a reason as its value, is an exemption from this check. */
  readonly allowAnnotation?: `daytwo.dev/allow-${string}` | 'daytwo.dev/singleton';
  readonly params: {
    readonly schema: JSONSchemaType<Params>;
    readonly defaults: Params;
    /** What a schema cannot say: params that contradict each other. */
    readonly contradictions?: (params: Params) => readonly ParamMistake[];
  };
  evaluate(subject: CheckSubject, params: Params, view: ClusterView): Iterable<Finding>;
  /**
   * Asked where `evaluate` found nothing, by checks that can find something with less than they would need to find
   * nothing: the kind of which too little is known for a pass. The outcome is then `skip`.
   */
  unknown?(subject: CheckSubject, params: Params, view: ClusterView): GroupKind | undefined;
  /** Operations after which the check passes; none when it already does or when the author's own value would have to change. */
  patch?(subject: CheckSubject, params: Params, view: ClusterView): readonly Operation[];
  /** Objects made only on CREATE can only be patched then: StorageClass fields are immutable. */
  readonly patchOperations?: readonly CheckSubject['operation'][];
}

/** A check with the params of one rule; only this can be evaluated. */
export interface ConfiguredCheck {
  readonly check: Check;
  evaluate(subject: CheckSubject, view: ClusterView): Iterable<Finding>;
  unknown(subject: CheckSubject, view: ClusterView): GroupKind | undefined;
  patch(subject: CheckSubject, view: ClusterView): readonly Operation[];
}

/** Says what is wrong with params that do not fit the schema; an empty list lets them through. The policy brings it (ajv). */
export type ValidateParams = (schema: object, params: unknown) => readonly ParamMistake[];

export interface ParamMistake {
  /** JSON Pointer within the params. */
  readonly pointer: string;
  readonly message: string;
}

/** What a description may leave out, and has no default. */
type Optional = 'companions' | 'allowAnnotation' | 'patchOperations';
type Described = Omit<CheckDefinition<object>, 'evaluate' | 'unknown' | 'patch' | 'params'>;
type Completed = Required<Omit<Described, Optional>> & { readonly [Field in Optional]: Described[Field] | undefined };

/** A check of the registry: its description with the defaults filled in, and the only way to an evaluation, through validated params. */
export interface Check extends Completed {
  readonly loop: Loop;
  readonly canPatch: boolean;
  /** Of `reads` what there is no verdict without. */
  readonly needs: readonly Need[];
  readonly params: { readonly schema: object; readonly defaults: object };
  configure(params: unknown, validate: ValidateParams): ConfiguredCheck | readonly ParamMistake[];
}

export interface Need {
  readonly kind: GroupKind;
  readonly knowledge: Knowledge;
}

export function defineCheck<Params extends object>(definition: CheckDefinition<Params>): Check {
  const { id, params: described } = definition;
  // Field by field: objects with the same fields in the same order are read without a search, and admission reads all of them.
  const check: Check = {
    id,
    loop: id.slice(0, id.indexOf('/')) as Loop,
    title: definition.title,
    why: definition.why,
    prevents: definition.prevents,
    remedy: definition.remedy,
    severity: definition.severity,
    kinds: definition.kinds,
    operations: definition.operations ?? ['CREATE', 'UPDATE'],
    sources: definition.sources ?? ['admission', 'files', 'live'],
    subresources: definition.subresources ?? [],
    companions: definition.companions,
    reads: definition.reads,
    needs: needsOf(definition.reads),
    allowAnnotation: definition.allowAnnotation,
    canPatch: definition.patch !== undefined,
    patchOperations: definition.patchOperations,
    params: described,
    configure(raw, validate) {
      // Compiling a schema takes a few milliseconds, most rules have no params, and no schema requires one.
      const mistakes = isEmpty(raw) ? [] : validate(described.schema, raw);
      if (mistakes.length > 0) return mistakes;
      const params: Params = { ...described.defaults, ...(raw as Partial<Params>) };
      const contradictions = described.contradictions?.(params) ?? [];
      if (contradictions.length > 0) return contradictions;
      return {
        check,
        evaluate: (subject, view) => definition.evaluate(subject, params, view),
        unknown: (subject, view) => definition.unknown?.(subject, params, view),
        patch: (subject, view) => definition.patch?.(subject, params, view) ?? [],
      };
    },
  };
  return check;
}

function isEmpty(params: unknown): boolean {
  return isFields(params) && Object.keys(params).length === 0;
}

function needsOf(reads: CheckDefinition<object>['reads']): readonly Need[] {
  const kinds = Object.keys(reads) as GroupKind[];
  return kinds
    .map((kind) => ({ kind, knowledge: reads[kind] as Knowledge }))
    .filter(({ knowledge }) => knowledge !== 'none');
}
