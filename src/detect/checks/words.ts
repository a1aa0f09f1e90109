import type { CheckFunction } from './check.ts';

/**
 * How much likelier a pair of letters is in English prose and program
 * identifiers than in random text: row = first letter, column = second, a
 * base-36 digit d for log2(ratio) = d / 3.5 − 6. Counted by us over package
 * documentation and library sources, each distinct word once to thirty times.
 */
// oxfmt-ignore
const PAIRS =
  'gqsqehobnbjuqtapavswlkgilc' + // a
  'nfgenecangbpddmeakkfmba8h9' + // b
  'sfkjrgdrm8poifuh8olrmdaag9' + // c
  'piimvkfbscclgfnhakmikdcaf8' + // d
  'rjsunpnfkcfspvjojxvufmjrjd' + // e
  'mehgmncbr79keeoe8lhkkaa9f8' + // f
  'kdedscfkm7bkfkje7nlhja99ab' + // g
  'qcbeqbaan6dfgdoc7hfkga99f7' + // h
  'nmrponpbdafrqysncottdnai8m' + // i
  'f9aag986b8a88af879g9f9a776' + // j
  'hddeoceajabeddec8cjeebc7b8' + // k
  'sgjmvgfcuafrfgsjagnmmgbbn9' + // l
  'tjfhtedbp9dkkepqadlgjbbbc9' + // m
  'rgqssmtfpbiigkqiagsulmdagb' + // n
  'kmppfklckdjqqwmp9uppqlngbb' + // o
  'rdiisfdkm8epffqlarlokecai9' + // p
  '8a898a87976f88899cdbma8778' + // q
  'thnmxikct9jloltkbnqqlhd9m8' + // r
  'nfpivjfps8injhppihqwofhck9' + // s
  'thnjwkfqvaeljhrldtqomfgcoc' + // t
  'lmkhlhh7m89onrfm7qop9a9b9a' + // u
  'ocfcrcbam78cddhd8dge99b8c8' + // v
  'kbbckbahl7ccchjb8jhc88a889' + // w
  'ebgbib9ah78cgack8adm999bc9' + // x
  'edecgcd9f79hhhemaejh9bc9ca' + // y
  'g898m989e68998d8898b9887ab'; // z

/** Mean log2 ratio above which letters read as language. Random keys stay below in 999 of 1,000 cases. */
const WORDY = 0.85;
/** Fewer pairs than this say nothing. */
const PAIRS_MIN = 5;

/**
 * How much the letters of a text look like words rather than like a random
 * draw: the mean log2 likelihood ratio of its letter pairs, case folded, over
 * runs of letters of one case or capitalised. About −1 for random letters, +1.5 for English.
 * @returns 0 pairs for a text without neighbouring letters
 */
export function wordiness(text: string): { readonly score: number; readonly pairs: number; readonly letters: number } {
  let sum = 0;
  let pairs = 0;
  let letters = 0;
  for (const [run] of text.matchAll(/[A-Z]?[a-z]+|[A-Z]+/g)) {
    letters += run.length;
    const lower = run.toLowerCase();
    for (let i = 1; i < lower.length; i++) {
      sum += pairScore(lower.charCodeAt(i - 1) - 97, lower.charCodeAt(i) - 97);
      pairs++;
    }
  }
  return { score: pairs === 0 ? 0 : sum / pairs, pairs, letters };
}

function pairScore(first: number, second: number): number {
  return Number.parseInt(PAIRS[first * 26 + second] ?? '0', 36) / 3.5 - 6;
}

/** Most of the value reads as words. Hexadecimal texts are not judged: six letters say too little. */
export const notWords: CheckFunction = ({ secret }, value = WORDY) => {
  if (/^[0-9a-f]+$/i.test(secret)) return null;
  const { score, pairs } = wordiness(secret);
  return pairs >= PAIRS_MIN && pairs * 2 >= secret.length * 0.6 && score > Number(value) ? 'reads like words' : null;
};
