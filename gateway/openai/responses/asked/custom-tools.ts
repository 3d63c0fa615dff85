/**
 * Tools whose input is a text of any form, such as a patch. No engine here has these: the model is offered a function
 * with one text, and what it writes there is the input again.
 */
import { z } from 'zod'
import type { ToolDefinition } from '../../../../core/query/query.ts'

export const customSchema = z.object({
  name: z.string({ error: 'expected a name' }).min(1),
  description: z.string().nullish(),
  format: z
    .union([
      z.object({ type: z.literal('text') }),
      z.object({ type: z.literal('grammar'), syntax: z.string(), definition: z.string() }),
    ])
    .nullish(),
})

/** The function in its stead. A grammar is told to the model, and not enforced. */
export function functionOf({ name, description, format }: z.infer<typeof customSchema>): ToolDefinition {
  const grammar =
    format?.type === 'grammar' ? `The input follows this ${format.syntax} grammar:\n${format.definition}` : ''
  return {
    name,
    description: [description ?? '', grammar].filter((text) => text !== '').join('\n\n'),
    parameters: {
      type: 'object',
      properties: { input: { type: 'string', description: 'The whole input, as it is.' } },
      required: ['input'],
      additionalProperties: false,
    },
  }
}

/** The arguments of a call of that function. */
export function argumentsOf(input: string): string {
  return JSON.stringify({ input })
}

/** The input in such arguments; what a model wrote otherwise is taken as it is. */
export function inputOf(written: string): string {
  try {
    const { input } = JSON.parse(written) as { readonly input?: unknown }
    return typeof input === 'string' ? input : written
  } catch {
    return written
  }
}

/** Names of the tools of this kind that a request offers. */
export function customNames(
  tools: readonly Readonly<Record<string, unknown>>[] | null | undefined,
): ReadonlySet<string> {
  const custom = (tools ?? []).filter(({ type, name }) => type === 'custom' && typeof name === 'string')
  return new Set(custom.map(({ name }) => String(name)))
}
