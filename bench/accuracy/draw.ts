/** Random draws for the labelled corpus, written apart from the templates that rules test themselves with. */
import { type Random, seededRandom } from '../../src/rules/random.ts';

const DIGITS = '0123456789';
const SMALL = 'abcdefghijklmnopqrstuvwxyz';
const BIG = SMALL.toUpperCase();

export const ALPHABETS = {
  digits: DIGITS,
  hex: `${DIGITS}abcdef`,
  HEX: `${DIGITS}ABCDEF`,
  small: SMALL + DIGITS,
  big: BIG + DIGITS,
  letters: SMALL + BIG,
  base62: SMALL + BIG + DIGITS,
  base64: `${SMALL + BIG + DIGITS}+/`,
  url: `${SMALL + BIG + DIGITS}-_`,
  base32: `${BIG}234567`,
} as const;

const WORDS =
  'account address agent anchor answer archive arrow autumn badge balance basket battery beacon berry billing border bottle branch breeze bridge broker bucket budget buffer bundle button cabin cable candle canvas carbon castle catalog center chapter charge circle client cloud cluster coffee column copper corner counter cradle crystal customer dagger delta desert detail device dinner dragon drawer driver eagle editor effect engine entry event export falcon family feature field filter finger flower folder forest format frame garden ginger glacier global golden granite guitar hammer harbor header helper hidden horse hotel image index invoice island jacket jungle kernel kettle ladder lantern layer ledger lemon letter limit linen listen locker magnet mango marble market matrix meadow member memory mirror module monkey morning mountain network notice number ocean office option orange orchid order output owner packet panel paper parcel parser partner pencil pepper person pillow planet plugin pocket policy portal process profile project purple queue rabbit radio random record region render report request result river rocket router saddle sample schema screen server session shadow signal silver simple single socket source spider spring static station stream street string summer sunset switch system table target temple theme thread ticket timber timer token tower tracker trigger tunnel update upload user valley vector velvet version vessel view violet walnut weather widget window winter wizard worker yellow zebra zone'.split(
    ' ',
  );

export interface Draw {
  text(alphabet: keyof typeof ALPHABETS, length: number): string;
  /** From `least` up to and including `most`. */
  number(least: number, most: number): number;
  pick<T>(from: readonly T[]): T;
  word(): string;
  words(count: number, joiner: string): string;
  chance(percent: number): boolean;
  uuid(): string;
}

export function drawing(seed: number): Draw {
  const random: Random = seededRandom(seed);
  const pick = <T>(from: readonly T[]): T => {
    const chosen = from[random.below(from.length)];
    if (chosen === undefined) throw new Error('nothing to pick from');
    return chosen;
  };
  const text: Draw['text'] = (alphabet, length) =>
    Array.from({ length }, () => ALPHABETS[alphabet].charAt(random.below(ALPHABETS[alphabet].length))).join('');
  return {
    text,
    pick,
    number: (least, most) => least + random.below(most - least + 1),
    word: () => pick(WORDS),
    words: (count, joiner) => Array.from({ length: count }, () => pick(WORDS)).join(joiner),
    chance: (percent) => random.below(100) < percent,
    uuid() {
      const hex = text('hex', 32);
      return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-${pick(['8', '9', 'a', 'b'])}${hex.slice(17, 20)}-${hex.slice(20)}`;
    },
  };
}

export const capital = (word: string): string => word.charAt(0).toUpperCase() + word.slice(1);
