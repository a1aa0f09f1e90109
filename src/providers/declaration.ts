/**
 * What a provider declares: data that says how to ask whether a credential
 * lives, how to kill it, and what else is known. Everything that acts on it
 * (`call.ts`, `src/respond/`) looks capabilities up and knows no provider.
 */

/** Where a statement comes from and how sure it is. */
export interface Sourced {
  readonly sure: 'documented' | 'observed' | 'inferred';
  readonly source: string;
}

/** Text with `{name}` placeholders; see `template.ts`. */
export type Template = string;

/** A JSON value whose strings are templates; a string that is one placeholder may become an array. */
export type JsonTemplate =
  | Template
  | number
  | boolean
  | null
  | readonly JsonTemplate[]
  | { readonly [name: string]: JsonTemplate };

/** A path into parsed JSON: names and indexes joined by dots; empty for the whole. */
export type JsonPath = string;

export type Auth =
  | { readonly kind: 'none' }
  | { readonly kind: 'header'; readonly name: string; readonly value: Template }
  | { readonly kind: 'headers'; readonly values: Readonly<Record<string, Template>> }
  | { readonly kind: 'basic'; readonly user: Template; readonly password: Template }
  | {
      /** AWS Signature Version 4 over a POST form. */
      readonly kind: 'aws';
      readonly service: string;
      readonly region: string;
      readonly keyId: Template;
      readonly secret: Template;
    };

export type CallBody =
  | { readonly kind: 'json'; readonly value: JsonTemplate }
  | { readonly kind: 'form'; readonly value: Readonly<Record<string, Template>> };

/** A condition on an answer's body. */
export type Where =
  | { readonly at: JsonPath; readonly is: string | number | boolean }
  | { readonly at: JsonPath; readonly present: boolean }
  /** The body's text contains this. */
  | { readonly text: string }
  /** The body is empty. */
  | { readonly empty: true };

/** What an answer to a probe says of the credential; `refused` is a failed authentication and proves nothing alone. */
export type ProbeMeaning = 'live' | 'live-limited' | 'dormant' | 'refused' | 'unknown';

/** What an answer to a command says. `ok` is "accepted", never "confirmed". */
export type ActionMeaning = 'ok' | 'not-found' | 'denied' | 'limit' | 'failed';

/** Something an answer tells about the credential: its scopes, its account, its type. */
export interface Learn {
  readonly as: string;
  readonly at?: JsonPath;
  /** Lower-case header name. */
  readonly header?: string;
  /** A fixed word, where the answer itself is the information. */
  readonly value?: string;
}

/** One row of a provider's answer table. The first that fits counts; what no row fits is unknown. */
export interface Answer<Meaning> extends Partial<Sourced> {
  readonly status: number | readonly number[] | '2xx';
  readonly where?: readonly Where[];
  readonly means: Meaning;
  readonly learn?: readonly Learn[];
}

/** One HTTP request and how to read its answer. */
export interface Call<Meaning> extends Sourced {
  /** Unique within the provider; appears in journals and in docs/PROVIDERS.md. */
  readonly name: string;
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Name in `Provider.bases`. */
  readonly base: string;
  readonly path: Template;
  readonly query?: Readonly<Record<string, Template>>;
  readonly auth: Auth;
  readonly headers?: Readonly<Record<string, Template>>;
  readonly body?: CallBody;
  readonly effect: 'read' | 'write';
  readonly answers: readonly Answer<Meaning>[];
  /** Where the provider's own error code stands, tried in order. */
  readonly errorAt: readonly JsonPath[];
  /** Turns a body that is not JSON into something paths can walk. */
  readonly parse?: (body: string) => unknown;
  /** The URL itself is the credential (webhooks); it is never shown. */
  readonly urlIsSecret?: true;
}

/** AUTH and nothing more. Codes without a row are unknown. */
export interface SmtpCall extends Sourced {
  readonly name: string;
  readonly smtp: true;
  readonly base: string;
  readonly user: Template;
  readonly password: Template;
  readonly codes: Readonly<Record<number, ProbeMeaning>>;
}

export interface Probe {
  readonly call: Call<ProbeMeaning> | SmtpCall;
  /** Only tells more about a credential known to live; its own refusal counts for nothing. */
  readonly extra?: true;
}

/** A table of keys as a provider lists them. */
export interface Listing {
  readonly call: Call<ActionMeaning>;
  readonly items: JsonPath;
  readonly id: JsonPath;
  readonly label?: JsonPath;
  readonly createdAt?: JsonPath;
  /** When the key was last used, by anyone. */
  readonly lastUsedAt?: JsonPath;
  readonly permissions?: JsonPath;
  readonly ips?: JsonPath;
  readonly lastFour?: JsonPath;
  /** First characters of the value, or the value with its middle left out. */
  readonly prefix?: JsonPath;
  /** False or another word than `activeIs` means already switched off. */
  readonly active?: { readonly at: JsonPath; readonly is: string | boolean };
  /** The id is the credential itself: rows are known by a digest of it, and `{secret}` names it in calls. */
  readonly idIsSecret?: true;
  /** Next page: a query parameter counting from 1, until a page is short. */
  readonly pages?: { readonly parameter: string; readonly size: number; readonly sizeParameter?: string };
}

/** How the row to revoke is known. */
export type Identify =
  | {
      /** The id is part of the leaked value, or the value itself. */
      readonly by: 'derived';
      readonly part: string;
      /** One group; the whole part without it. */
      readonly pattern?: string;
    }
  | {
      /** A request made with the leaked value names its own id. */
      readonly by: 'asked';
      readonly call: Call<ActionMeaning>;
      readonly id: JsonPath;
    }
  | {
      /** The listing shows beginning and end of each value; both must fit exactly one row. */
      readonly by: 'listed';
      readonly prefix: number;
      readonly suffix: number;
    }
  /** An account that lists exactly one key and accepts the value: it is that one. */
  | { readonly by: 'only' }
  | { readonly by: 'person' };

/** Whose credential a request spends. `operator` needs the leaked value to have authenticated in this incident. */
export type Spends = 'nothing' | 'leaked' | 'operator';

/** A command of the user's own, run without a shell; exit code 0 is "accepted". No secret reaches its arguments. */
export interface CommandCall extends Sourced {
  readonly name: string;
  readonly command: readonly Template[];
}

export interface RevokeWay {
  readonly spends: Spends;
  /** In order; the later ones after the earlier were accepted (AWS: deactivate, then delete). */
  readonly calls: readonly (Call<ActionMeaning> | CommandCall)[];
  /** Its one call takes so many values at once: where the body has the list `["{secret}"]`. */
  readonly most?: number;
  /** Only if the probes learned this about the value (`scopes` holding `api_keys.delete`). */
  readonly requires?: { readonly learned: string; readonly includes: string };
}

export type Revoke =
  | { readonly kind: 'automatic'; readonly ways: readonly RevokeWay[] }
  | ({ readonly kind: 'guided'; readonly why: string } & Sourced);

export interface Create {
  readonly spends: Spends;
  readonly call: Call<ActionMeaning>;
  /** Path of each part of the new credential; the part `secret` is the one that leaked. */
  readonly gives: Readonly<Record<string, JsonPath>>;
  readonly id?: JsonPath;
  /** The caller chooses the value: this template name is filled with so many random letters and digits. */
  readonly chooses?: { readonly name: string; readonly length: number };
}

/** A person's way to do it: link, clicks, and how to know the right row. */
export interface Dashboard extends Sourced {
  readonly url: string;
  readonly revoke: readonly string[];
  readonly create: readonly string[];
  readonly recognise: string;
  /** What this page must warn of before the last click. */
  readonly warning?: string;
}

/** Something a leaked key could have made or changed, and what is done about it. */
export interface Mint {
  readonly what: string;
  /** How it outlives the key. */
  readonly outlives: boolean;
  /** A call that shows it, spending what `spends` says. */
  readonly look?: {
    readonly spends: Spends;
    readonly call: Call<ActionMeaning>;
    readonly items: JsonPath;
    readonly show: readonly JsonPath[];
  };
  /** What a person does about it; without it and without `look` the item is stated unknown. */
  readonly guide?: string;
}

/** Usage or message records for the exposure window. */
export interface Logs extends Sourced {
  readonly spends: Spends;
  /** Given `{from}` and `{to}` as ISO dates, `{fromSeconds}` and `{toSeconds}` as Unix times. */
  readonly call: Call<ActionMeaning>;
  readonly items: JsonPath;
  readonly pages?: { readonly parameter: string; readonly size: number; readonly sizeParameter?: string };
  readonly record: {
    readonly at: JsonPath;
    /** Messages in the record; without it, one. Several paths are added up. */
    readonly count?: readonly JsonPath[];
    readonly recipient?: JsonPath;
    readonly status?: JsonPath;
    readonly ip?: JsonPath;
    readonly country?: JsonPath;
  };
  readonly bounced: readonly string[];
  readonly complained: readonly string[];
  /** Times without a zone are of this offset. */
  readonly zone: string;
  /** What the log cannot show, in a sentence. */
  readonly blind?: string;
}

/** A session opened with the operator's login and closed after use. */
export interface Session {
  readonly open: Call<ActionMeaning>;
  readonly token: JsonPath;
  readonly close: Call<ActionMeaning>;
  /** Accounts below this one, where a key may belong instead. */
  readonly nested?: {
    readonly list: Call<ActionMeaning>;
    readonly items: JsonPath;
    /** Fields given to `open` by name. */
    readonly fields: Readonly<Record<string, JsonPath>>;
    readonly open: Call<ActionMeaning>;
    readonly token: JsonPath;
    readonly pages?: { readonly parameter: string; readonly size: number; readonly sizeParameter?: string };
  };
}

/** The operator's own credential: where it may be, and how it is used. */
export interface Operator {
  /** Template name and environment variable; all of one set are needed, the first complete set is used. */
  readonly sets: readonly (readonly {
    readonly name: string;
    readonly env: string;
    readonly secret: boolean;
    readonly says: string;
  }[])[];
  readonly session?: Session;
}

/** One kind of credential of a provider. `id` is what a rule's `verify` and `revoke` name. */
export interface CredentialKind {
  readonly id: string;
  readonly title: string;
  /** Template name and the rules that find that part; the finding's own value is `secret`. */
  readonly parts: Readonly<Record<string, readonly string[]>>;
  /** Parts taken out of the value itself: template name and a pattern with one group. */
  readonly derive?: Readonly<Record<string, string>>;
  /** Parts that are no secrets, so that they may stand in URLs. */
  readonly open?: readonly string[];
  /** A reason never to ask about this value, such as a known canary; null to ask. */
  readonly neverAsk?: (part: (name: string) => string | null) => string | null;
  readonly probes: readonly Probe[];
  readonly identify: Identify;
  readonly listing?: Listing;
  readonly revoke: Revoke;
  readonly create?: Create;
  readonly order: 'revoke-first' | 'create-first';
  /** Seconds after an accepted revocation until the credential must be refused. */
  readonly settlesWithin: number;
  /** What else dies with it. */
  readonly collateral: readonly string[];
  readonly mints: readonly Mint[];
  readonly limits?: { readonly keys: number } & Sourced;
  readonly logs?: Logs;
  readonly dashboard: Dashboard;
}

export interface Support extends Sourced {
  /** How support is reached, in a sentence. */
  readonly how: string;
  readonly url?: string;
}

export interface Provider {
  readonly id: string;
  readonly title: string;
  /** Name and URL; `main` is replaced by `--provider-url <id>=URL`, others by `<id>.<name>=URL`. */
  readonly bases: Readonly<Record<string, string>>;
  /** Bases that the user named in an adapter; they hold whatever else is moved. */
  readonly given?: readonly string[];
  /** Another platform whose keys are mistaken for this one's. */
  readonly sister?: string;
  readonly operator?: Operator;
  readonly kinds: readonly CredentialKind[];
  readonly support: Support;
  /** What the provider does not publish, so that nobody looks for it. */
  readonly unpublished: readonly string[];
}
