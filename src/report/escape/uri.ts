/**
 * A path as the URI of a SARIF artifact: relative to the source root, or
 * `file:` if absolute. Lone surrogates become U+FFFD.
 */
export function pathUri(path: string): string {
  const drive = /^[A-Za-z]:[\\/]/.test(path);
  const slashed = drive ? path.replaceAll('\\', '/') : path;
  const encoded = wellFormed(slashed).split('/').map(encodeURIComponent).join('/');
  return drive || path.startsWith('/') ? `file:///${encoded.replace(/^\/+/, '')}` : encoded;
}

function wellFormed(text: string): string {
  return text.replace(/\p{Cs}/gu, '\ufffd');
}
