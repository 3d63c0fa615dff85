/** The event stream and the request of `/v1/chat/completions`, as the stubs of all OpenAI-compatible engines share them. */
import type { StubMessage } from './stub-answer.ts'
import type { StubChat, StubFormat } from './stub-generation.ts'
import { type StubRequest, sendJson } from './stub-server.ts'

interface OpenAiMessage {
  readonly role: string
  readonly content?: string | null | readonly { readonly type: string; readonly text?: string }[]
}

export interface OpenAiStubFormatInit {
  readonly model: string
  /** CRLF line ends, comments and `timings`, as llama-server sends them. */
  readonly llama: boolean
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
    tool: answered || body['tool_choice'] === 'none' ? undefined : tools[0]?.function.name,
    schema: format === undefined || format.type === 'text' ? undefined : (format.json_schema?.schema ?? true),
    think: kwargs?.enable_thinking === true || body['reasoning_effort'] !== undefined,
    continues,
  }
}

/** The wire format of one answer. */
export function openAiFormat({ model, llama, includeUsage }: OpenAiStubFormatInit): StubFormat {
  const eol = llama ? '\r\n' : '\n'
  const data = (fields: object): string => `data: ${JSON.stringify(fields)}${eol}${eol}`
  const chunk = (choice: object, extra: object = {}): string =>
    data({
      id: 'chatcmpl-stub',
      object: 'chat.completion.chunk',
      created: 1_793_000_000,
      model,
      choices: [{ index: 0, finish_reason: null, ...choice }],
      ...extra,
    })
  return {
    head: { 'content-type': 'text/event-stream', 'cache-control': 'no-cache' },
    begin: () => `${llama ? `: ping${eol}${eol}` : ''}${chunk({ delta: { role: 'assistant', content: '' } })}`,
    text: (content) => chunk({ delta: { content } }),
    reasoning: (text) => chunk({ delta: { reasoning_content: text } }),
    toolCall: (id, name, args) => {
      const piece = (fields: object): string => chunk({ delta: { tool_calls: [{ index: 0, ...fields }] } })
      const half = Math.ceil(args.length / 2)
      return [
        piece({ id, type: 'function', function: { name, arguments: '' } }),
        piece({ function: { arguments: args.slice(0, half) } }),
        piece({ function: { arguments: args.slice(half) } }),
      ].join('')
    },
    end: (reason, promptTokens, completionTokens) => {
      const timings = llama
        ? { timings: { prompt_per_second: 500, predicted_per_second: 50, prompt_n: promptTokens } }
        : {}
      const usage = {
        prompt_tokens: promptTokens,
        completion_tokens: completionTokens,
        total_tokens: promptTokens + completionTokens,
      }
      const last = data({ id: 'chatcmpl-stub', object: 'chat.completion.chunk', model, choices: [], usage, ...timings })
      return `${chunk({ delta: {}, finish_reason: reason })}${includeUsage ? last : ''}data: [DONE]${eol}${eol}`
    },
    error: (message) => data({ error: { message, type: 'server_error', param: null, code: null } }),
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
