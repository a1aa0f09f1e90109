/** The same schema without room for fields that it does not name. */
export function closedSchema(schema: Record<string, unknown>): Record<string, unknown> {
  return closed(schema) as Record<string, unknown>;
}

function closed(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(closed);
  if (typeof schema !== 'object' || schema === null) return schema;
  const copy = Object.fromEntries(Object.entries(schema).map(([key, value]) => [key, closed(value)]));
  return 'properties' in copy && 'type' in copy ? { ...copy, additionalProperties: false } : copy;
}
