/**
 * An HTTP host of another federation as engines see it: RENT-A-HAL's, which answers in one piece, or a realmesh
 * gateway, which streams lines and names its models.
 */
import { splitPrefill, stubTokens } from './stub-answer.ts'
import { generate, type StubChat, type StubFormat } from './stub-generation.ts'
import type { StubKnobs } from './stub-knobs.ts'
import { clientGone, type StubRoute, type StubRoutes, StubServer, sendJson, sendText } from './stub-server.ts'

export const STUB_FEDERATION = 'federation_0badcafe'

/** What a host without models of its own is called in a list of models. */
export const STUB_HOST_MODEL = `federation/${STUB_FEDERATION}`

const line = (value: object): string => `${JSON.stringify(value)}\n`
const federation_id = STUB_FEDERATION

const FORMAT: StubFormat = {
  head: { 'content-type': 'application/x-ndjson' },
  begin: () => line({}),
  text: (text) => line({ text }),
  reasoning: (text) => line({ reasoning: text }),
  toolCall: () => '',
  end: (reason, prompt_tokens, completion_tokens) =>
    line({ status: 'success', finish_reason: reason, usage: { prompt_tokens, completion_tokens }, federation_id }),
  error: (message) => line({ status: 'error', error: message, federation_id }),
  garbage: '<html>proxy</html>\n',
  refuse: (response, kind) =>
    kind === 'busy'
      ? sendJson(response, 200, { error: 'No route found for query type', federation_id })
      : sendJson(response, 200, { status: 'error', error: 'CUDA out of memory\u0007', federation_id }),
}

const streamed: StubRoute = async ({ path, body }, response, stub) => {
  const { query, realmesh } = body as { query: Record<string, unknown>; realmesh: Record<string, unknown> }
  const chat: StubChat = {
    path,
    body,
    model: String(query['model_name']),
    messages: [{ role: 'user', text: String(query['prompt']), images: 0 }],
    seed: Number(realmesh['seed'] ?? 0),
    maxTokens: realmesh['max_tokens'] as number | undefined,
    tools: [],
    schema: undefined,
    think: false,
    continues: false,
  }
  await generate(stub, response, chat, FORMAT)
}

const whole: StubRoute = async ({ path, body }, response, stub) => {
  const { number, fails } = stub.nextQuery()
  const model = STUB_HOST_MODEL
  stub.journal.write({ event: 'start', query: number, path, model, body })
  const { fail } = stub.knobs
  const gone = clientGone(response)
  let left = false
  void gone.then(() => {
    left = true
    stub.journal.write({ event: 'cancel', query: number, model })
  })
  await stub.loadModel(model, number)
  if (fails && fail === 'hang') await gone
  if (left) return
  if (fails) {
    stub.journal.write({ event: 'fail', query: number, model })
    if (fail === 'garbage') return sendText(response, 200, '<html>proxy</html>', 'text/html')
    FORMAT.refuse(response, fail === 'busy' ? 'busy' : 'error')
    return
  }
  const { query } = body as { query: Record<string, unknown> }
  const { asked } = splitPrefill([{ role: 'user', text: String(query['prompt']), images: 0 }])
  const result = stubTokens({ model, messages: asked, seed: 0 }, stub.knobs.tokens).join('')
  response.writeHead(200, { 'content-type': 'application/json' })
  await stub.write(response, JSON.stringify({ status: 'success', result, federation_id }))
  response.end()
  stub.journal.write({ event: 'end', query: number, model })
}

/** Call `start()`. @default streams: false, as RENT-A-HAL */
export function hostStub(knobs: Partial<StubKnobs> = {}, { streams = false } = {}): StubServer {
  const state: StubRoutes = {
    'GET /api/federation/status': (_request, response, stub) =>
      sendJson(response, 200, {
        federation_id,
        total_realms: 2,
        realms: [
          { name: '$CHAT', primary_type: 'chat', workers: 1, connections: 0, queries_processed: 0, error_rate: 0 },
          { name: '$VISION', primary_type: 'vision', workers: 0, connections: 0, queries_processed: 0, error_rate: 0 },
        ],
        federation_metrics: {},
        ...(streams && {
          realmesh: { slots: stub.knobs.slots, models: stub.knobs.models.map((name) => ({ name, types: ['chat'] })) },
        }),
      }),
  }
  return new StubServer({ ...state, 'POST /api/federation/route': streams ? streamed : whole }, knobs)
}
