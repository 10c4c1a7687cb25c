/** Schemas that every MySQL has. */
const systemSchemas = new Set(['information_schema', 'mysql', 'performance_schema', 'sys']);

/** Whether a schema is one of MySQL's own, in letters of any case. */
export const isSystemSchemaName = (name: string): boolean => systemSchemas.has(name.toLowerCase());
