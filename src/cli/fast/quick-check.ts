/** Judges a hook's command line. Undefined: not plainly clean, so the full command has to look. */
export type QuickCheck = (args: readonly string[], folder: string) => number | undefined;
