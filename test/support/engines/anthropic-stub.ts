/** A stub that speaks Anthropic's Messages API, key and version header included. */
import type { StubMessage } from './stub-answer.ts'
import { generate, type StubChat, type StubFormat } from './stub-generation.ts'
import type { StubKnobs } from './stub-knobs.ts'
import { type StubRequest, type StubRoute, type StubRoutes, StubServer, sendJson } from './stub-server.ts'

/** The only key that the stub takes. */
export const STUB_KEY = 'sk-stub'

interface Block {
  readonly type: string
  readonly text?: string
}

function chatOf({ path, body }: StubRequest): StubChat {
  const given = (body['messages'] ?? []) as readonly { role: string; content: string | readonly Block[] }[]
  const blocksOf = (content: string | readonly Block[]): readonly Block[] =>
    typeof content === 'string' ? [{ type: 'text', text: content }] : content
  const messages = given.map(
    ({ role, content }): StubMessage => ({
      role,
      text: blocksOf(content)
        .flatMap((block) => block.text ?? [])
        .join('\n'),
      images: blocksOf(content).filter((block) => block.type === 'image').length,
    }),
  )
  const tools = (body['tools'] ?? []) as readonly { name: string }[]
  const answered = given.some(({ content }) => blocksOf(content).some((block) => block.type === 'tool_result'))
  return {
    path,
    body,
    model: String(body['model']),
    messages,
    seed: 0,
    maxTokens: body['max_tokens'] as number,
    tools: answered ? [] : tools.map(({ name }) => name),
    schema: undefined,
    think: body['thinking'] !== undefined,
    continues: true,
  }
}

function format(model: string): StubFormat {
  const event = (type: string, fields: object): string =>
    `event: ${type}\ndata: ${JSON.stringify({ type, ...fields })}\n\n`
  let index = -1
  let openBlock = ''
  const close = (): string => (openBlock === '' ? '' : event('content_block_stop', { index }))
  const delta = (kind: string, block: object, fields: object): string => {
    let opened = ''
    if (openBlock !== kind) {
      opened = close()
      index += 1
      openBlock = kind
      opened += event('content_block_start', { index, content_block: block })
    }
    return opened + event('content_block_delta', { index, delta: fields })
  }
  const failed = (message: string): string => event('error', { error: { type: 'api_error', message } })
  return {
    head: { 'content-type': 'text/event-stream' },
    begin: () =>
      event('message_start', {
        message: {
          id: 'msg_stub',
          type: 'message',
          role: 'assistant',
          model,
          content: [],
          usage: { input_tokens: 3, output_tokens: 1 },
        },
      }) + event('ping', {}),
    text: (text) => delta('text', { type: 'text', text: '' }, { type: 'text_delta', text }),
    reasoning: (thinking) =>
      delta('thinking', { type: 'thinking', thinking: '' }, { type: 'thinking_delta', thinking }),
    toolCall: (_index, id, name, args) =>
      delta(
        `tool_use ${id}`,
        { type: 'tool_use', id, name, input: {} },
        { type: 'input_json_delta', partial_json: args.slice(0, 5) },
      ) + delta(`tool_use ${id}`, {}, { type: 'input_json_delta', partial_json: args.slice(5) }),
    end: (reason, _promptTokens, completionTokens) =>
      close() +
      event('message_delta', {
        delta: { stop_reason: { stop: 'end_turn', length: 'max_tokens', tool_calls: 'tool_use' }[reason] },
        usage: { output_tokens: completionTokens },
      }) +
      event('message_stop', {}),
    error: failed,
    garbage: 'event: content_block_delta\ndata: {"type":\n\n',
    refuse: (response, kind) => {
      if (kind === 'busy') response.setHeader('retry-after', '3')
      const error =
        kind === 'busy' ? { type: 'overloaded_error', message: 'Overloaded' } : { type: 'api_error', message: 'boom' }
      sendJson(response, kind === 'busy' ? 529 : 500, { type: 'error', error })
    },
  }
}

function keyed(route: StubRoute): StubRoute {
  return (request, response, stub) => {
    const { 'x-api-key': key, 'anthropic-version': version } = request.headers
    if (key === STUB_KEY && version === '2023-06-01') return route(request, response, stub)
    sendJson(response, 401, { type: 'error', error: { type: 'authentication_error', message: 'invalid x-api-key' } })
  }
}

const ROUTES: StubRoutes = {
  'GET /v1/models': keyed((_request, response, stub) => {
    const data = stub.knobs.models.map((id) => ({
      type: 'model',
      id,
      display_name: id,
      created_at: '2026-01-01T00:00:00Z',
    }))
    sendJson(response, 200, { data, has_more: false })
  }),
  'POST /v1/messages': keyed(async (request, response, stub) => {
    if (request.body['max_tokens'] === undefined) {
      return sendJson(response, 400, {
        type: 'error',
        error: { type: 'invalid_request_error', message: 'max_tokens: required' },
      })
    }
    const chat = chatOf(request)
    await generate(stub, response, chat, format(chat.model))
  }),
}

/** A stub of the Messages API; call `start()`. */
export function anthropicStub(knobs: Partial<StubKnobs> = {}): StubServer {
  return new StubServer(ROUTES, { models: ['claude-tiny'], ...knobs })
}
