import { stringify } from 'yaml';
import { list } from '../../src/kubernetes/fields.ts';
import { policyApiVersion } from '../../src/policy/readiness-policy.ts';
import { readinessExemptionSchema } from '../../src/policy/readiness-exemption.ts';
import { readinessPolicySchema } from '../../src/policy/readiness-policy-schema.ts';

type Schema = Readonly<Record<string, unknown>>;

interface Column {
  readonly name: string;
  readonly type: 'string' | 'integer' | 'boolean' | 'date';
  readonly jsonPath: string;
  readonly description?: string;
}

interface Resource {
  readonly kind: string;
  readonly plural: string;
  readonly scope: 'Cluster' | 'Namespaced';
  readonly shortNames: readonly string[];
  readonly schema: Schema;
  readonly columns: readonly Column[];
}

const age: Column = { name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp' };

const resources: readonly Resource[] = [
  {
    kind: 'ReadinessPolicy',
    plural: 'readinesspolicies',
    scope: 'Cluster',
    shortNames: ['rpol'],
    schema: readinessPolicySchema,
    columns: [
      { name: 'Accepted', type: 'boolean', jsonPath: '.status.accepted' },
      { name: 'Rules', type: 'integer', jsonPath: '.status.rules' },
      age,
    ],
  },
  {
    kind: 'ReadinessExemption',
    plural: 'readinessexemptions',
    scope: 'Namespaced',
    shortNames: ['rex'],
    schema: readinessExemptionSchema,
    columns: [
      { name: 'Checks', type: 'string', jsonPath: '.spec.checks' },
      { name: 'Target', type: 'string', jsonPath: '.spec.target' },
      { name: 'Owner', type: 'string', jsonPath: '.spec.owner' },
      { name: 'Until', type: 'string', jsonPath: '.spec.until' },
      { name: 'State', type: 'string', jsonPath: '.status.state' },
      { name: 'Uses', type: 'integer', jsonPath: '.status.uses' },
    ],
  },
];

/** manifests/install/05-crds.yaml: the schemas of the command line, as an API server takes them. */
export function renderCrds(): string {
  const head = [
    '# Written by `npm run docs` from the schemas in src/policy/; edits here are lost.',
    '#',
    '# What daytwo is told by. Deleting a definition deletes every policy or exemption with it.',
    '',
  ].join('\n');
  return (
    head +
    resources.map((one) => stringify(definition(one), { lineWidth: 120, aliasDuplicateObjects: false })).join('---\n')
  );
}

function definition({ kind, plural, scope, shortNames, schema, columns }: Resource): object {
  const [group, version] = policyApiVersion.split('/');
  const names = {
    kind,
    plural,
    singular: kind.toLowerCase(),
    listKind: `${kind}List`,
    shortNames,
    categories: ['daytwo'],
  };
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `${plural}.${group}`, labels: { 'app.kubernetes.io/part-of': 'daytwo' } },
    spec: {
      group,
      scope,
      names,
      versions: [
        {
          name: version,
          served: true,
          storage: true,
          subresources: { status: {} },
          additionalPrinterColumns: columns,
          schema: { openAPIV3Schema: root(schema) },
        },
      ],
    },
  };
}

/** The API server knows the first three fields of every object itself. */
function root(schema: Schema): Schema {
  const { properties, ...structural } = toStructural(schema) as { readonly properties: Schema };
  const { apiVersion: _apiVersion, kind: _kind, metadata: _metadata, ...own } = properties;
  return {
    ...structural,
    required: ['spec'],
    properties: {
      apiVersion: { description: `${policyApiVersion}.`, type: 'string' },
      kind: { description: 'The kind of this object.', type: 'string' },
      metadata: { type: 'object' },
      ...own,
    },
  };
}

/**
 * JSON Schema to the structural schemas of apiextensions/v1: fields that are not named are pruned (kubectl refuses them), and what has
 * several types is left to the webhook.
 */
function toStructural(schema: Schema): Schema {
  if ('if' in schema) return { description: schema['description'], 'x-kubernetes-preserve-unknown-fields': true };
  const structural: Record<string, unknown> = {};
  for (const [keyword, value] of Object.entries(schema)) {
    if (keyword === 'properties') structural[keyword] = eachOf(value as Schema);
    else if (keyword === 'items') structural[keyword] = toStructural(value as Schema);
    else if (keyword === 'const') Object.assign(structural, { type: typeof value, enum: [value] });
    else if (keyword === 'additionalProperties') {
      if (value !== false) structural[keyword] = toStructural(value as Schema);
    } else structural[keyword] = value;
  }
  // Merged as a whole: two people who apply parts of one list would make a list that nobody wrote.
  if (schema['type'] === 'array') structural['x-kubernetes-list-type'] = 'atomic';
  return list(structural['required']).length === 0 ? without(structural, 'required') : structural;
}

function eachOf(properties: Schema): Schema {
  return Object.fromEntries(Object.entries(properties).map(([name, one]) => [name, toStructural(one as Schema)]));
}

function without(schema: Schema, keyword: string): Schema {
  const { [keyword]: _left, ...others } = schema;
  return others;
}
