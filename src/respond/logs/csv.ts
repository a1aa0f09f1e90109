/**
 * Reads CSV (RFC 4180): quoted fields, doubled quotes, line breaks inside
 * quotes; comma, semicolon or tab, whichever the first line has most of.
 *
 * @param maxRows - rows after this many are not read
 */
export function parseCsv(text: string, maxRows: number): { rows: string[][]; cut: boolean } {
  const body = text.replace(/^\uFEFF/, '');
  const separator = separatorOf(body.slice(0, body.search(/[\r\n]/) < 0 ? body.length : body.search(/[\r\n]/)));
  const rows: string[][] = [];
  let row: string[] = [];
  let field = '';
  let quoted = false;
  const endRow = (): void => {
    row.push(field);
    if (row.length > 1 || field !== '') rows.push(row);
    row = [];
    field = '';
  };
  for (let at = 0; at < body.length; at++) {
    const char = body.charAt(at);
    if (quoted) {
      if (char !== '"') field += char;
      else if (body.charAt(at + 1) === '"') field += body.charAt(at++);
      else quoted = false;
    } else if (char === '"' && field === '') quoted = true;
    else if (char === separator) {
      row.push(field);
      field = '';
    } else if (char === '\n') endRow();
    else if (char !== '\r') field += char;
    if (rows.length >= maxRows) return { rows, cut: true };
  }
  endRow();
  return { rows, cut: false };
}

function separatorOf(line: string): string {
  const counts = [',', ';', '\t'].map((one) => [one, line.split(one).length] as const);
  return counts.toSorted((a, b) => b[1] - a[1])[0]?.[0] ?? ',';
}
