import type { CheckFunction } from './check.ts';
import { areRandomLetters } from './random.ts';

/** Shorter pieces between capitals are what a random text looks like, not words. */
const WORD_MIN = 3;
/** Ranges and groups of regular expressions; the scheme of an address that a placeholder follows. */
const EXPRESSION = /a-[fz]|A-[FZ]|0-9|\?[:=!<]|^[a-z][a-z+]*:\/\/$/;

/** A variable or a field that is called as what it is given to, and what belongs to a package. */
const NAMED_AGAIN =
  /^[A-Za-z_$][\w$.]*(?:[._][A-Za-z]{0,8}(?:[Pp]ass(?:word|wd|phrase)|[Pp]wd)|[a-z0-9]P(?:assword|asswd|assphrase|wd))$|^[A-Za-z]\w*(?:::\w+)+/;

/**
 * Is no expression, type or identifier of a program: words joined by case, `_`,
 * `.`, `-` or brackets, without any digit. For values that people choose, where
 * the form says nothing and a call such as `get(Password)` stands as often.
 */
export const notCode: CheckFunction = ({ secret }) => {
  if (EXPRESSION.test(secret) || NAMED_AGAIN.test(secret)) return 'code';
  if (/[0-9]/.test(secret)) return /^[A-Za-z_$][\w$]*(?:\.[\w$]+)*[([]/.test(secret) ? 'code' : null;
  if (!/^[A-Za-z_$.,:()[\]<>{}/'"-]+$/.test(secret)) return null;
  const words = secret.match(/[A-Z]+(?![a-z])|[A-Z]?[a-z]+/g) ?? [];
  return words.every((word) => word.length >= WORD_MIN) && !areRandomLetters(secret) ? 'code' : null;
};
