/** How one question is put at each door of a gateway. */

export interface ServedDoor {
  readonly name: string
  readonly path: string
  /** The body of a request; `stream`: for an answer in pieces. */
  readonly body: (prompt: string, stream: boolean) => object
  /** Beside those of every request. */
  readonly headers?: Readonly<Record<string, string>>
  /** What is counted in an answer. @default the upstream's token */
  readonly mark?: string
  /** How often a streamed answer says each token; absent where nothing is streamed. */
  readonly timesEach?: number
}

const MODEL = 'bench-model'
const VECTOR_MODEL = 'bench-embed'
const RANK_MODEL = 'bench-rerank'

const messages = (prompt: string) => [{ role: 'user', content: prompt }]

/** What all others are compared with. */
export const CHAT_COMPLETIONS: ServedDoor = {
  name: 'chat completions',
  path: '/v1/chat/completions',
  body: (prompt, stream) => ({ model: MODEL, stream, messages: messages(prompt) }),
  timesEach: 1,
}

const MCP_VERSION = '2026-07-28'
const MCP_META = {
  'io.modelcontextprotocol/protocolVersion': MCP_VERSION,
  'io.modelcontextprotocol/clientInfo': { name: 'bench', version: '1' },
  'io.modelcontextprotocol/clientCapabilities': {},
}

/** The message that calls `ask`; `meta`: what a version of the protocol wants said with each message. */
const askCall = (prompt: string, meta?: object) => ({
  jsonrpc: '2.0',
  id: 1,
  method: 'tools/call',
  params: { name: 'ask', arguments: { model: MODEL, prompt }, ...(meta && { _meta: meta }) },
})

const MCP_DOOR = {
  path: '/mcp',
  // The text stands twice in an answer: for the model, and for programs.
  mark: '"finish_reason":"stop"',
} as const
const MCP_ACCEPT = { accept: 'application/json, text/event-stream' }

/** A piece, then the whole text in the end of the text, of its part, of its item and of the response. */
const RESPONSES_SAY = 5

export const DOORS: readonly ServedDoor[] = [
  CHAT_COMPLETIONS,
  {
    name: 'completions',
    path: '/v1/completions',
    body: (prompt, stream) => ({ model: MODEL, stream, prompt }),
    timesEach: 1,
  },
  {
    name: 'responses, not kept',
    path: '/v1/responses',
    body: (input, stream) => ({ model: MODEL, stream, store: false, input }),
    timesEach: RESPONSES_SAY,
  },
  {
    name: 'responses, kept',
    path: '/v1/responses',
    body: (input, stream) => ({ model: MODEL, stream, input }),
    timesEach: RESPONSES_SAY,
  },
  {
    name: 'messages',
    path: '/v1/messages',
    body: (prompt, stream) => ({ model: MODEL, stream, max_tokens: 1_024, messages: messages(prompt) }),
    timesEach: 1,
  },
  {
    name: 'Ollama, chat',
    path: '/api/chat',
    body: (prompt, stream) => ({ model: MODEL, stream, messages: messages(prompt) }),
    timesEach: 1,
  },
  {
    name: 'Ollama, generate',
    path: '/api/generate',
    body: (prompt, stream) => ({ model: MODEL, stream, prompt }),
    timesEach: 1,
  },
  {
    name: 'embeddings',
    path: '/v1/embeddings',
    body: (input) => ({ model: VECTOR_MODEL, input, encoding_format: 'base64' }),
    mark: '"object":"embedding"',
  },
  {
    name: 'Ollama, embed',
    path: '/api/embed',
    body: (input) => ({ model: VECTOR_MODEL, input }),
    mark: '"embeddings":[[',
  },
  {
    name: 'rerank',
    path: '/v1/rerank',
    body: (query) => ({ model: RANK_MODEL, query, documents: ['a rig', 'a peer'] }),
    mark: '"relevance_score":0.5',
  },
  {
    name: 'count of tokens',
    path: '/v1/messages/count_tokens',
    body: (prompt) => ({ model: MODEL, messages: messages(prompt) }),
    mark: '"input_tokens":',
  },
  {
    ...MCP_DOOR,
    name: 'MCP of 2026',
    headers: { ...MCP_ACCEPT, 'mcp-protocol-version': MCP_VERSION, 'mcp-method': 'tools/call', 'mcp-name': 'ask' },
    body: (prompt) => askCall(prompt, MCP_META),
  },
  {
    ...MCP_DOOR,
    name: 'MCP of 2025',
    headers: { ...MCP_ACCEPT, 'mcp-protocol-version': '2025-11-25' },
    body: (prompt) => askCall(prompt),
  },
]
