/** A stub that speaks Ollama's native API. */
import { type StubMessage, stubVector } from './stub-answer.ts'
import { generate, type StubFormat } from './stub-generation.ts'
import type { StubKnobs } from './stub-knobs.ts'
import { type StubRequest, type StubRoutes, StubServer, sendJson, sendText } from './stub-server.ts'

interface OllamaMessage {
  readonly role: string
  readonly content?: string
  readonly images?: readonly string[]
}

/** As most models have it: all but the last message are closed, so that a given answer is continued. */
const OPEN_TEMPLATE =
  '{{- range $i, $_ := .Messages }}{{- $last := eq (len (slice $.Messages $i)) 1 -}}<|im_start|>{{ .Role }}\n{{ .Content }}{{ if not $last }}<|im_end|>\n{{ end }}{{- if and $last (ne .Role "assistant") }}<|im_end|>\n<|im_start|>assistant\n{{ end }}{{- end }}'
/** What Ollama itself chose for a ChatML model made from a file: it closes every message, and a new answer begins. */
const CLOSED_TEMPLATE =
  '{{- range .Messages }}<|im_start|>{{ .Role }}\n{{ .Content }}<|im_end|>\n{{ end }}<|im_start|>assistant\n'

function isClosed(model: string): boolean {
  return model.startsWith('closed')
}

function capabilities(model: string): readonly string[] {
  return model.includes('embed') ? ['embedding'] : ['completion', 'vision', 'tools', 'thinking']
}

function entry(model: string): object {
  return {
    name: model,
    model,
    modified_at: '2026-11-01T00:00:00Z',
    size: 1_000_000,
    digest: `digest-of-${model}`,
    details: {
      format: 'gguf',
      family: 'llama',
      families: ['llama'],
      parameter_size: '8B',
      quantization_level: 'Q4_K_M',
    },
  }
}

function format(model: string): StubFormat {
  const line = (fields: object): string =>
    `${JSON.stringify({ model, created_at: '2026-11-01T00:00:00Z', ...fields })}\n`
  const message = (fields: object): string =>
    line({ message: { role: 'assistant', content: '', ...fields }, done: false })
  return {
    head: { 'content-type': 'application/x-ndjson' },
    begin: () => '',
    text: (content) => message({ content }),
    reasoning: (thinking) => message({ thinking }),
    toolCall: (_index, id, name, args) =>
      message({ tool_calls: [{ id, function: { name, arguments: JSON.parse(args) } }] }),
    end: (reason, promptTokens, completionTokens) =>
      line({
        message: { role: 'assistant', content: '' },
        done: true,
        done_reason: reason === 'tool_calls' ? 'stop' : reason,
        total_duration: 3e9,
        load_duration: 5e8,
        prompt_eval_count: promptTokens,
        prompt_eval_duration: 1e8,
        eval_count: completionTokens,
        eval_duration: 1e9,
      }),
    error: (text) => line({ error: text }),
    garbage: '{"model":"tiny","message":{"rol\n',
    refuse: (response, kind) => {
      if (kind === 'busy')
        sendJson(response, 503, { error: 'server busy, please try again.  maximum pending requests exceeded' })
      else sendJson(response, 500, { error: 'llama runner process has terminated: signal: killed' })
    },
  }
}

function chatOf({ path, body }: StubRequest): Parameters<typeof generate>[2] {
  const options = (body['options'] ?? {}) as { seed?: number; num_predict?: number }
  const messages = ((body['messages'] ?? []) as readonly OllamaMessage[]).map(
    ({ role, content = '', images = [] }): StubMessage => ({ role, text: content, images: images.length }),
  )
  const tools = (body['tools'] ?? []) as readonly { function: { name: string } }[]
  const answered = messages.some((message) => message.role === 'tool')
  const wanted = body['format']
  return {
    path,
    body,
    model: String(body['model']),
    messages,
    seed: options.seed ?? 0,
    maxTokens: options.num_predict,
    tools: answered ? [] : tools.map((tool) => tool.function.name),
    schema: wanted,
    think: body['think'] === true || typeof body['think'] === 'string',
    continues: !isClosed(String(body['model'])),
  }
}

const ROUTES: StubRoutes = {
  'GET /': (_request, response) => sendText(response, 200, 'Ollama is running'),
  'GET /api/version': (_request, response) => sendJson(response, 200, { version: '0.33.0' }),
  'GET /api/tags': (_request, response, stub) =>
    sendJson(response, 200, { models: stub.knobs.models.length === 0 ? null : stub.knobs.models.map(entry) }),
  'GET /v1/models': (_request, response, stub) =>
    sendJson(response, 200, {
      object: 'list',
      data: stub.knobs.models.map((id) => ({ id, object: 'model', created: 0, owned_by: 'library' })),
    }),
  'GET /api/ps': (_request, response, stub) =>
    sendJson(response, 200, {
      models: stub.loaded.map((model) => ({
        ...entry(model),
        size_vram: 1_000_000,
        context_length: stub.knobs.contextLength,
        expires_at: '2026-11-01T01:00:00Z',
      })),
    }),
  'POST /api/show': ({ body }, response, stub) => {
    const model = String(body['model'])
    if (!stub.knobs.models.includes(model)) return sendJson(response, 404, { error: `model '${model}' not found` })
    sendJson(response, 200, {
      details: { family: 'llama', parameter_size: '8B', quantization_level: 'Q4_K_M' },
      model_info: { 'general.architecture': 'llama', 'llama.context_length': 131_072 },
      capabilities: capabilities(model),
      template: isClosed(model) ? CLOSED_TEMPLATE : OPEN_TEMPLATE,
      parameters: 'num_thread                     1\nstop                           "<|im_end|>"',
    })
  },
  'POST /api/embed': ({ body }, response) => {
    const input = (Array.isArray(body['input']) ? body['input'] : [body['input']]) as string[]
    sendJson(response, 200, {
      model: body['model'],
      embeddings: input.map((text) => stubVector(text)),
      prompt_eval_count: input.length,
    })
  },
  'POST /api/chat': async (request, response, stub) => {
    const chat = chatOf(request)
    if (!stub.knobs.models.includes(chat.model)) {
      return sendJson(response, 404, { error: `model '${chat.model}' not found` })
    }
    if (!chat.messages.some((message) => message.role === 'user' || message.role === 'tool')) {
      await stub.loadModel(chat.model, 0)
      return sendJson(response, 200, {
        model: chat.model,
        done: true,
        done_reason: 'load',
        message: { role: 'assistant', content: '' },
      })
    }
    await generate(stub, response, chat, format(chat.model))
  },
}

/** A stub Ollama; call `start()`. */
export function ollamaStub(knobs: Partial<StubKnobs> = {}): StubServer {
  return new StubServer(ROUTES, knobs)
}
