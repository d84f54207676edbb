/**
 * One line of text, safe for a terminal and a CI log: names and values come from files, and a control character in them
 * could recolour the report, erase a line of it, or begin one that the CI system takes for a command.
 */
export function printable(text: string): string {
  // Nearly every text is, and asking takes half the time of replacing nothing.
  return unprintable.test(text) ? text.replaceAll(new RegExp(unprintable, 'gu'), '\uFFFD') : text;
}

const unprintable = /[\p{Cc}\p{Zl}\p{Zp}\u202A-\u202E\u2066-\u2069]/u;
