/** What a client that knocks at a door which is not there is told, so that a person need not look it up. */

/** The doors of OpenAI's API that there are. */
const DOORS =
  'chat/completions, responses, messages, completions, embeddings, files, batches, images/generations, images/edits, audio/transcriptions, audio/translations, audio/speech, audio/voices, audio/models, rerank and models'

/** The doors of Ollama's API, likewise. */
const OLLAMA_DOORS = 'chat, generate, embed, embeddings, tags, ps, show, version and status'

/** The doors of Anthropic's API, likewise. */
const ANTHROPIC_DOORS = 'messages, messages/count_tokens and models'

interface Hint {
  readonly path: RegExp
  /** `base`: this gateway's address for clients of OpenAI's API. */
  readonly fix: (base: string) => string
}

const HINTS: readonly Hint[] = [
  {
    path: /^\/v1\/(?:assistants|threads|conversations)\b/,
    fix: (base) =>
      `let the client use ${base}/responses or ${base}/chat/completions: assistants and conversations are not kept here`,
  },
  {
    path: /^\/v1\/messages\b/,
    fix: () => `of Anthropic's API there are ${ANTHROPIC_DOORS}`,
  },
  {
    path: /^\/v1\/api\b/,
    fix: (base) => `the base address for clients of Ollama's API is ${base.replace(/\/v1$/, '') || '/'}`,
  },
  {
    path: /^\/api\b/,
    fix: () => `of Ollama's API there are ${OLLAMA_DOORS}`,
  },
  { path: /^\/v1\b/, fix: (base) => `${base} has ${DOORS}` },
]

/**
 * One line of what to do instead, with the page that has every path. `origin`: the gateway's address as the client
 * called it; may be empty.
 */
export function hintFor(path: string, origin: string): string {
  const base = `${origin}/v1`
  const hint = HINTS.find((one) => one.path.test(path))
  return `${hint?.fix(base) ?? `the base address for clients of OpenAI's API is ${base}`}; ${origin}/docs has every path`
}
