/** The body of `POST /v1/completions` as queries: one for each answer to each prompt. */
import { z } from 'zod'
import { BadField } from '../../../core/check-value.ts'
import { defined } from '../../../core/defined.ts'
import { boundedList } from '../../../core/json/bounded-list.ts'
import { MAX_MODEL_NAME_LENGTH } from '../../../core/model/model-name.ts'
import { MAX_TOP_LOGPROBS } from '../../../core/query/logprobs.ts'
import { assertTextFits } from '../../../core/query/prompt-size.ts'
import type { ChatBody, RawPrompt } from '../../../core/query/query.ts'
import { MAX_CHOICES } from '../../answer/several.ts'
import { toSettings } from '../../fields/asked-fields.ts'
import { samplingFields, toSampling } from '../../fields/sampling.ts'
import { choicesOf } from '../format/choices.ts'

export const completionsSchema = z.object({
  model: z.string().max(MAX_MODEL_NAME_LENGTH).nullish(),
  prompt: z.union([z.string(), boundedList(z.string(), { min: 1, max: MAX_CHOICES })], {
    error: `expected a text or up to ${MAX_CHOICES} texts; tokens mean something else to every model`,
  }),
  suffix: z.string().nullish(),
  echo: z.boolean().nullish(),
  logprobs: z.number().int().min(0).max(MAX_TOP_LOGPROBS).nullish(),
  n: z.number().int().min(1).max(MAX_CHOICES).nullish(),
  best_of: z.number().int().min(1).nullish(),
  stream: z.boolean().nullish(),
  stream_options: z.object({ include_usage: z.boolean().nullish() }).nullish(),
  ...samplingFields,
  messages: z.null({ error: 'a completion has a prompt; send messages to /v1/chat/completions' }).optional(),
  tools: z.null({ error: 'a completion calls no tools; send them to /v1/chat/completions' }).optional(),
  response_format: z.null({ error: 'a completion has no format; send a grammar instead' }).optional(),
})

export type CompletionBody = z.infer<typeof completionsSchema>

/** What is asked, and what of it stands in the answer again. */
export interface Completions {
  /** One for each choice, in the order of the choices. */
  readonly bodies: readonly ChatBody[]
  /** With `echo` the prompt of each choice, else empty texts. */
  readonly echoes: readonly string[]
}

/** `sent`: the body as it came. Throws `BadField` and `PROMPT_TOO_LARGE`. */
export function toCompletions(body: CompletionBody, sent: unknown): Completions {
  const n = body.n ?? 1
  if ((body.best_of ?? n) !== n) {
    throw new BadField('best_of', 'answers are not ranked here', {
      fix: 'ask for n answers, with logprobs, and choose',
    })
  }
  if (body.echo === true && body.logprobs != null) {
    throw new BadField('echo', 'how probable the prompt itself was is not told', { fix: 'leave out echo or logprobs' })
  }
  const prompts = typeof body.prompt === 'string' ? [body.prompt] : body.prompt
  if (prompts.length * n > MAX_CHOICES)
    throw new BadField('n', `at most ${MAX_CHOICES} answers to all prompts together`)
  const settings = defined({
    sampling: toSampling(body),
    settings: toSettings(sent),
    logprobs: body.logprobs ?? undefined,
  })
  const bodies = prompts.flatMap((prompt) => {
    const raw: RawPrompt = { prompt, ...(body.suffix ? { suffix: body.suffix } : {}) }
    assertTextFits([prompt, body.suffix ?? ''])
    return choicesOf({ messages: [], raw, ...settings }, n)
  })
  return { bodies, echoes: bodies.map(({ raw }) => (body.echo === true ? (raw?.prompt ?? '') : '')) }
}
