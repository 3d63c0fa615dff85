/**
 * The event stream and the request of `/v1/chat/completions`, as the stubs of all OpenAI-compatible engines share them.
 */
import { OPENAI_MANNERS, type OpenAiManner } from './openai-manners.ts'
import type { StubMessage } from './stub-answer.ts'
import type { StubChat, StubFormat } from './stub-generation.ts'
import { type StubRequest, sendJson } from './stub-server.ts'

interface OpenAiMessage {
  readonly role: string
  readonly content?: string | null | readonly { readonly type: string; readonly text?: string }[]
}

export interface OpenAiStubFormatInit {
  readonly model: string
  readonly manner: OpenAiManner
  readonly includeUsage: boolean
}

function textAndImages({ role, content }: OpenAiMessage): StubMessage {
  const parts = typeof content === 'string' ? [{ type: 'text', text: content }] : (content ?? [])
  return {
    role,
    text: parts.flatMap((part) => part.text ?? []).join('\n'),
    images: parts.filter((part) => part.type === 'image_url').length,
  }
}

/** A request body as a chat. `continues` says whether a last assistant message is the start of the answer. */
export function openAiChat({ path, body }: StubRequest, continues: boolean): StubChat {
  const messages = ((body['messages'] ?? []) as readonly OpenAiMessage[]).map(textAndImages)
  const tools = (body['tools'] ?? []) as readonly { function: { name: string } }[]
  const format = body['response_format'] as { type: string; json_schema?: { schema: unknown } } | undefined
  const kwargs = body['chat_template_kwargs'] as { enable_thinking?: boolean } | undefined
  const answered = messages.some((message) => message.role === 'tool')
  return {
    path,
    body,
    model: String(body['model']),
    messages,
    seed: Number(body['seed'] ?? 0),
    maxTokens: body['max_tokens'] as number | undefined,
    tools: answered || body['tool_choice'] === 'none' ? [] : tools.map((tool) => tool.function.name),
    schema: format === undefined || format.type === 'text' ? undefined : (format.json_schema?.schema ?? true),
    think: kwargs?.enable_thinking === true || body['reasoning_effort'] !== undefined,
    continues,
  }
}

/** What llama-server adds to its last piece. */
function timingsOf(promptTokens: number, completionTokens: number): object {
  return {
    timings: {
      cache_n: 0,
      prompt_n: promptTokens,
      prompt_per_second: 500,
      predicted_n: completionTokens,
      predicted_per_second: 50,
    },
  }
}

/** The wire format of one answer. */
export function openAiFormat({ model, manner, includeUsage }: OpenAiStubFormatInit): StubFormat {
  const row = OPENAI_MANNERS[manner]
  const llama = manner === 'llama-server'
  const envelope = {
    id: 'chatcmpl-stub',
    object: 'chat.completion.chunk',
    created: 1_793_000_000,
    model: row.modelName(model),
    ...row.around,
  }
  const data = (fields: object): string => `data: ${JSON.stringify(fields)}\n\n`
  const chunk = (choice: object, extra: object = {}): string => {
    const reason = row.nullReason ? { finish_reason: null } : {}
    return data({ ...envelope, choices: [{ index: 0, ...reason, ...row.beside, ...choice }], ...extra })
  }
  const done = 'data: [DONE]\n\n'
  return {
    head: { 'content-type': 'text/event-stream', ...row.head },
    hangsUp: row.hangsUp,
    begin: () => chunk({ delta: row.first }),
    text: (content) => {
      const empty = row.emptyPieces ? chunk({ delta: { content: '' } }) : ''
      return `${chunk({ delta: { content } })}${empty}`
    },
    reasoning: (text) => chunk({ delta: { [row.reasoning]: text } }),
    toolCall: (index, id, name, args) => {
      const piece = (fields: object): string => chunk({ delta: { tool_calls: [{ index, ...fields }] } })
      const half = Math.ceil(args.length / 2)
      return [
        piece({ id, type: 'function', function: { name, arguments: '' } }),
        piece({ function: { arguments: args.slice(0, half) } }),
        piece({ function: { arguments: args.slice(half) } }),
      ].join('')
    },
    end: (reason, promptTokens, completionTokens) => {
      const usage = {
        prompt_tokens: promptTokens,
        completion_tokens: completionTokens,
        total_tokens: promptTokens + completionTokens,
        ...(llama && { prompt_tokens_details: { cached_tokens: 0 } }),
      }
      const timings = llama ? timingsOf(promptTokens, completionTokens) : {}
      const apart = includeUsage && row.usageApart
      const last = chunk(
        { delta: {}, finish_reason: reason },
        apart ? {} : { ...(includeUsage && { usage }), ...timings },
      )
      const figures = apart ? data({ ...envelope, choices: [], usage, ...timings }) : ''
      return `${last}${figures}${row.done ? done : ''}`
    },
    error: (message) => {
      const error = data({ error: { message, type: 'server_error', param: null, code: null } })
      return `${error}${row.doneAfterError ? done : ''}`
    },
    garbage: 'data: {"choices":[{"del\n\n',
    refuse: (response, kind) => {
      if (kind === 'error') {
        return sendJson(response, 500, {
          error: { message: 'CUDA out of memory\u0007', type: 'server_error', code: null },
        })
      }
      response.setHeader('retry-after', '2')
      sendJson(response, llama ? 503 : 429, { error: { message: 'no slot is free', type: 'unavailable_error' } })
    },
  }
}
