declare const UNLEAK_VERSION: string;

/** The version of package.json, put here by the build. */
export const VERSION: string = typeof UNLEAK_VERSION === 'string' ? UNLEAK_VERSION : '0.0.0-source';
