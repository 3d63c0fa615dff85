/** The AI SDK with its provider for Anthropic. */
import { createAnthropic } from '@ai-sdk/anthropic'
import { aiFeatures } from './ai.mjs'
import { serve, versionOf } from './serve.mjs'

const {
  embeddings: _none,
  completions: _chats,
  ...features
} = aiFeatures({
  provider: 'anthropic',
  chatModel: ({ model, base, key = 'none', headers }) =>
    createAnthropic({ baseURL: base, apiKey: key, headers: headers ?? {} })(model),
})

await serve(
  `${versionOf('ai')} + anthropic ${versionOf('@ai-sdk/anthropic')}`,
  features,
  ({ statusCode: status, data }) => ({ status, code: data?.error?.type }),
)
