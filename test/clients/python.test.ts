/** The programs for Python that people use to reach a gateway; each is told where it is not installed. */
import { llamaServerMissing } from '../support/real/llama-server.ts'
import { pythonClientsMissing, pythonOf } from './client-program.ts'
import { clientSuite } from './client-suite.ts'
import type { ClientSpec } from './features.ts'
import { Federation } from './federation.ts'

interface PythonClient extends ClientSpec {
  /** The requirements file that it is installed by. */
  readonly environment: 'python' | 'aider'
}

const NO_VECTORS = 'makes no vectors'
const NO_RAW = 'knows chats only'
const NO_LIST = 'lists no models'
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

const CLIENTS: readonly PythonClient[] = [
  { name: 'openai python', program: 'openai_client.py', environment: 'python', lacks: {}, errors: OPENAI_ERRORS },
  {
    name: 'anthropic python',
    program: 'anthropic_client.py',
    environment: 'python',
    lacks: { embeddings: NO_VECTORS, completions: NO_RAW },
    listsChats: true,
    errors: OPENAI_ERRORS,
    codes: {
      wrongModel: 'not_found_error',
      badRequest: 'invalid_request_error',
      wrongKey: 'authentication_error',
      tooLong: 'invalid_request_error',
      refused: 'invalid_request_error',
    },
  },
  {
    name: 'langchain-openai',
    program: 'langchain_client.py',
    environment: 'python',
    lacks: { models: NO_LIST, reasoning: 'drops the text of the reasoning' },
    errors: {
      wrongModel: 'OpenAIModelNotFoundError',
      badRequest: 'OpenAIInvalidRequestError',
      wrongKey: 'OpenAIAuthenticationError',
      tooLong: 'OpenAIContextOverflowError',
      refused: 'OpenAIInvalidRequestError',
    },
  },
  {
    name: 'litellm',
    program: 'litellm_client.py',
    environment: 'python',
    lacks: {},
    errors: { ...OPENAI_ERRORS, tooLong: 'ContextWindowExceededError' },
  },
  {
    name: 'llama-index openai-like',
    program: 'llamaindex_client.py',
    environment: 'python',
    lacks: { models: NO_LIST, reasoning: 'drops the text of the reasoning' },
    errors: OPENAI_ERRORS,
  },
  {
    name: 'instructor',
    program: 'instructor_client.py',
    environment: 'python',
    lacks: {
      roundTrip: 'hands over the calls and answers none',
      chat: 'answers in objects only',
      stream: 'streams objects only, which json_schema tries',
      vision: 'not tried: images go through the openai client',
      reasoning: 'keeps objects only',
      embeddings: NO_VECTORS,
      completions: NO_RAW,
      models: NO_LIST,
      abort: 'not tried: its streams are the openai client’s',
      receipts: 'not tried: an id is for one query, and each object is asked for in two ways here',
    },
    errors: always('InstructorRetryException'),
  },
  {
    name: 'openai-agents',
    program: 'agents_client.py',
    environment: 'python',
    lacks: { embeddings: NO_VECTORS, completions: NO_RAW, models: NO_LIST },
    errors: OPENAI_ERRORS,
  },
  {
    name: 'llm',
    program: 'llm_client.py',
    environment: 'python',
    lacks: {
      models: 'its models stand in its own file',
      embeddings: 'makes vectors by OpenAI’s own models only',
      reasoning: 'drops the text of the reasoning',
    },
    errors: always('Error'),
  },
  {
    name: 'aider',
    program: 'aider_client.py',
    environment: 'aider',
    ownPrompts: true,
    lacks: {
      tools: 'uses none',
      parallel: 'uses none',
      schema: 'has no such option',
      vision: 'knows which models see from a file on the Internet',
      reasoning: 'not tried: knows which models take an effort from a file on the Internet',
      embeddings: NO_VECTORS,
      completions: NO_RAW,
      models: 'lists those of a file on the Internet',
      refused: 'asks for no schema',
      roundTrip: 'uses none',
      receipts: 'has no headers of its user’s',
      badRequest: 'not tried: knows which names of models there may be',
    },
    errors: { wrongModel: 'NotFoundError', wrongKey: 'AuthenticationError', tooLong: 'token limit' },
  },
]

describe('client programs for Python', () => {
  const federation = new Federation()
  const missingOf = ({ environment }: PythonClient): string | undefined =>
    pythonClientsMissing(environment) ?? llamaServerMissing()

  before(async () => {
    if (CLIENTS.some((client) => missingOf(client) === undefined)) await federation.start()
  })

  after(() => federation.stop())

  for (const client of CLIENTS) {
    const interpreter = pythonOf(client.environment)
    clientSuite(client, { federation, missing: missingOf(client), inGate: false, interpreter })
  }
})
