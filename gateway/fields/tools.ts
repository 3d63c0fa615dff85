/** Tools as all API families have them. */
import { z } from 'zod'
import { defined } from '../../core/defined.ts'
import type { ToolDefinition } from '../../core/query/query.ts'

/** A function; in a response it is the tool itself. */
export const functionSchema = z.object({
  name: z.string().min(1),
  description: z.string().nullish(),
  parameters: z.unknown().optional(),
  strict: z.boolean().nullish(),
})

export const toolSchema = z.object({
  type: z.literal('function', { error: 'only tools of type function are known' }),
  function: functionSchema,
})

/** A tool as our query has it. */
export function toTool(tool: z.infer<typeof toolSchema>): ToolDefinition {
  return toDefinition(tool.function)
}

/** A function as our query has it; what is null is left out. */
export function toDefinition(tool: z.infer<typeof functionSchema>): ToolDefinition {
  const { name, description, parameters, strict } = tool
  return {
    name,
    ...defined({
      description: description ?? undefined,
      parameters: parameters ?? undefined,
      strict: strict ?? undefined,
    }),
  }
}

/** Arguments of a call as JSON text: programs for one API hold text, those for another an object. */
export function argumentsText(given: string | object | null | undefined): string {
  return typeof given === 'string' ? given : JSON.stringify(given ?? {})
}
