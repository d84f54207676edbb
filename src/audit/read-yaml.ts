import { EVENT_ID, type Event, parseEvents, YAMLException } from 'js-yaml';
import type { Mistake, Position } from '../errors.ts';
import { compose } from './yaml/compose.ts';
import { offsetOf } from './yaml/events.ts';
import { explainMistake, helmTemplateMessage } from './yaml/explain-mistake.ts';
import { lineIndex } from './yaml/line-index.ts';
import { locate } from './yaml/locate.ts';
import { markEvents } from './yaml/marks.ts';
import { type DocumentText, splitDocuments } from './yaml/split-documents.ts';

/** One document of a YAML or JSON file, as kubectl would send it. */
export interface YamlDocument {
  readonly file: string;
  readonly value: unknown;
  /** Where the field with this JSON Pointer stands, or the nearest parent that is there. */
  locate(pointer: string): Position;
}

export interface YamlRead {
  readonly documents: YamlDocument[];
  readonly mistakes: Mistake[];
}

/** Deeper than any object of the API; CustomResourceDefinitions with schemas of whole Pods stay below 100. */
const maxDepth = 500;

/** All documents of one file. One that is broken becomes a mistake and leaves the others as they are; empty ones do not count. */
export function readYamlDocuments(text: string, file: string): YamlRead {
  const stream = text.startsWith('\uFEFF') ? text.slice(1) : text;
  const read: YamlRead = { documents: [], mistakes: [] };
  const positionOf = lineIndex(stream);
  for (const one of splitDocuments(stream)) readDocument(one, { file, positionOf, read });
  return read;
}

interface File {
  readonly file: string;
  readonly positionOf: (offset: number) => Position;
  readonly read: YamlRead;
}

function readDocument(one: DocumentText, { file, positionOf, read }: File): void {
  const report = (offset: number, message: string): void => {
    // A Helm template fails in each of its documents, always for the same reason.
    if (message === helmTemplateMessage && read.mistakes.some((earlier) => earlier.message === message)) return;
    read.mistakes.push({ file, position: positionOf(one.offset + offset), field: '', message });
  };
  // The line of the "---" ends right before the document.
  if (one.strayText !== undefined) return report(-one.strayText.length - 1, strayTextMessage);
  try {
    const events = parseEvents(one.text, { maxDepth });
    if (events.length === 0) return;
    const { value, duplicates } = compose(events, one.text);
    for (const { key, offset } of duplicates)
      report(offset, `the key ${JSON.stringify(key)} stands twice in this mapping; kubectl silently takes the last`);
    reportSecondDocument(events, report);
    if (value === null) return;
    const marks = markEvents(events);
    const unique = duplicates.length === 0;
    read.documents.push({
      file,
      value,
      locate: (pointer) => positionOf(one.offset + locate(pointer, marks, one.text, unique)),
    });
  } catch (error) {
    if (!(error instanceof YAMLException)) throw error;
    report(error.mark?.position ?? 0, explainMistake(error, one.text));
  }
}

const strayTextMessage = 'only a comment may follow "---" in its line: kubectl refuses the file';

/** `...` ends a document, but only `---` begins one for kubectl. */
function reportSecondDocument(events: readonly Event[], report: (offset: number, message: string) => void): void {
  const second = events.findIndex(({ type }, index) => type === EVENT_ID.DOCUMENT && index > 0);
  if (second === -1) return;
  report(
    offsetOf(events[second + 1] as Event) ?? 0,
    'kubectl ignores what follows "...": begin the next document with "---"',
  );
}
