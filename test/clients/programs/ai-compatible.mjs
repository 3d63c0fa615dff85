/** The AI SDK with its provider for servers that speak OpenAI's API. */
import { createOpenAICompatible } from '@ai-sdk/openai-compatible'
import { aiFeatures, describeAiError } from './ai.mjs'
import { serve, versionOf } from './serve.mjs'

const provider = ({ base, key = 'none', headers }) =>
  createOpenAICompatible({
    name: 'realmesh',
    baseURL: base,
    apiKey: key,
    headers: headers ?? {},
    includeUsage: true,
    supportsStructuredOutputs: true,
  })

const features = aiFeatures({
  provider: 'realmesh',
  chatModel: (task) => provider(task).chatModel(task.model),
  textModel: (task) => provider(task).completionModel(task.model),
  vectorModel: (task) => provider(task).textEmbeddingModel(task.model),
})

await serve(
  `${versionOf('ai')} + openai-compatible ${versionOf('@ai-sdk/openai-compatible')}`,
  features,
  describeAiError,
)
