import { ownValue } from '../core/own-value.ts';
import type { Check } from '../core/rule.ts';
import { RuleError } from '../errors/rule.ts';
import { nearest } from '../core/nearest.ts';
import { readPattern } from './pattern.ts';
import type { CheckSource } from './schema.ts';

/** What parameter a check takes. */
type Parameter = 'none' | 'number' | 'pattern' | 'optional-number';

/** Every check a rule may name; a test holds this list to the engine's (`detect/checks/`). */
export const CHECK_PARAMETERS: Readonly<Record<string, Parameter>> = {
  'any-value': 'none',
  'not-sample': 'none',
  'crc32-base62': 'none',
  entropy: 'number',
  'entropy-above': 'number',
  'entropy-ratio': 'optional-number',
  hex: 'none',
  jwt: 'none',
  'min-digits': 'number',
  mixed: 'none',
  'mixed-case': 'none',
  'mixed-or-random': 'none',
  'not-code': 'none',
  'not-hex': 'none',
  'not-placeholder': 'none',
  'not-prefix': 'pattern',
  'not-uuid': 'none',
  'not-words': 'optional-number',
  random: 'optional-number',
  'sha256-base32': 'number',
};

/**
 * @throws RuleError `RULE_CHECK` for a name or a parameter the engine does not know
 */
export function compileCheck(source: CheckSource, where: string): Check {
  const [name, value] = typeof source === 'string' ? [source] : (Object.entries(source)[0] ?? ['']);
  const parameter = ownValue(CHECK_PARAMETERS, name);
  if (parameter === undefined) {
    const meant = nearest(name, Object.keys(CHECK_PARAMETERS));
    throw new RuleError(
      'RULE_CHECK',
      `${where}: no check "${name}"${meant === null ? '' : `; did you mean "${meant}"?`}`,
    );
  }
  if (!fits(parameter, value)) {
    throw new RuleError('RULE_CHECK', `${where}: check "${name}" takes ${PARAMETER_TEXT[parameter]}`);
  }
  // Run natively by the engine, so it must be bounded like any pattern.
  if (parameter === 'pattern') readPattern(String(value), where, true);
  return value === undefined ? { name } : { name, value };
}

const PARAMETER_TEXT: Readonly<Record<Parameter, string>> = {
  none: 'no parameter',
  number: 'a number',
  'optional-number': 'a number, or nothing',
  pattern: 'a regular expression',
};

function fits(parameter: Parameter, value: string | number | undefined): boolean {
  switch (parameter) {
    case 'none':
      return value === undefined;
    case 'number':
      return typeof value === 'number';
    case 'optional-number':
      return value === undefined || typeof value === 'number';
    case 'pattern':
      return typeof value === 'string';
  }
}
