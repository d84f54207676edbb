/**
 * One line of text, safe for a terminal and a CI log: names and values come from files, and a control character in them
 * could recolour the report, erase a line of it, or begin one that the CI system takes for a command.
 */
export function printable(text: string): string {
  return text.replaceAll(/[\p{Cc}\p{Zl}\p{Zp}\u202A-\u202E\u2066-\u2069]/gu, '\uFFFD');
}
