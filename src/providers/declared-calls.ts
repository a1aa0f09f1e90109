import type {
  ActionMeaning,
  Call,
  CommandCall,
  CredentialKind,
  ProbeMeaning,
  Provider,
  SmtpCall,
} from './declaration.ts';

export interface DeclaredCall {
  readonly call: Call<ProbeMeaning> | Call<ActionMeaning> | SmtpCall | CommandCall;
  /** What it is used for: `verify`, `revoke`, … */
  readonly purposes: readonly string[];
}

function ofKind(kind: CredentialKind): [string, DeclaredCall['call']][] {
  const { revoke, identify, listing, create, logs } = kind;
  return [
    ...kind.probes.map(({ call }): [string, DeclaredCall['call']] => ['verify', call]),
    ...(identify.by === 'asked' ? [['identify', identify.call] as const] : []),
    ...(listing ? [['list', listing.call] as const] : []),
    ...(revoke.kind === 'automatic' ? revoke.ways.flatMap(({ calls }) => calls) : []).map(
      (call): [string, DeclaredCall['call']] => ['revoke', call],
    ),
    ...(create ? [['replace', create.call] as const] : []),
    ...(logs ? [['logs', logs.call] as const] : []),
    ...kind.mints.flatMap(({ look }) => (look ? [['assess', look.call] as const] : [])),
  ].map(([purpose, call]): [string, DeclaredCall['call']] => [purpose, call]);
}

/** Every call that a provider declares, once by name, in the order in which they are met. */
export function declaredCalls(provider: Provider): readonly DeclaredCall[] {
  const session = provider.operator?.session;
  const all: [string, DeclaredCall['call']][] = [
    ...provider.kinds.flatMap(ofKind),
    ...(session
      ? ([
          ['log in', session.open],
          ['log out', session.close],
        ] as [string, DeclaredCall['call']][])
      : []),
    ...(session?.nested
      ? ([
          ['sub-accounts', session.nested.list],
          ['sub-accounts', session.nested.open],
        ] as [string, DeclaredCall['call']][])
      : []),
  ];
  const byName = new Map<string, { call: DeclaredCall['call']; purposes: Set<string> }>();
  for (const [purpose, call] of all) {
    const known = byName.get(call.name);
    if (known) known.purposes.add(purpose);
    else byName.set(call.name, { call, purposes: new Set([purpose]) });
  }
  return [...byName.values()].map(({ call, purposes }) => ({ call, purposes: [...purposes] }));
}
