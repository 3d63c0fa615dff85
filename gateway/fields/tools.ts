/** Tools as OpenAI's chats have them, and Ollama's with them. */
import { z } from 'zod'
import { defined } from '../../core/defined.ts'
import type { ToolDefinition } from '../../core/query/query.ts'

export const toolSchema = z.object({
  type: z.literal('function', { error: 'only tools of type function are known' }),
  function: z.object({
    name: z.string().min(1),
    description: z.string().nullish(),
    parameters: z.unknown().optional(),
    strict: z.boolean().nullish(),
  }),
})

/** A tool as our query has it. */
export function toTool(tool: z.infer<typeof toolSchema>): ToolDefinition {
  const { name, description, parameters, strict } = tool.function
  return { name, ...defined({ description: description ?? undefined, parameters, strict: strict ?? undefined }) }
}
