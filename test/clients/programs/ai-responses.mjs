/** The AI SDK with its provider for OpenAI as it comes: by the Responses API. */
import { createOpenAI } from '@ai-sdk/openai'
import { aiFeatures, describeAiError } from './ai.mjs'
import { serve, versionOf } from './serve.mjs'

const provider = ({ base, key = 'none', headers }) =>
  createOpenAI({ baseURL: base, apiKey: key, headers: headers ?? {} })

const features = aiFeatures({
  provider: 'openai',
  chatModel: (task) => provider(task)(task.model),
  textModel: (task) => provider(task).completion(task.model),
  vectorModel: (task) => provider(task).embedding(task.model),
})

await serve(`${versionOf('ai')} + openai ${versionOf('@ai-sdk/openai')}, responses`, features, describeAiError)
