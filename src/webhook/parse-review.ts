import { at } from '../kubernetes/fields.ts';
import { DeferredManagedFields } from '../kubernetes/managed-fields.ts';

/** From the opening bracket to behind the closing one. */
interface Span {
  readonly start: number;
  readonly end: number;
}

/**
 * Parses an AdmissionReview, but not the `managedFields` of its objects, which would take as long as all the rest.
 * @throws {SyntaxError} where it is not JSON
 */
export function parseReview(body: Buffer): unknown {
  const spans = managedFieldsIn(body);
  const review = spans.length === 0 ? undefined : parseWithout(spans, body);
  return review ?? JSON.parse(body.toString());
}

/** @returns undefined where the spans are not the managedFields of the objects, but something that looks like them */
function parseWithout(spans: readonly Span[], body: Buffer): unknown {
  let rest = '';
  let from = 0;
  for (let index = 0; index < spans.length; index += 1) {
    const { start, end } = spans[index] as Span;
    rest += body.toString('utf8', from, start) + index;
    from = end;
  }
  rest += body.toString('utf8', from);
  try {
    const review: unknown = JSON.parse(rest);
    // Such a list in the spec of a custom resource is data like any other.
    return putBack(review, spans, body) === spans.length ? review : undefined;
  } catch {
    return undefined;
  }
}

/**
 * The API server sends a list there or nothing, so a number is one of those that stand for the spans.
 * @returns how many of them were found where managedFields belong
 */
function putBack(review: unknown, spans: readonly Span[], body: Buffer): number {
  let found = 0;
  for (const field of ['object', 'oldObject']) {
    const metadata = at(review, 'request', field, 'metadata');
    const index = at(metadata, 'managedFields');
    const span = typeof index === 'number' ? spans[index] : undefined;
    if (span === undefined) continue;
    const json = body.toString('utf8', span.start, span.end);
    (metadata as { managedFields: unknown }).managedFields = new DeferredManagedFields(json);
    found += 1;
  }
  return found;
}

/** As the API server writes it. Within a string the quotes would be escaped, so wherever this stands it is a key. */
const key = Buffer.from('"managedFields":[');
const closingBracket = 0x5d;

/**
 * Each from its key to the next closing bracket. Nearly always that is its own; where it is not, what is left of the body is no
 * JSON, so the guess cannot go wrong unseen: a bracket of a list inside it leaves one too many behind, and one inside a
 * string turns what is in quotes inside out down to the end of the body.
 */
function managedFieldsIn(body: Buffer): readonly Span[] {
  const spans: Span[] = [];
  for (let found = body.indexOf(key); found !== -1; ) {
    const start = found + key.length - 1;
    const end = body.indexOf(closingBracket, start) + 1;
    if (end === 0) break;
    spans.push({ start, end });
    found = body.indexOf(key, end);
  }
  return spans;
}
