import { anthropicMessages } from './anthropic-messages.ts'
import type { Door } from './door.ts'
import { ollamaChat, ollamaGenerate } from './ollama.ts'
import { openAiChat } from './openai-chat.ts'
import { openAiCompletions } from './openai-completions.ts'
import { openAiResponses } from './openai-responses.ts'

/** Every door at which a model is asked for text. */
export const DOORS: readonly Door[] = [
  openAiChat,
  openAiCompletions,
  openAiResponses,
  anthropicMessages,
  ollamaChat,
  ollamaGenerate,
]
