import type { GroupKind } from '../kubernetes/object.ts';
import { labelSelectorSchema } from './label-selector-schema.ts';
import { policyApiVersion } from './readiness-policy.ts';

/** A deviation that somebody answers for: some checks, on some objects of one kind in its namespace, until a date. */
export interface ReadinessExemption {
  readonly apiVersion: typeof policyApiVersion;
  readonly kind: 'ReadinessExemption';
  readonly metadata: { readonly name?: string; readonly namespace?: string };
  readonly spec: ExemptionSpec;
}

export interface ExemptionSpec {
  readonly checks: readonly string[];
  /** Exactly one of name and selector. */
  readonly target: { readonly kind: GroupKind; readonly name?: string; readonly selector?: object };
  readonly reason: string;
  readonly owner: string;
  /** `2026-12-31`, to the end of that day in UTC, or `2026-12-31T18:00:00Z`. */
  readonly until: string;
}

/** A letter or a digit of any script: what has none is blank, whatever it consists of. */
const saysSomething = String.raw`self.matches('[\\pL\\pN]')`;
const dateOrDateTime = String.raw`self.matches('^[0-9]{4}-[0-9]{2}-[0-9]{2}(T[0-9]{2}:[0-9]{2}:[0-9]{2}([.][0-9]+)?(Z|[+-][0-9]{2}:[0-9]{2}))?$')`;

/**
 * JSON Schema of a ReadinessExemption. The CEL rules are for the API server, which holds to them while daytwo is away;
 * `exemption.ts` asks the same and more, with the clock and the checklist at hand.
 */
export const readinessExemptionSchema = {
  description:
    'A deviation from the readiness checklist that somebody answers for: it lets the findings of some checks on some objects of its namespace pass until a date. Whoever may write one may exempt; rights to edit workloads do not include that.',
  type: 'object',
  additionalProperties: false,
  required: ['apiVersion', 'kind', 'metadata', 'spec'],
  properties: {
    apiVersion: { const: policyApiVersion },
    kind: { const: 'ReadinessExemption' },
    metadata: { type: 'object' },
    spec: {
      description: 'What is exempted, why, by whom and until when.',
      type: 'object',
      additionalProperties: false,
      required: ['checks', 'target', 'reason', 'owner', 'until'],
      properties: {
        checks: {
          description: 'The checks whose findings it excuses, each by its id: compute/memory-limit.',
          type: 'array',
          minItems: 1,
          maxItems: 50,
          items: {
            type: 'string',
            maxLength: 100,
            'x-kubernetes-validations': [
              {
                rule: "!self.contains('*')",
                message: 'name each check: a wildcard would excuse checks that do not exist yet',
              },
            ],
          },
        },
        target: {
          description: 'The objects in this namespace that it is about.',
          type: 'object',
          additionalProperties: false,
          required: ['kind'],
          properties: {
            kind: {
              description: 'Kind with its group: apps/Deployment, core/Pod.',
              type: 'string',
              maxLength: 317,
              pattern: '^[a-z0-9.-]+/[A-Za-z]+$',
            },
            name: {
              description: 'Name of one object. Either this or a selector.',
              type: 'string',
              minLength: 1,
              maxLength: 253,
              'x-kubernetes-validations': [
                { rule: "!self.contains('*')", message: 'name one object, or use a selector: there are no wildcards' },
              ],
            },
            selector: {
              ...labelSelectorSchema,
              description:
                'Labels of the objects themselves. Their authors set labels: everybody who may edit such objects can bring one under this exemption.',
              'x-kubernetes-validations': [
                {
                  rule: "(has(self.matchLabels) && size(self.matchLabels) > 0) || (has(self.matchExpressions) && self.matchExpressions.exists(one, one.operator == 'In' || one.operator == 'Exists'))",
                  message: 'too broad: name at least one label that the objects carry (matchLabels, In or Exists)',
                },
              ],
            },
          },
          'x-kubernetes-validations': [
            { rule: 'has(self.name) != has(self.selector)', message: 'give exactly one of name and selector' },
          ],
        },
        reason: {
          description: 'Why the deviation is right for now, for whoever meets it in a report.',
          type: 'string',
          maxLength: 1024,
          'x-kubernetes-validations': [{ rule: saysSomething, message: 'say why' }],
        },
        owner: {
          description: 'Who answers for it: a team, a person, a channel.',
          type: 'string',
          maxLength: 253,
          'x-kubernetes-validations': [{ rule: saysSomething, message: 'say who answers for it' }],
        },
        until: {
          description:
            'When it ends, at most 366 days ahead: a date (2026-12-31, to the end of that day in UTC) or a date-time (2026-12-31T18:00:00Z).',
          type: 'string',
          maxLength: 40,
          'x-kubernetes-validations': [
            { rule: dateOrDateTime, message: 'write a date (2026-12-31) or a date-time (2026-12-31T18:00:00Z)' },
          ],
        },
      },
    },
    status: {
      description: 'What daytwo makes of the exemption. It writes this; do not.',
      type: 'object',
      properties: {
        state: {
          description: 'Active; Expired; or Rejected, which counts as none.',
          type: 'string',
          enum: ['Active', 'Expired', 'Rejected'],
        },
        message: { description: 'Since or until when, or why it is rejected.', type: 'string' },
        uses: { description: 'How many findings it excuses at present.', type: 'integer' },
        observedGeneration: { description: 'Which metadata.generation this speaks of.', type: 'integer' },
      },
    },
  },
} as const;
