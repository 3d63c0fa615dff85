/** zod's schemas as JSON Schema: what a client may send, or what it gets. Pure. */
import { z } from 'zod'
import { listShape } from '../../core/json/bounded-list.ts'

export type JsonSchema = Record<string, unknown>

/** `input`: as a client writes it; `output`: as it is read. */
export function toJsonSchema(schema: z.ZodType, io: 'input' | 'output'): JsonSchema {
  const { $schema: _, ...plain } = z.toJSONSchema(schema, {
    io,
    unrepresentable: 'any',
    override: ({ zodSchema, jsonSchema }) => amend(zodSchema as unknown as z.ZodType, jsonSchema as JsonSchema, io),
  }) as JsonSchema
  return plain
}

/** Lists that are measured before they are read look like anything to zod. */
function amend(schema: z.ZodType, json: JsonSchema, io: 'input' | 'output'): void {
  const list = listShape(schema)
  if (list !== undefined) {
    const { item, min, max } = list
    Object.assign(json, {
      type: 'array',
      items: toJsonSchema(item, io),
      maxItems: max,
      ...(min > 0 && { minItems: min }),
    })
  }
  if (!(schema instanceof z.ZodObject)) return
  const lists = Object.entries(schema.shape).filter(([, field]) => listShape(field as z.ZodType) !== undefined)
  if (lists.length === 0) return
  const required = new Set([...((json['required'] as string[] | undefined) ?? []), ...lists.map(([name]) => name)])
  json['required'] = [...required]
}
