/**
 * JSON Schema of a `metav1.LabelSelector`, in the subset that a CustomResourceDefinition takes too. The limits keep the
 * CEL rules around it affordable for an API server.
 */
export const labelSelectorSchema = {
  type: 'object',
  additionalProperties: false,
  properties: {
    matchLabels: {
      description: 'Labels that must be there with just these values.',
      type: 'object',
      maxProperties: 50,
      additionalProperties: { type: 'string', maxLength: 63 },
    },
    matchExpressions: {
      description: 'Requirements that must all hold.',
      type: 'array',
      maxItems: 50,
      items: {
        type: 'object',
        additionalProperties: false,
        required: ['key', 'operator'],
        properties: {
          key: { description: 'Name of the label.', type: 'string', minLength: 1, maxLength: 317 },
          operator: {
            description: 'How the label relates to the values. A label that is missing satisfies NotIn.',
            type: 'string',
            enum: ['In', 'NotIn', 'Exists', 'DoesNotExist'],
          },
          values: {
            description: 'For In and NotIn; not for the others.',
            type: 'array',
            maxItems: 100,
            items: { type: 'string', maxLength: 63 },
          },
        },
      },
    },
  },
} as const;
