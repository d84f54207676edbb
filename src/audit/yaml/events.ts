import { EVENT_ID, type Event, SCALAR_STYLE } from 'js-yaml';

export type ScalarEvent = Extract<Event, { type: typeof EVENT_ID.SCALAR }>;
export type AliasEvent = Extract<Event, { type: typeof EVENT_ID.ALIAS }>;

/** Where the node that the event begins stands in the source; undefined for an empty value, which stands nowhere. */
export function offsetOf(event: Event): number | undefined {
  switch (event.type) {
    case EVENT_ID.SCALAR:
      return scalarOffset(event);
    case EVENT_ID.ALIAS:
      return event.anchorStart - 1;
    case EVENT_ID.MAPPING:
    case EVENT_ID.SEQUENCE:
      return event.start;
    default:
      return undefined;
  }
}

function scalarOffset({ style, valueStart, tagStart }: ScalarEvent): number | undefined {
  if (valueStart === -1) return tagStart === -1 ? undefined : tagStart;
  const quoted = style === SCALAR_STYLE.SINGLE_QUOTED || style === SCALAR_STYLE.DOUBLE_QUOTED;
  return quoted ? valueStart - 1 : valueStart;
}
