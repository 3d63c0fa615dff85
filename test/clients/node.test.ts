/** The programs for Node that people use to reach a gateway, at a daemon that has no engine itself. */

import { llamaServerMissing } from '../support/real/llama-server.ts'
import { nodeClientsMissing } from './client-program.ts'
import { clientSuite } from './client-suite.ts'
import type { ClientSpec } from './features.ts'
import { Federation } from './federation.ts'
import { ollamaCommandSuite } from './ollama-command.ts'

/** The AI SDK makes a dialogue of every prompt. */
const asTurns = (prompt: string): string => `user:\n${prompt}\n\nassistant:\n`

const CLIENTS: readonly ClientSpec[] = [
  {
    name: 'openai node',
    program: 'openai.mjs',
    lacks: {},
    errors: { wrongModel: 'NotFoundError', tooLong: 'BadRequestError', refused: 'BadRequestError' },
  },
  {
    name: 'ai with openai-compatible',
    program: 'ai-compatible.mjs',
    lacks: { models: 'lists no models' },
    errors: { wrongModel: 'APICallError', tooLong: 'APICallError', refused: 'APICallError' },
    framedPrompt: asTurns,
  },
  {
    name: 'ai with openai',
    program: 'ai-openai.mjs',
    lacks: { models: 'lists no models', reasoning: 'drops the text of the reasoning' },
    errors: { wrongModel: 'APICallError', tooLong: 'APICallError', refused: 'APICallError' },
    framedPrompt: asTurns,
  },
  {
    name: 'ai with openai, its default',
    program: 'ai-responses.mjs',
    lacks: { models: 'lists no models', reasoning: 'shows summaries only, and asks for none by itself' },
    errors: { wrongModel: 'APICallError', tooLong: 'APICallError', refused: 'APICallError' },
    framedPrompt: asTurns,
  },
  {
    name: '@langchain/openai',
    program: 'langchain.mjs',
    lacks: { models: 'lists no models' },
    errors: { wrongModel: 'NotFoundError', tooLong: 'ContextOverflowError', refused: 'BadRequestError' },
  },
  {
    name: 'ollama node',
    program: 'ollama.mjs',
    lacks: {},
    errors: { wrongModel: 'ResponseError', tooLong: 'ResponseError', refused: 'ResponseError' },
  },
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
})
