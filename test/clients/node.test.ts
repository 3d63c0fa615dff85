/** The programs for Node that people use to reach a gateway, at a daemon that has no engine itself. */

import { llamaServerMissing } from '../support/real/llama-server.ts'
import { nodeClientsMissing } from './client-program.ts'
import { clientSuite } from './client-suite.ts'
import { codexCommandSuite } from './codex-command.ts'
import type { ClientSpec } from './features.ts'
import { Federation } from './federation.ts'
import { ollamaCommandSuite } from './ollama-command.ts'

/** The AI SDK makes a dialogue of every prompt. */
const asTurns = (prompt: string): string => `user:\n${prompt}\n\nassistant:\n`

const OPENAI_ERRORS: ClientSpec['errors'] = {
  wrongModel: 'NotFoundError',
  badRequest: 'BadRequestError',
  wrongKey: 'AuthenticationError',
  tooLong: 'BadRequestError',
  refused: 'BadRequestError',
}

/** Of a program that has one exception for all. */
const always = (name: string): ClientSpec['errors'] => ({
  ...{ wrongModel: name, badRequest: name, wrongKey: name },
  ...{ tooLong: name, refused: name },
})

const NO_LIST = 'lists no models'
const NO_THOUGHTS = 'drops the text of the reasoning'
const OTHER_PAGES = 'not tried: by the other row of this program'

/** Of Anthropic's API. */
const ANTHROPIC_CODES: ClientSpec['codes'] = {
  wrongModel: 'not_found_error',
  badRequest: 'invalid_request_error',
  wrongKey: 'authentication_error',
  tooLong: 'invalid_request_error',
  refused: 'invalid_request_error',
}

const CLIENTS: readonly ClientSpec[] = [
  { name: 'openai node', program: 'openai.mjs', lacks: {}, errors: OPENAI_ERRORS },
  {
    name: 'openai node, responses',
    program: 'openai-responses.mjs',
    lacks: { embeddings: OTHER_PAGES, completions: OTHER_PAGES, models: OTHER_PAGES },
    errors: OPENAI_ERRORS,
  },
  {
    name: 'ai with openai-compatible',
    program: 'ai-compatible.mjs',
    lacks: { models: NO_LIST },
    errors: always('APICallError'),
    framedPrompt: asTurns,
  },
  {
    name: 'ai with openai',
    program: 'ai-openai.mjs',
    lacks: { models: NO_LIST, reasoning: NO_THOUGHTS },
    errors: always('APICallError'),
    framedPrompt: asTurns,
  },
  {
    name: 'ai with openai, its default',
    program: 'ai-responses.mjs',
    lacks: { models: NO_LIST, reasoning: 'shows summaries only, and asks for none by itself' },
    errors: always('APICallError'),
    framedPrompt: asTurns,
  },
  {
    name: '@langchain/openai',
    program: 'langchain.mjs',
    lacks: { models: NO_LIST },
    errors: { ...OPENAI_ERRORS, tooLong: 'ContextOverflowError' },
  },
  {
    name: '@langchain/openai, responses',
    program: 'langchain-responses.mjs',
    lacks: { models: NO_LIST, reasoning: NO_THOUGHTS, embeddings: OTHER_PAGES, completions: OTHER_PAGES },
    errors: { ...OPENAI_ERRORS, tooLong: 'ContextOverflowError' },
  },
  {
    name: 'anthropic node',
    program: 'anthropic.mjs',
    lacks: { embeddings: 'makes no vectors', completions: 'knows chats only' },
    listsChats: true,
    errors: OPENAI_ERRORS,
    codes: ANTHROPIC_CODES,
  },
  {
    name: 'ai with anthropic',
    program: 'ai-anthropic.mjs',
    lacks: {
      ...{ models: 'lists no models', embeddings: 'makes no vectors', completions: 'knows chats only' },
      reasoning: 'not tried: has a budget of its own instead of an effort',
      schema: 'makes a tool of it for models that it does not know, and the real one here calls none',
    },
    errors: always('APICallError'),
    codes: ANTHROPIC_CODES,
  },
  {
    name: 'mcp node',
    program: 'mcp.mjs',
    lacks: {
      stream: 'hears how far the answer is, and gets it whole',
      tools: 'calls ours',
      roundTrip: 'calls ours',
      parallel: 'calls ours',
      embeddings: 'makes no vectors',
      completions: 'knows chats only',
    },
    failsWithin: true,
    errors: { ...always('ToolError'), wrongKey: 'SdkHttpError' },
  },
  { name: 'ollama node', program: 'ollama.mjs', lacks: {}, errors: always('ResponseError') },
]

describe('client programs for Node', () => {
  const federation = new Federation()
  const missing = nodeClientsMissing() ?? llamaServerMissing()

  before(async () => {
    if (missing === undefined) await federation.start()
  })

  after(() => federation.stop())

  for (const spec of CLIENTS) clientSuite(spec, { federation, missing, inGate: true })
  ollamaCommandSuite(federation, missing)
  codexCommandSuite(federation, missing)
})
