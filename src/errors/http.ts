import { type ErrorNotes, ScanError } from './base.ts';

/** Ways a request can be refused by us or fail on the way. Codes are API: add freely, never rename. */
export type HttpErrorCode =
  | 'HTTP_URL_INVALID'
  | 'HTTP_NOT_HTTPS'
  | 'HTTP_HOST_NOT_ALLOWED'
  | 'HTTP_ADDRESS_REFUSED'
  | 'HTTP_NAME_NOT_FOUND'
  | 'HTTP_REDIRECT'
  | 'HTTP_TIMEOUT'
  | 'HTTP_BODY_TOO_LARGE'
  | 'HTTP_NETWORK'
  | 'HTTP_ABORTED'
  | 'SMTP_PROTOCOL'
  | 'SMTP_NO_TLS';

export const HTTP_MENDS: Record<HttpErrorCode, string> = {
  HTTP_URL_INVALID: 'Check the base URL given with --provider-url or in your providers file.',
  HTTP_NOT_HTTPS: 'Use an https:// URL; plain http is accepted on loopback only.',
  HTTP_HOST_NOT_ALLOWED: 'Name the host with --provider-url or in your own providers file; a repository cannot.',
  HTTP_ADDRESS_REFUSED:
    'If this really is your own instance, list its host under allow-private in your own providers file.',
  HTTP_NAME_NOT_FOUND: 'Check the host name and your connection, then run the command again.',
  HTTP_REDIRECT: 'Put the final address into --provider-url or your providers file; redirects are never followed.',
  HTTP_TIMEOUT: 'Run the command again later; nothing is concluded from an answer that did not come.',
  HTTP_BODY_TOO_LARGE: 'Check that the address is really the provider: its answers are small.',
  HTTP_NETWORK: 'Check your connection and the address, then run the command again.',
  HTTP_ABORTED: 'The run was interrupted; `unleak respond --resume ID` continues an incident.',
  SMTP_PROTOCOL: 'Check that the address is an SMTP submission server.',
  SMTP_NO_TLS: 'Use the implicit-TLS port, or a server that offers STARTTLS; credentials never go out in clear.',
};

export class HttpError extends ScanError {
  override readonly name = 'HttpError';
  readonly code: HttpErrorCode;

  constructor(code: HttpErrorCode, message: string, notes: ErrorNotes = {}) {
    super(message, { mend: HTTP_MENDS[code], ...notes });
    this.code = code;
  }
}
