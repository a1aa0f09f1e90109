/**
 * Written by scripts/generate-language.ts: what follows what in names, paths and words of sources.
 * A cell is a base-36 digit d for a share of 2^(−d/3) of its row.
 */

/** Row: the letter before, a to z, then the beginning of a word. Column: the letter, case folded. */
// oxfmt-ignore
export const LETTER_AFTER =
  'vfbewleygwo9dbzcz9b7gmnlju' +
  '9mkn9omgadq8ou9owdep9xtwfu' +
  'atjs9uxahsccrz6tzde9fxzwmz' +
  'bnof3qpx9tvhqtapyigndnwuhz' +
  'ehcclfjustzde9pfi79crgnckz' +
  'brmpadtz5zzdpo7xzdgfdvzziz' +
  'dqrv4ojg8zzdickizdcceqzwpy' +
  '8svv6vxv5xzpjtavuhldbzzzqz' +
  'gkdffhezwzsce78ixg9aviznzg' +
  'hrvp5vuuispswudxsp3mikqyuz' +
  'booj3ejq9xtntemsvq9llwotrz' +
  '9mtf6nvv8tkast9mzsgdciszhz' +
  '7evp5xtzbqzgdn9azrgmiuyxrz' +
  'brcabfasduklkgclys97hiyzpz' +
  'midbsjmzlnhec6ibz7feekglqj' +
  '8xrk7ztldztbps9ez8iadtzzrz' +
  'xruupyszuvyhpyuqrnvt0xqsyu' +
  '9ngi6odyazjjghapzecagltzfz' +
  'grcp7lveaykklmceul96dmqmhz' +
  'bzis7rv97zzomtblzbbgizprcz' +
  'hcghajfzdzy9d9mdz9aatuzpzz' +
  '6woz3zgz8zztrgiuzsqvlyyyzz' +
  '9vws5vog8yzlub8rycdoyugvzy' +
  'gvewclzsfzznhol3zsm5yxytjx' +
  'ghltjnqzkxxec9j3zubhwudzsn' +
  '9wtx4zut6zuquy6vzzottyqqkm' +
  'cfadcdgicjkedfdbpcbchhgnrp';

/** Row and column: small letter, capital, digit, anything else. */
// oxfmt-ignore
export const KIND_AFTER =
  '1cqb' +
  '25kd' +
  'b835' +
  '19gg';
