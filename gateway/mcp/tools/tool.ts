/** What a tool is. */
import type { z } from 'zod'
import type { QueryType } from '../../../core/query/query.ts'
import type { ToolRun } from './tool-run.ts'

/** A part of what a model is shown. */
export type ToolContent =
  | { readonly type: 'text'; readonly text: string }
  | { readonly type: 'image'; readonly data: string; readonly mimeType: string }

/** What comes of a tool: for the model, and for programs by its schema. */
export interface ToolAnswer<O> {
  readonly content: readonly ToolContent[]
  readonly structured: O
}

export interface McpTool<I extends z.ZodType = z.ZodType, O extends z.ZodType = z.ZodType> {
  readonly name: string
  readonly title: string
  /** For the model that chooses among tools. */
  readonly description: string
  readonly input: I
  readonly output: O
  /** It is listed where a model that serves such queries is within reach. @default always */
  readonly needs?: QueryType
  /** Throws what it fails with; `BadField` names a field of the input. */
  readonly run: (input: z.output<I>, call: ToolRun) => Promise<ToolAnswer<z.input<O>>>
}

/** The tool, its input of one type with what runs it. */
export function tool<I extends z.ZodType, O extends z.ZodType>(made: McpTool<I, O>): McpTool {
  // What runs a tool checks the input by the schema of the same tool before.
  return made as unknown as McpTool
}
