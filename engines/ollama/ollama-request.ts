/** A query in Ollama's words. Pure translation. */
import { defined } from '../../core/defined.ts'
import { settingsFor } from '../../core/model/request-fields.ts'
import { imagesOf, textOf } from '../../core/query/chat-text.ts'
import type { ChatBody, ChatMessage, ChatQuery, EmbedQuery, Sampling } from '../../core/query/query.ts'
import { RealmeshError } from '../../core/realmesh-error.ts'
import { toolArguments } from '../adapter/tool-calls.ts'
import type { JsonObject } from '../http/json-shape.ts'

function message(from: ChatMessage): JsonObject {
  const images = imagesOf(from).map(({ data }) => data)
  return {
    role: from.role,
    content: textOf(from),
    ...defined({
      images: images.length > 0 ? images : undefined,
      thinking: from.reasoning,
      tool_calls: from.toolCalls?.map((call) => ({
        id: call.id,
        function: { name: call.name, arguments: toolArguments(call) },
      })),
      tool_name: from.toolName,
      tool_call_id: from.toolCallId,
    }),
  }
}

function options(sampling: Sampling): JsonObject {
  return defined({
    num_predict: sampling.maxTokens,
    temperature: sampling.temperature,
    top_p: sampling.topP,
    top_k: sampling.topK,
    min_p: sampling.minP,
    seed: sampling.seed,
    stop: sampling.stop,
    frequency_penalty: sampling.frequencyPenalty,
    presence_penalty: sampling.presencePenalty,
    repeat_penalty: sampling.repeatPenalty,
  })
}

function format(body: ChatBody): unknown {
  if (body.responseFormat?.type === 'json') return 'json'
  return body.responseFormat?.type === 'json_schema' ? body.responseFormat.schema : undefined
}

function tools(body: ChatBody): unknown {
  const choice = body.toolChoice ?? 'auto'
  if (body.tools === undefined || body.tools.length === 0 || choice === 'none') return undefined
  if (choice !== 'auto') {
    throw new RealmeshError('CAPABILITY_MISSING', 'ollama cannot be made to call a tool', {
      fix: 'leave tool_choice at auto, or ask for a model of another engine',
    })
  }
  return body.tools.map((tool) => ({
    type: 'function',
    function: {
      name: tool.name,
      description: tool.description ?? '',
      parameters: tool.parameters ?? { type: 'object', properties: {} },
    },
  }))
}

/**
 * The body of `/api/chat`. A prefill is the last message, an assistant's, which Ollama continues where the template
 * lets it. `reasons`: whether the model can think; a wish that it think is otherwise not passed on.
 */
export function ollamaChatBody(query: ChatQuery, { reasons }: { readonly reasons: boolean }): JsonObject {
  const { body } = query
  const messages = body.messages.map(message)
  if (body.prefill !== undefined) messages.push({ role: 'assistant', content: body.prefill })
  const { keep_alive: keepAlive, ...settings } = settingsFor('ollama', body.settings)
  const chosen = { ...settings, ...options(body.sampling ?? {}) }
  return {
    model: query.model,
    messages,
    stream: true,
    // Without it Ollama drops the start of a prompt that is too long and says nothing.
    truncate: false,
    // Without it Ollama forgets the prompt bit by bit while it writes beyond the context.
    shift: false,
    ...defined({
      tools: tools(body),
      format: format(body),
      think: reasons ? body.think : undefined,
      keep_alive: keepAlive,
      logprobs: body.logprobs === undefined ? undefined : true,
      top_logprobs: body.logprobs,
      options: Object.keys(chosen).length > 0 ? chosen : undefined,
    }),
  }
}

/** A page of Ollama, and what is sent there. */
export interface OllamaRequest {
  readonly path: string
  readonly body: JsonObject
}

/** What a chat, or a text that is gone on with as it is, asks of Ollama. */
export function ollamaRequest(query: ChatQuery, model: { readonly reasons: boolean }): OllamaRequest {
  const body = ollamaChatBody(query, model)
  const { raw, prefill = '' } = query.body
  if (raw === undefined) return { path: '/api/chat', body }
  const { messages: _none, think: _no, ...rest } = body
  const prompt = raw.prompt + prefill
  // What stands behind a gap is put in its place by the model's template, which `raw` would leave out.
  return {
    path: '/api/generate',
    body: { ...rest, prompt, ...(raw.suffix === undefined ? { raw: true } : { suffix: raw.suffix }) },
  }
}

/** The body of `/api/embed`. */
export function ollamaEmbedBody(query: EmbedQuery): JsonObject {
  return {
    model: query.model,
    input: query.body.inputs,
    truncate: false,
    ...defined({ dimensions: query.body.dimensions }),
  }
}
