import type { CheckFunction } from './check.ts';
import { areRandomLetters } from './random.ts';

/** Shorter pieces between capitals are what a random text looks like, not words. */
const WORD_MIN = 3;
/** Ranges and groups of regular expressions; the scheme of an address that a placeholder follows. */
const EXPRESSION = /a-[fz]|A-[FZ]|0-9|\?[:=!<]|^[a-z][a-z+]*:\/\/$/;

/**
 * Is no expression, type or identifier of a program: words joined by case, `_`,
 * `.`, `-` or brackets, without any digit. For values that people choose, where
 * the form says nothing and a call such as `get(Password)` stands as often.
 */
export const notCode: CheckFunction = ({ secret }) => {
  if (EXPRESSION.test(secret)) return 'code';
  if (/[0-9]/.test(secret)) return /^[A-Za-z_$][\w$]*(?:\.[\w$]+)*[([]/.test(secret) ? 'code' : null;
  if (!/^[A-Za-z_$.,:()[\]<>{}/'"-]+$/.test(secret)) return null;
  const words = secret.match(/[A-Z]+(?![a-z])|[A-Z]?[a-z]+/g) ?? [];
  return words.every((word) => word.length >= WORD_MIN) && !areRandomLetters(secret) ? 'code' : null;
};
