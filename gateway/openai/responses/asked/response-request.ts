/** The body of a response as our query: what the words of one API mean in the other. */
import { checkValue } from '../../../../core/check-value.ts'
import { defined } from '../../../../core/defined.ts'
import type { ChatBody, ChatMessage, ResponseFormat, ToolChoice, ToolDefinition } from '../../../../core/query/query.ts'
import type { Writable } from '../../../../core/writable.ts'
import { toSettings } from '../../../fields/asked-fields.ts'
import { assertChatFits, assertChoosable } from '../../../fields/chat-checks.ts'
import { thinkOf } from '../../../fields/effort.ts'
import { toSampling } from '../../../fields/sampling.ts'
import { functionSchema, toDefinition } from '../../../fields/tools.ts'
import { typeName } from '../../../fields/type-name.ts'
import { customSchema, functionOf } from './custom-tools.ts'
import { type Item, toMessages } from './response-input.ts'
import type { ResponseBody } from './response-schema.ts'

/** What `include` asks for the probabilities with. */
const LOGPROBS = 'message.output_text.logprobs'

/** A request that was understood, with what was left out of it. */
export interface AskedResponse {
  readonly chat: ChatBody
  /** Types of tools, such as `tools.web_search`, and of items of which nothing is taken, and wishes of `include`. */
  readonly skipped: readonly string[]
}

/**
 * `input`: the items of the request and of what it builds on; `sent`: the body as it came, with the fields that only
 * some engines know. Throws `BadField`, `PROMPT_TOO_LARGE`.
 */
export function toResponseChat(
  body: Omit<ResponseBody, 'input'>,
  { own, earlier }: { readonly own: readonly Item[]; readonly earlier: readonly Item[] },
  sent: unknown = body,
): AskedResponse {
  const { messages, skipped: items } = toMessages(own, earlier)
  const { tools, skipped: types } = toTools(body)
  const chat: Writable<ChatBody> = { messages: withInstructions(body.instructions, messages) }
  if (tools.length > 0) chat.tools = tools
  if (body.tool_choice != null) {
    const choice = toToolChoice(body.tool_choice)
    assertChoosable(choice, tools)
    if (tools.length > 0) chat.toolChoice = choice
  }
  if (body.text?.format != null) chat.responseFormat = toFormat(body.text.format)
  if (body.parallel_tool_calls != null && tools.length > 0) chat.parallelToolCalls = body.parallel_tool_calls
  const wantsLogprobs = body.include?.includes(LOGPROBS) === true || body.top_logprobs != null
  if (wantsLogprobs) chat.logprobs = body.top_logprobs ?? 0
  Object.assign(chat, defined({ settings: settingsOf(body, sent), think: thinkOf(body.reasoning?.effort) }))
  const sampling = toSampling({ ...body, max_tokens: body.max_output_tokens ?? body.max_tokens })
  if (sampling !== undefined) chat.sampling = sampling
  assertChatFits(chat)
  const includes = (body.include ?? []).filter((name) => name !== LOGPROBS)
  return {
    chat,
    skipped: [
      ...types.map((type) => `tools.${type}`),
      ...items.map((type) => `input.${type}`),
      ...includes.map((name) => `include.${name}`),
    ],
  }
}

function withInstructions(
  instructions: string | null | undefined,
  messages: readonly ChatMessage[],
): readonly ChatMessage[] {
  return instructions ? [{ role: 'system', content: instructions }, ...messages] : messages
}

/** The functions; tools that a server would have to run are left out, as clients offer what they know everywhere. */
function toTools({ tools, tool_choice: choice }: Pick<ResponseBody, 'tools' | 'tool_choice'>): {
  readonly tools: readonly ToolDefinition[]
  readonly skipped: readonly string[]
} {
  const functions: ToolDefinition[] = []
  const skipped = new Set<string>()
  for (const [index, tool] of (tools ?? []).entries()) {
    const type = typeName(tool, `tools[${index}]`)
    if (type === 'custom') {
      const custom = checkValue(customSchema, tool, `tools[${index}]`)
      functions.push(functionOf(custom))
      if (custom.format?.type === 'grammar') skipped.add('custom.format')
    } else if (type !== 'function') skipped.add(type)
    else functions.push(toDefinition(checkValue(functionSchema, tool, `tools[${index}]`)))
  }
  if (typeof choice !== 'object' || choice?.type !== 'allowed_tools') return { tools: functions, skipped: [...skipped] }
  const allowed = new Set(choice.tools.map(({ name }) => name))
  return { tools: functions.filter(({ name }) => allowed.has(name)), skipped: [...skipped] }
}

function toToolChoice(choice: NonNullable<ResponseBody['tool_choice']>): ToolChoice {
  if (typeof choice === 'string') return choice
  return choice.type === 'allowed_tools' ? choice.mode : { name: choice.name }
}

type TextFormat = NonNullable<NonNullable<ResponseBody['text']>['format']>

function toFormat(format: TextFormat): ResponseFormat {
  if (format.type === 'text') return { type: 'text' }
  if (format.type === 'json_object' || format.schema == null) return { type: 'json' }
  const { name, schema, strict } = format
  return { type: 'json_schema', name, schema, ...defined({ strict: strict ?? undefined }) }
}

function settingsOf({ text }: Pick<ResponseBody, 'text'>, sent: unknown): ChatBody['settings'] {
  const settings = toSettings(sent)
  return text?.verbosity == null ? settings : { ...settings, verbosity: text.verbosity }
}
