import { isScanError } from '../errors/base.ts';
import { type Endpoint, type Outcome, type Wire, perform, performSmtp } from './call.ts';
import type { Probe, ProbeMeaning } from './declaration.ts';
import type { Values } from './template.ts';

/** What one probe heard. */
export interface ProbeResult {
  readonly provider: string;
  readonly probe: string;
  readonly means: ProbeMeaning;
  /** HTTP status or SMTP code; 0 where no answer came. */
  readonly status: number;
  /** The provider's own error code, or the code of our error; null for a plain yes. */
  readonly error: string | null;
  readonly learned: Readonly<Record<string, readonly string[]>>;
  readonly at: string;
  /** Method and path asked, without query. */
  readonly asked: string;
}

const YES: readonly ProbeMeaning[] = ['live', 'live-limited', 'dormant'];

/** True if the provider knew the credential. */
export function isRecognised(means: ProbeMeaning): boolean {
  return YES.includes(means);
}

function asked(probe: Probe): string {
  return 'smtp' in probe.call ? 'SMTP AUTH' : `${probe.call.method} ${probe.call.urlIsSecret ? '/…' : probe.call.path}`;
}

async function ask(wire: Wire, endpoint: Endpoint, probe: Probe, values: Values): Promise<Outcome<ProbeMeaning>> {
  return 'smtp' in probe.call
    ? performSmtp(wire, endpoint, probe.call, values)
    : perform(wire, endpoint, probe.call, values);
}

/**
 * Asks once. A request that could not be made or answered is `unknown` with the
 * error's code, never a verdict; only an abort of the whole run goes on as an error.
 */
export async function runProbe(wire: Wire, endpoint: Endpoint, probe: Probe, values: Values): Promise<ProbeResult> {
  const about = { provider: endpoint.provider.id, probe: probe.call.name, asked: asked(probe) };
  try {
    const { means, status, error, learned, at } = await ask(wire, endpoint, probe, values);
    return { ...about, means: means ?? 'unknown', status, error, learned: means === null ? {} : learned, at };
  } catch (error) {
    if (!isScanError(error) || error.code === 'HTTP_ABORTED') throw error;
    return { ...about, means: 'unknown', status: 0, error: error.code, learned: {}, at: wire.now().toISOString() };
  }
}
