import type { Hit } from './detectors.ts';
import type { View } from './views.ts';

/** Stands in every shared access signature. */
export const sasLiteral = 'sig=';

/**
 * Azure shared access signatures: URLs on Azure's hosts with a signature (`sig`) and an end (`se`). One that has ended is
 * harmless, and one signed for a user (`skoid`) ends within seven days.
 * Source: learn.microsoft.com/rest/api/storageservices/create-service-sas
 * @param now milliseconds since 1970
 */
export function* findSharedAccessSignatures(view: View, now: number): Generator<Hit> {
  const { text } = view;
  let from = 0;
  for (let at = text.indexOf(sasLiteral); at !== -1; at = text.indexOf(sasLiteral, from)) {
    const index = startOfUrl(text, at);
    const url = text.slice(index, endOfUrl(text, at));
    from = index + url.length;
    const secret = /(?:^|[?&;=])sig=([\w%+/=-]{40,})/.exec(url)?.[1];
    if (secret === undefined || !azureHost.test(url)) continue;
    const end = Date.parse(decode(/[?&;]se=([^&\s]{1,64})/.exec(url)?.[1] ?? ''));
    if (Number.isNaN(end)) continue;
    yield { detector: 'azure-sas', confidence: confidence(url, end, now), view, index, secret: decode(secret) };
  }
}

const azureHost = /https?:\/\/[\w.-]{1,128}\.(?:core\.windows\.net|azure\.com)/;
/** No signed URL is longer; it bounds the work in a file without spaces. */
const longest = 4096;

function confidence(url: string, end: number, now: number): Hit['confidence'] {
  if (end < now) return 'low';
  return /[?&]skoid=/.test(url) ? 'medium' : 'high';
}

function startOfUrl(text: string, from: number): number {
  let i = from;
  while (i > 0 && from - i < longest && !isDelimiter(text.charCodeAt(i - 1))) i--;
  return i;
}

function endOfUrl(text: string, from: number): number {
  let i = from;
  while (i < text.length && i - from < longest && !isDelimiter(text.charCodeAt(i))) i++;
  return i;
}

/** White space, quotes and angle brackets. */
function isDelimiter(code: number): boolean {
  return code <= 0x20 || code === 0x22 || code === 0x27 || code === 0x3c || code === 0x3e;
}

function decode(text: string): string {
  return text.replaceAll(/%([0-9a-f]{2})/gi, (_escape, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
}
