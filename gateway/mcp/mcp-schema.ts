/** Our schemas as the protocol's library takes them: checked by zod, told as JSON Schema that is made once. */
import type { StandardSchemaWithJSON } from '@modelcontextprotocol/server'
import type { z } from 'zod'
import { toJsonSchema } from '../described/json-schema.ts'

/** `input`: of what goes in; `output`: of what comes out. */
export function mcpSchema(schema: z.ZodType, side: 'input' | 'output'): StandardSchemaWithJSON {
  const json = toJsonSchema(schema, side)
  const { validate } = schema['~standard']
  const jsonSchema = { input: () => json, output: () => json }
  return { '~standard': { version: 1, vendor: 'realmesh', validate, jsonSchema } }
}
