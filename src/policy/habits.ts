import { latin1 } from '../bytes/latin1.ts';
import type { BlobFinding } from '../core/detector.ts';
import type { Place } from '../core/finding.ts';
import type { PolicyCode } from '../core/policy.ts';

/** Bytes around a key that tell how it is used. */
const REACH = 400;
/** Bytes of a text's beginning that tell what it is. */
const HEAD = 4096;

/** A key as it is written: what stands before and behind it, as latin1. */
export interface Written {
  readonly provider: string;
  /** Keys of low severity are made to be public, or worth little. */
  readonly isPublic: boolean;
  readonly path: string;
  readonly head: string;
  readonly before: string;
  readonly after: string;
}

/** One way to write a key badly: a pure function of the text around it. */
type Habit = (written: Written) => boolean;

/** Providers whose documentation asks for `Authorization: Bearer KEY`. */
const BEARER = new Set(['migosmtp', 'telnxo', 'rackwave', 'sendgrid', 'resend', 'mailersend', 'openai']);

const HOSTS: Readonly<Record<string, string>> = {
  migosmtp: 'migosmtp.com',
  telnxo: 'telnxo.com',
  turbosmtp: 'turbo-smtp.com',
  mailosaur: 'mailosaur.com',
  sendgrid: 'sendgrid.com',
  resend: 'api.resend.com',
};

const AUTHORIZATION =
  /authorization["'`]?\]?[ \t]{0,4}(?::|=>|=|,)[ \t]{0,4}["'`]?(?:(?!bearer)[a-z-]{2,20}[ \t]{1,8})?$/i;
const SCHEME = /authorization["'`]?\]?[ \t]{0,4}(?::|=>|=|,)[ \t]{0,4}["'`]?[ \t]{0,4}(bearer[ \t]{1,8})$/i;

/** None at all, or another one: `Token`, `Key`, `Basic`. */
function withoutBearer({ provider, before }: Written): boolean {
  return BEARER.has(provider) && AUTHORIZATION.test(before);
}

/** Anything but `Bearer` and one space. */
function oddBearer({ provider, before }: Written): boolean {
  const scheme = SCHEME.exec(before)?.[1];
  return BEARER.has(provider) && scheme !== undefined && scheme !== 'Bearer ';
}

function inQuery({ before }: Written): boolean {
  return /https?:\/\/[^\s"'`<>]{1,300}[?&][\w.[\]-]{1,64}=$/i.test(before);
}

/** Blanks between a quote and the key, or an escaped line break; blanks at the end of a line of an environment file. */
function withBlanks({ before, after, path }: Written): boolean {
  const quote = /(["'`])[ \t]{0,8}$/.exec(before)?.[1];
  if (quote !== undefined) {
    const ending = /^(?:[ \t\r\n]{0,8}|(?:\\[nrt]){0,4})(["'`])/.exec(after);
    if (ending?.[1] !== quote) return false;
    return /[ \t]$/.test(before) || ending[0].length > 1;
  }
  return isEnvironmentFile(path) && before.endsWith('=') && /^[ \t]{1,40}(?:\r?\n|$)/.test(after);
}

/** What stands for the rest: three dots, as such or as one character. */
function cutShort({ after }: Written): boolean {
  return /^(?:\.{3}|\xe2\x80\xa6)/.test(after);
}

/** The host of another provider stands near, and its own does not. */
function elsewhere({ provider, before, after }: Written): boolean {
  const own = HOSTS[provider];
  if (own === undefined) return false;
  const near = `${before}${after}`.toLowerCase();
  return !near.includes(own) && Object.values(HOSTS).some((host) => host !== own && near.includes(host));
}

const PUBLIC_NAME =
  /(?:NEXT_PUBLIC|VITE|REACT_APP|EXPO_PUBLIC|NUXT_PUBLIC|GATSBY|VUE_APP|PUBLIC)_[A-Z0-9_]{1,60}["']?[ \t]{0,4}[:=][ \t]{0,4}["'`]?$/;
const PUBLIC_FOLDER = /(?:^|\/)(?:public|static|wwwroot|htdocs)\/.{0,400}\.(?:[cm]?js|html?|css|json)$/is;
const APP_RESOURCE =
  /(?:^|\/)res\/values[\w-]{0,20}\/[\w.-]{1,80}\.xml$|(?:^|\/)(?:AndroidManifest\.xml|(?:GoogleService-)?Info\.plist)$/;
/** Where frameworks keep the code of apps, and Angular what it builds into its pages. */
const APP_FOLDER =
  /(?:^|\/)(?:ios\/.{0,300}\.(?:swift|mm?|h)|android\/.{0,300}\.(?:kt|java|gradle|properties)|lib\/.{0,300}\.dart|src\/environments\/environment[\w.-]{0,40}\.ts)$/i;
const COMPONENT = /\.(?:vue|svelte)$/i;
/** What the beginning of a file of an app for phones imports. */
const APP_CODE =
  /^(?:import (?:UIKit|SwiftUI|android\.|androidx\.)|#import <UIKit|import ["']package:flutter\/)|from ["']react-native["']/m;
/** A build file that puts the key into the app. */
const APP_FIELD = /\b(?:buildConfigField|resValue)\b[^\r\n]{0,200}$/;
const SCRIPT_FILE = /\.(?:[cm]?[jt]sx?|html?)$/i;

function inClient({ path, head, before, after, isPublic }: Written): boolean {
  if (isPublic) return false;
  if (PUBLIC_NAME.test(before) || PUBLIC_FOLDER.test(path) || APP_RESOURCE.test(path) || APP_FOLDER.test(path))
    return true;
  if (COMPONENT.test(path) || APP_CODE.test(head) || APP_FIELD.test(before)) return true;
  if (/\.html?$/i.test(path)) return /<script/i.test(before);
  if (!SCRIPT_FILE.test(path)) return false;
  return (
    /^\s{0,20}["']use client["']/.test(head) || /\b(?:window|document|localStorage|navigator)\./.test(before + after)
  );
}

const HEADERS = /^(?:Return-Path|Received|From|To|Date|Subject|Message-ID|MIME-Version|Delivered-To): /gim;

/** An export of mails or of a chat, whatever its file is called. */
function inConversation({ head, before, after }: Written): boolean {
  if (/^From \S{1,200} .{0,60}\d{4}\r?\n/.test(head)) return true;
  const headers = new Set(
    Array.from(head.split(/\r?\n\r?\n/)[0]?.matchAll(HEADERS) ?? [], ([name]) => name.toLowerCase()),
  );
  if (headers.size >= 4) return true;
  const near = head + before + after;
  const isSlack = /"ts"\s?:\s?"\d{10}\.\d{6}"/.test(near) && /"type"\s?:\s?"message"/.test(near);
  const isTeams =
    /"messageType"\s?:\s?"(?:message|RichText\/Html|Text)"/i.test(near) &&
    /"(?:chatId|channelIdentity|conversationId|createdDateTime|body)"\s?:/i.test(near);
  return isSlack || isTeams;
}

/** `.env`, `.env.production`, `web.env`; not `.env.example`. */
export function isEnvironmentFile(path: string): boolean {
  const name = path.slice(path.lastIndexOf('/') + 1);
  return /^\.env(?:\.[\w.-]{1,60})?$|^[\w-]{1,60}\.env$/i.test(name) && !/example|sample|template|dist$/i.test(name);
}

function forProduction({ path }: Written): boolean {
  const name = path.slice(path.lastIndexOf('/') + 1);
  return (
    /(?:^|[._-])prod(?:uction)?(?:[._-]|$)/i.test(name) &&
    /\.(?:env|ya?ml|json|toml|ini|properties|conf|tfvars)\b|^\.env/i.test(name)
  );
}

const HABITS: readonly (readonly [PolicyCode, Habit])[] = [
  ['POLICY_ENV_FILE', ({ path }) => isEnvironmentFile(path)],
  ['POLICY_CHAT_OR_MAIL', inConversation],
  ['POLICY_CLIENT_SIDE', inClient],
  ['POLICY_PRODUCTION_FILE', forProduction],
  ['POLICY_WRONG_PLATFORM', elsewhere],
  ['POLICY_WHITESPACE', withBlanks],
  ['POLICY_QUERY_PARAMETER', inQuery],
  ['POLICY_NO_BEARER', withoutBearer],
  ['POLICY_BEARER_FORM', oddBearer],
  ['POLICY_CUT_SHORT', cutShort],
];

/** What is wrong with how a key is written, by what stands around it alone. */
export function habitsIn(written: Written): PolicyCode[] {
  return HABITS.filter(([, isSo]) => isSo(written)).map(([code]) => code);
}

/**
 * What is wrong with how a key is written at a place. A key inside of an archive, whose bytes are not
 * at hand, is judged by its path alone.
 */
export function habitsOf(content: Uint8Array, finding: BlobFinding, place: Place): PolicyCode[] {
  const { rule, span, inner } = finding;
  const path = `${place.path ?? ''}${inner === undefined ? '' : `!${inner}`}`.replaceAll('!', '/');
  const text = inner === undefined ? content : new Uint8Array();
  return habitsIn({
    provider: rule.provider,
    isPublic: rule.severity === 'low',
    path: place.kind === 'path' ? '' : path,
    head: latin1(text, 0, Math.min(HEAD, text.length)),
    before: latin1(text, Math.max(0, Math.min(text.length, span.start) - REACH), Math.min(text.length, span.start)),
    after: latin1(text, Math.min(text.length, span.end), Math.min(text.length, span.end + REACH)),
  });
}
