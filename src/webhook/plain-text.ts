/** Control characters: the API server drops a warning that holds one, and a terminal obeys them. */
// oxlint-disable-next-line no-control-regex -- they are what is looked for
const control = /[\u0000-\u001f\u007f-\u009f]+/g;

/** The text on one line, without anything that a terminal would obey. Values in it were written by whoever sent the object. */
export function plainText(text: string): string {
  return text.replace(control, ' ');
}
