/**
 * The pages of llama-server and vLLM that rank documents and tell tokens, as the real ones answer. A stub ranks where
 * one of its models is called a reranker; its tokens are words with the space before them.
 */
import { type StubRequest, type StubRoute, type StubRoutes, type StubServer, sendJson } from './stub-server.ts'

/** Ids of the stub's tokens: the bytes of the word, and how often it came. */
function tokensOf(text: string): { id: number; piece: string }[] {
  const pieces = text.match(/\s*\S+|\s+$/g) ?? []
  return pieces.map((piece, at) => ({ id: Buffer.byteLength(piece) * 1_000 + at, piece }))
}

function ranks({ knobs }: StubServer): boolean {
  return knobs.models.some((model) => model.includes('rerank'))
}

/** Longer documents are better. Not in order, as vLLM promises none. */
const rank: StubRoute = ({ body }, response) => {
  const documents = body['documents'] as readonly string[] | undefined
  if (documents === undefined || documents.length === 0) {
    return sendJson(response, 400, { error: { code: 400, message: '"documents" must be a non-empty string array' } })
  }
  const results = documents.map((text, index) => ({ index, relevance_score: text.length / 10 }))
  sendJson(response, 200, {
    model: body['model'],
    object: 'list',
    usage: { prompt_tokens: 9, total_tokens: 9 },
    results,
  })
}

const noPage: StubRoute = (_request, response) =>
  sendJson(response, 404, { error: { message: 'File Not Found', type: 'not_found_error', code: 404 } })

/** What a conversation becomes: each message on a line, and the tools. */
function promptOf({ body }: StubRequest): string {
  const messages = body['messages'] as readonly { role: string; content: unknown }[]
  const tools = body['tools'] === undefined ? [] : [JSON.stringify(body['tools'])]
  return [...tools, ...messages.map(({ role, content }) => `${role}: ${JSON.stringify(content)}`)].join('\n')
}

/** Those of llama-server. */
export const LLAMA_PLAIN: StubRoutes = {
  'POST /v1/rerank': (request, response, stub) => {
    if (ranks(stub)) return rank(request, response, stub)
    const message = 'This server does not support reranking. Start it with `--reranking`'
    sendJson(response, 501, { error: { code: 501, message, type: 'not_supported_error' } })
  },
  'POST /tokenize': ({ body }, response) => {
    const tokens = tokensOf(String(body['content'] ?? ''))
    sendJson(response, 200, { tokens: body['with_pieces'] === true ? tokens : tokens.map(({ id }) => id) })
  },
  'POST /detokenize': ({ body }, response) => sendJson(response, 200, { content: String(body['tokens']) }),
  'POST /apply-template': (request, response) => sendJson(response, 200, { prompt: promptOf(request) }),
  'POST /v1/chat/completions/input_tokens': (request, response) =>
    sendJson(response, 200, { input_tokens: tokensOf(promptOf(request)).length, object: 'response.input_tokens' }),
}

/** Those of vLLM: one that does not score has no page for it. */
export const VLLM_PLAIN: StubRoutes = {
  'POST /v1/rerank': (request, response, stub) => (ranks(stub) ? rank : noPage)(request, response, stub),
  'POST /tokenize': (request, response) => {
    const prompt = request.body['prompt']
    const tokens = tokensOf(typeof prompt === 'string' ? prompt : promptOf(request)).map(({ id }) => id)
    sendJson(response, 200, { count: tokens.length, max_model_len: 4096, tokens, token_strs: null })
  },
  'POST /detokenize': ({ body }, response) => sendJson(response, 200, { prompt: String(body['tokens']) }),
}
