/** Lets whatever has come meanwhile from other threads be taken, and what follows on it be begun. */
export function pause(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
