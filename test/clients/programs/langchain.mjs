/** LangChain for Node as it comes: by chat completions. */
import { describeLangchainError, langchainFeatures } from './langchain-features.mjs'
import { serve, versionOf } from './serve.mjs'

await serve(versionOf('@langchain/openai'), langchainFeatures({}), describeLangchainError)
