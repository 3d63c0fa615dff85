/** LangChain for Node, told to use the Responses API. */
import { describeLangchainError, langchainFeatures } from './langchain-features.mjs'
import { serve, versionOf } from './serve.mjs'

await serve(
  `${versionOf('@langchain/openai')}, responses`,
  langchainFeatures({ useResponsesApi: true }),
  describeLangchainError,
)
