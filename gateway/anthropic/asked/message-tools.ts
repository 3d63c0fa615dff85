/**
 * Tools of a message. Those that Anthropic's servers run, and those whose parameters only its models know, are left out
 * and named: clients offer what they know everywhere.
 */
import { z } from 'zod'
import { checkValue } from '../../../core/check-value.ts'
import type { ToolDefinition } from '../../../core/query/query.ts'
import { toDefinition } from '../../fields/tools.ts'
import { typeName } from '../../fields/type-name.ts'
import type { Skip } from './content-blocks.ts'
import type { ContentBlock } from './message-schema.ts'

const custom = z.object({
  name: z.string().min(1),
  description: z.string().nullish(),
  input_schema: z.record(z.string(), z.unknown(), { error: 'expected a JSON schema' }).nullish(),
  strict: z.boolean().nullish(),
})

/** What a tool may wish for that no engine knows. */
const UNHEARD = [
  'cache_control',
  'defer_loading',
  'input_examples',
  'eager_input_streaming',
  'allowed_callers',
] as const

/** Throws `BadField`. */
export function toTools(tools: readonly ContentBlock[], skip: Skip): readonly ToolDefinition[] {
  return tools.flatMap((tool, index) => {
    const type = tool['type'] == null ? 'custom' : typeName(tool, `tools[${index}]`)
    if (type !== 'custom') {
      skip(`tools.${type}`)
      return []
    }
    const { input_schema: parameters, ...rest } = checkValue(custom, tool, `tools[${index}]`)
    for (const field of UNHEARD) if (tool[field] != null && tool[field] !== false) skip(field)
    return toDefinition({ ...rest, parameters })
  })
}
