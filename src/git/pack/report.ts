import type { PackError } from '../../errors/pack.ts';

/** Told of everything that could not be read. Nothing reported this way was covered. */
export type Report = (error: PackError) => void;
