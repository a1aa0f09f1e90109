import { deflateRawSync } from 'node:zlib';

/** A zip with one entry, as the format's description lays it out. */
export function zip(
  name: string,
  body: Uint8Array,
  { method = 8, flags = 0, uncompressed = body.length } = {},
): Buffer {
  const packed = method === 8 ? deflateRawSync(body) : Buffer.from(body);
  const header = (size: number, signature: number, fields: number): Buffer => {
    const bytes = Buffer.alloc(size);
    bytes.writeUInt32LE(signature, 0);
    bytes.writeUInt16LE(flags, fields);
    bytes.writeUInt16LE(method, fields + 2);
    bytes.writeUInt32LE(packed.length, fields + 12);
    bytes.writeUInt32LE(uncompressed, fields + 16);
    bytes.writeUInt16LE(name.length, fields + 20);
    return bytes;
  };
  const local = header(30, 0x04034b50, 6);
  // The same fields, behind a version of its own.
  const central = header(46, 0x02014b50, 8);
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt16LE(1, 10);
  end.writeUInt32LE(30 + name.length + packed.length, 16);
  return Buffer.concat([local, Buffer.from(name), packed, central, Buffer.from(name), end]);
}
