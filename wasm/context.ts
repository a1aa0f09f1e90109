// Where an instance keeps its tables. Nothing lives in data segments, so any number of
// instances can share one memory: each is given a context address of its own.

/** Bytes of a context; `src/kernel/layout.ts` states the same number. */
export const CONTEXT_BYTES: usize = 64 << 10;

// Offsets within a context.
export const LITERAL_TABLE: usize = 0; // 2048 × u32
export const DISTANCE_TABLE: usize = 8192; // 1024 × u32
export const FIXED_LITERAL_TABLE: usize = 12288; // 512 × u32
export const FIXED_DISTANCE_TABLE: usize = 14336; // 32 × u32
export const PRECODE_TABLE: usize = 14464; // 128 × u32
export const LITERAL_TEMPLATE: usize = 14976; // 288 × u32
export const DISTANCE_TEMPLATE: usize = 16128; // 32 × u32
export const PRECODE_TEMPLATE: usize = 16256; // 19 × u32, padded
export const CODE_LENGTHS: usize = 16384; // 320 × u8 and room for one long repeat
export const SORTED: usize = 16896; // 320 × u16
export const COUNTS: usize = 17536; // 16 × u32
export const STARTS: usize = 17600; // 16 × u32
export const PRECODE_LENGTHS: usize = 17664; // 19 × u8, padded
export const PATTERNS: usize = 17728; // 16 × 16 lane numbers
export const PATTERN_STEPS: usize = 17984; // 16 × u32
export const COPY_LANES: usize = 18048; // 128 × 16: lane numbers, then the operation's length in lane 15
export const USED: usize = 20096; // 320 × u32: symbols that a code has, and behind 16 bits their lengths
export const MIRRORED: usize = 21376; // 256 × u8: bytes with their bits the other way round
export const BASE64_VALUES: usize = 23104; // 256 × u8: 255 for what is no digit
export const HEX_VALUES: usize = 23360; // 256 × u8
export const RUNS: usize = 23616; // 4 × 8 × 64: for each layer of encoding, of each kind of run what was found out last
export const RUN_RECORDS: usize = 25664; // 4 × 64: for each layer a hit within a decoded run
export const UNESCAPED: usize = 26624; // 8192 × u8: a window with its escapes undone
export const UNESCAPED_BYTES: usize = 8192;

export let context: usize = 0;

export function setContext(at: usize): void {
  context = at;
}

// Result numbers; `src/kernel/codes.ts` names them for JavaScript.
export const OK: i32 = 0;
export const TRUNCATED: i32 = 1;
export const BAD_HEADER: i32 = 2;
export const BAD_BLOCK: i32 = 3;
export const BAD_CODE: i32 = 4;
export const BAD_DISTANCE: i32 = 5;
export const TOO_LONG: i32 = 6;
export const TOO_SHORT: i32 = 7;
export const BAD_CHECKSUM: i32 = 8;
export const DELTA_BASE_SIZE: i32 = 9;
export const DELTA_RESULT_SIZE: i32 = 10;
export const DELTA_BAD_COPY: i32 = 11;
export const DELTA_BAD_INSERT: i32 = 12;
export const DELTA_RESERVED: i32 = 13;
export const NO_ROOM: i32 = 14;
export const BAD_ENTRY: i32 = 15;
