/** A query in the words of OpenAI's API. Pure translation. */
import { defined } from '../../core/defined.ts'
import { fateOf, type RequestField, settingsFor } from '../../core/model/request-fields.ts'
import type { ImagePart } from '../../core/query/chat-text.ts'
import type { ChatBody, ChatMessage, ChatQuery, EmbedQuery, Sampling } from '../../core/query/query.ts'
import type { JsonObject } from '../http/json-shape.ts'
import type { OpenAiFlavour, OpenAiKind } from './openai-flavours.ts'

function content(message: ChatMessage, kind: OpenAiKind): unknown {
  if (typeof message.content === 'string') {
    return message.content === '' && (message.toolCalls?.length ?? 0) > 0 ? null : message.content
  }
  return message.content.map((part) =>
    part.type === 'text'
      ? { type: 'text', text: part.text }
      : { type: 'image_url', image_url: { url: `data:${part.mediaType};base64,${part.data}`, ...detail(part, kind) } },
  )
}

function detail(part: ImagePart, kind: OpenAiKind): JsonObject {
  return passes('messages[].content[].image_url.detail', kind) ? defined({ detail: part.detail }) : {}
}

function passes(field: RequestField, kind: OpenAiKind): boolean {
  return fateOf(field, kind) === 'passed'
}

function message(from: ChatMessage, flavour: OpenAiFlavour, kind: OpenAiKind): JsonObject {
  return {
    role: from.role,
    content: content(from, kind),
    ...defined({
      name: passes('messages[].name', kind) ? from.name : undefined,
      tool_calls: from.toolCalls?.map((call) => ({
        id: call.id,
        type: 'function',
        function: { name: call.name, arguments: call.arguments },
      })),
      tool_call_id: from.toolCallId,
      reasoning_content: flavour.takesReasoning ? from.reasoning : undefined,
    }),
  }
}

function sampling(from: Sampling, flavour: OpenAiFlavour): JsonObject {
  return defined({
    max_tokens: from.maxTokens,
    temperature: from.temperature,
    top_p: from.topP,
    top_k: from.topK,
    min_p: from.minP,
    seed: from.seed,
    stop: from.stop,
    frequency_penalty: from.frequencyPenalty,
    presence_penalty: from.presencePenalty,
    [flavour.repeatPenalty]: from.repeatPenalty,
  })
}

/** A limit that the context sets anyhow is left out where the engine refuses it. */
function limited(from: Sampling, { refusesHighLimit }: OpenAiFlavour, contextLength: number | undefined): Sampling {
  const { maxTokens, ...rest } = from
  const high = maxTokens !== undefined && contextLength !== undefined && maxTokens >= contextLength
  return refusesHighLimit && high ? rest : from
}

function toolChoice(body: ChatBody): unknown {
  const choice = body.toolChoice
  return typeof choice === 'object' ? { type: 'function', function: { name: choice.name } } : choice
}

function tools(body: ChatBody, kind: OpenAiKind): JsonObject {
  if (body.tools === undefined || body.tools.length === 0) return {}
  return defined({
    tools: body.tools.map((tool) => ({
      type: 'function',
      function: {
        name: tool.name,
        ...defined({
          description: tool.description,
          parameters: tool.parameters,
          strict: passes('tools[].function.strict', kind) ? tool.strict : undefined,
        }),
      },
    })),
    tool_choice: toolChoice(body),
    parallel_tool_calls: body.parallelToolCalls,
  })
}

function responseFormat(body: ChatBody): unknown {
  const format = body.responseFormat
  if (format?.type === 'json') return { type: 'json_object' }
  if (format?.type !== 'json_schema') return undefined
  return {
    type: 'json_schema',
    json_schema: { name: format.name, schema: format.schema, ...defined({ strict: format.strict }) },
  }
}

function thinking(body: ChatBody, flavour: OpenAiFlavour): JsonObject {
  if (typeof body.think === 'string') return { reasoning_effort: body.think }
  if (body.think === undefined || !flavour.templateThinking) return {}
  return { [TEMPLATE]: { enable_thinking: body.think } }
}

/** Arguments of the chat template: of the client, and of ours, which the client's own are stronger than. */
const TEMPLATE = 'chat_template_kwargs'

/** Objects of fields, the later ones stronger; the template's arguments are joined one by one. */
function joined(parts: readonly JsonObject[]): JsonObject {
  const template = Object.assign({}, ...parts.map((part) => part[TEMPLATE]))
  const all: JsonObject = Object.assign({}, ...parts)
  return Object.keys(template).length === 0 ? all : { ...all, [TEMPLATE]: template }
}

function logprobs({ logprobs: alternatives }: ChatBody): JsonObject {
  return alternatives === undefined ? {} : { logprobs: true, top_logprobs: alternatives }
}

/** What is known of the model that is asked. */
export interface AskedModel {
  readonly kind: OpenAiKind
  /** The engine's own name for it. */
  readonly id: string
  readonly contextLength: number | undefined
  /** Whether it can think; a wish that it think is otherwise not passed on. */
  readonly reasons: boolean
}

/** The body of `/v1/chat/completions`, always streamed. */
export function openAiChatBody(
  query: ChatQuery,
  flavour: OpenAiFlavour,
  { kind, id, contextLength, reasons }: AskedModel,
): JsonObject {
  const { body } = query
  const messages = body.messages.map((each) => message(each, flavour, kind))
  if (body.prefill !== undefined) messages.push({ role: 'assistant', content: body.prefill })
  return {
    model: id,
    messages,
    stream: true,
    stream_options: { include_usage: true },
    ...flavour.countsTokens,
    ...sampling(limited(body.sampling ?? {}, flavour, contextLength), flavour),
    ...tools(body, kind),
    ...joined([
      reasons || body.think === false ? thinking(body, flavour) : {},
      settingsFor(kind, body.settings),
      body.prefill === undefined ? {} : (flavour.prefill ?? {}),
    ]),
    ...logprobs(body),
    ...defined({ response_format: responseFormat(body) }),
  }
}

/** A page of the engine, and what is sent there. */
export interface OpenAiRequest {
  readonly path: string
  readonly body: JsonObject
}

/** What a chat, or a text that is gone on with as it is, asks of the engine; always streamed. */
export function openAiRequest(query: ChatQuery, flavour: OpenAiFlavour, asked: AskedModel): OpenAiRequest {
  const { raw } = query.body
  if (raw === undefined) return { path: '/v1/chat/completions', body: openAiChatBody(query, flavour, asked) }
  const text = raw.prompt + (query.body.prefill ?? '')
  const { maxTokens, ...rest } = limited(query.body.sampling ?? {}, flavour, asked.contextLength)
  const settings = {
    model: asked.id,
    stream: true,
    ...sampling(rest, flavour),
    ...settingsFor(asked.kind, query.body.settings),
  }
  if (raw.suffix !== undefined && flavour.infillPage) {
    const body = { ...settings, input_prefix: text, input_suffix: raw.suffix, ...defined({ n_predict: maxTokens }) }
    return { path: '/infill', body }
  }
  const body = {
    ...settings,
    prompt: text,
    stream_options: { include_usage: true },
    ...flavour.countsTokens,
    ...defined({ suffix: raw.suffix, max_tokens: maxTokens, logprobs: query.body.logprobs }),
  }
  return { path: '/v1/completions', body }
}

/** The body of `/v1/embeddings`. */
export function openAiEmbedBody(query: EmbedQuery, id: string): JsonObject {
  return {
    model: id,
    input: query.body.inputs,
    encoding_format: 'float',
    ...defined({ dimensions: query.body.dimensions }),
  }
}
