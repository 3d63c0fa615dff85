/**
 * Stubs of the engines that speak OpenAI's API; each with the pages by which it is told from the others and publishes
 * its load.
 */

import { openAiChat, openAiFormat } from './openai-format.ts'
import type { OpenAiManner } from './openai-manners.ts'
import { LLAMA_PLAIN, VLLM_PLAIN } from './openai-plain.ts'
import { stubVector } from './stub-answer.ts'
import { generate } from './stub-generation.ts'
import type { StubKnobs } from './stub-knobs.ts'
import { type StubRequest, type StubRoute, type StubRoutes, StubServer, sendJson, sendText } from './stub-server.ts'

export type OpenAiStubKind =
  | 'llama-server'
  | 'vllm'
  | 'lm-studio'
  | 'tgi'
  | 'koboldcpp'
  | 'huggingface'
  | 'openai'
  /** Found as a plain `openai`, since nothing tells it from others. */
  | 'transformers'

const CONTEXT = 4096

interface Behaviour {
  readonly ownedBy: string
  readonly manner: OpenAiManner
  readonly continues: (request: StubRequest) => boolean
}

const yes = (): boolean => true

const BEHAVIOUR: Readonly<Record<OpenAiStubKind, Behaviour>> = {
  'llama-server': { ownedBy: 'llamacpp', manner: 'llama-server', continues: yes },
  // vLLM opens a new assistant turn unless it is told not to.
  vllm: {
    ownedBy: 'vllm',
    manner: 'vllm',
    continues: ({ body }) => body['continue_final_message'] === true && body['add_generation_prompt'] === false,
  },
  'lm-studio': { ownedBy: 'organization_owner', manner: 'plain', continues: yes },
  tgi: { ownedBy: 'tgi', manner: 'plain', continues: yes },
  koboldcpp: { ownedBy: 'koboldcpp', manner: 'plain', continues: yes },
  huggingface: { ownedBy: 'huggingface', manner: 'plain', continues: () => false },
  openai: { ownedBy: 'openai', manner: 'plain', continues: () => false },
  transformers: { ownedBy: 'lab', manner: 'transformers', continues: () => false },
}

function common(kind: OpenAiStubKind): StubRoutes {
  const { ownedBy, manner, continues } = BEHAVIOUR[kind]
  const llama = manner === 'llama-server'
  return {
    'GET /v1/models': (_request, response, stub) =>
      sendJson(response, 200, {
        object: 'list',
        data: stub.knobs.models.map((id) => ({
          id,
          object: 'model',
          created: 0,
          owned_by: ownedBy,
          ...(kind === 'vllm' ? { max_model_len: CONTEXT } : {}),
          ...(llama ? { meta: { n_ctx_train: 8192, n_params: 8e9 } } : {}),
        })),
      }),
    'POST /v1/embeddings': ({ body }, response, stub) => {
      if (llama && !stub.knobs.models.some((model) => model.includes('embed'))) {
        const message = 'This server does not support embeddings. Start it with `--embeddings`'
        return sendJson(response, 501, { error: { code: 501, message, type: 'not_supported_error' } })
      }
      const input = (Array.isArray(body['input']) ? body['input'] : [body['input']]) as string[]
      const data = input.map((text, index) => ({ object: 'embedding', index, embedding: stubVector(text) }))
      sendJson(response, 200, {
        object: 'list',
        data: data.reverse(), // the order is not promised, the index is
        model: body['model'],
        usage: { prompt_tokens: input.length, total_tokens: input.length },
      })
    },
    'POST /v1/chat/completions': async (request, response, stub) => {
      const asked = openAiChat(request, continues(request))
      const [first = ''] = stub.knobs.models
      // llama-server answers by any name, with the model that it has, and tells its true name.
      const chat = llama && !stub.knobs.models.includes(asked.model) ? { ...asked, model: first } : asked
      if (!stub.knobs.models.includes(chat.model)) {
        const message = `The model \`${chat.model}\` does not exist.`
        return sendJson(response, 404, { error: { message, type: 'NotFoundError', param: null, code: 404 } })
      }
      if (chat.tools.length > 0 && stub.knobs.refusesTools === 1) {
        const message = '"auto" tool choice requires --enable-auto-tool-choice and --tool-call-parser to be set'
        return sendJson(response, 400, { error: { message, type: 'BadRequestError', param: null, code: 400 } })
      }
      const options = request.body['stream_options'] as { include_usage?: boolean } | undefined
      const format = openAiFormat({ model: chat.model, manner, includeUsage: options?.include_usage === true })
      await generate(stub, response, chat, format)
    },
  }
}

/** What each kind has beside the common routes. */
const OWN: Readonly<Record<OpenAiStubKind, StubRoutes>> = {
  'llama-server': {
    ...LLAMA_PLAIN,
    'GET /health': (_request, response) => sendJson(response, 200, { status: 'ok' }),
    'GET /props': (_request, response, stub) =>
      sendJson(response, 200, {
        default_generation_settings: { n_ctx: CONTEXT },
        total_slots: stub.knobs.slots,
        build_info: 'b6900-stub',
        modalities: { vision: true, audio: false },
        chat_template: '{% if enable_thinking %}<think>{% endif %}',
        chat_template_caps: { supports_tools: true },
        is_sleeping: false,
      }),
    'GET /slots': (_request, response, stub) =>
      sendJson(
        response,
        200,
        Array.from({ length: stub.knobs.slots }, (_, id) => {
          const busy = id < stub.running
          return { id, n_ctx: CONTEXT, speculative: false, is_processing: busy, ...(busy && { id_task: 100 + id }) }
        }),
      ),
    'GET /metrics': (_request, response, stub) =>
      sendText(
        response,
        200,
        `# TYPE llamacpp:requests_processing gauge\nllamacpp:requests_processing ${stub.running}\nllamacpp:requests_deferred ${stub.queued}\nllamacpp:predicted_tokens_seconds 50\nllamacpp:prompt_tokens_seconds 500\n`,
      ),
  },
  vllm: {
    ...VLLM_PLAIN,
    'GET /health': (_request, response) => sendText(response, 200, ''),
    'GET /version': (_request, response) => sendJson(response, 200, { version: '0.11.0' }),
    'GET /metrics': (_request, response, stub) =>
      sendText(
        response,
        200,
        `vllm:num_requests_running{engine="0",model_name="tiny"} ${stub.running}.0\nvllm:num_requests_waiting{engine="0",model_name="tiny"} ${stub.queued}.0\n`,
      ),
  },
  'lm-studio': {
    'GET /api/v1/models': (_request, response, stub) =>
      sendJson(response, 200, {
        models: stub.knobs.models.map((key) => ({
          type: key.includes('embed') ? 'embedding' : 'llm',
          key,
          architecture: 'llama',
          quantization: { name: 'Q4_K_M', bits_per_weight: 4 },
          params_string: '8B',
          loaded_instances: stub.loaded.includes(key) ? [{ id: key }] : [],
          max_context_length: CONTEXT,
          capabilities: { vision: true, trained_for_tool_use: true },
        })),
      }),
    // LM Studio answers 200 to pages that it does not have.
    'GET *': (_request, response) => sendJson(response, 200, { error: 'Unexpected endpoint or method.' }),
  },
  tgi: {
    'GET /health': (_request, response) => sendText(response, 200, ''),
    'GET /info': (_request, response, stub) =>
      sendJson(response, 200, {
        model_id: stub.knobs.models[0],
        max_concurrent_requests: 128,
        max_total_tokens: CONTEXT,
        version: '3.3.0',
      }),
    'GET /metrics': (_request, response, stub) =>
      sendText(response, 200, `tgi_queue_size ${stub.queued}\ntgi_batch_current_size ${stub.running}\n`),
  },
  koboldcpp: {
    'GET /api/extra/version': (_request, response) => sendJson(response, 200, { result: 'KoboldCpp', version: '1.99' }),
    'GET /api/extra/perf': (_request, response, stub) =>
      sendJson(response, 200, { queue: stub.queued, idle: stub.running > 0 ? 0 : 1 }),
    'POST /api/extra/abort': ({ body }, response, stub) => {
      stub.journal.write({ event: 'interrupt', query: 0, body })
      sendJson(response, 200, { success: true })
    },
    // It imitates Ollama and Automatic1111.
    'GET /api/version': (_request, response) => sendJson(response, 200, { version: '0.7.0' }),
    'GET /sdapi/v1/options': (_request, response) => sendJson(response, 200, { sd_model_checkpoint: 'none' }),
  },
  huggingface: {},
  openai: {},
  transformers: { 'GET /health': (_request, response) => sendJson(response, 200, { status: 'ok' }) },
}

/** llama-server answers every page so until its weights are in memory. */
function whileLoading(routes: StubRoutes): StubRoutes {
  const missing: StubRoute = (_request, response) => sendJson(response, 404, { error: { message: 'File Not Found' } })
  const all: StubRoutes = { ...routes, 'GET *': routes['GET *'] ?? missing, 'POST *': missing }
  return Object.fromEntries(
    Object.entries(all).map(([path, route]): [string, StubRoute] => [
      path,
      (request, response, stub) => {
        response.setHeader('server', 'llama.cpp')
        if (!stub.loading) return route(request, response, stub)
        sendJson(response, 503, { error: { message: 'Loading model', type: 'unavailable_error', code: 503 } })
      },
    ]),
  )
}

/** A stub of one kind; call `start()`. */
export function openAiStub(kind: OpenAiStubKind, knobs: Partial<StubKnobs> = {}): StubServer {
  const routes = { ...common(kind), ...OWN[kind] }
  return new StubServer(kind === 'llama-server' ? whileLoading(routes) : routes, knobs)
}
