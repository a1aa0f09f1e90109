const UNITS: Readonly<Record<string, number>> = { '': 1, k: 1e3, m: 1e6, g: 1e9, t: 1e12 };
const BINARY_UNITS: Readonly<Record<string, number>> = { k: 2 ** 10, m: 2 ** 20, g: 2 ** 30, t: 2 ** 40 };

/** Bytes of a size such as 500, `"20 MB"` or `"20 MiB"`, which the schema has checked. */
export function byteCount(size: string | number): number {
  if (typeof size === 'number') return size;
  const [, digits = '0', unit = '', binary] = /^(\d+)\s*([kmgt]?)(i?)b?$/i.exec(size) ?? [];
  const factors = binary === 'i' ? BINARY_UNITS : UNITS;
  return Number(digits) * (factors[unit.toLowerCase()] ?? 1);
}
