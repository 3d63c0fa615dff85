/** The body of `POST /sdapi/v1/txt2img`, as Automatic1111 has it, and the query that it makes. */
import { z } from 'zod'
import { BadField } from '../../../core/check-value.ts'
import { defined } from '../../../core/defined.ts'
import { MAX_MODEL_NAME_LENGTH } from '../../../core/model/model-name.ts'
import { assertTextFits } from '../../../core/query/prompt-size.ts'
import type { ImagineBody } from '../../../core/query/query.ts'
import type { AskedFields } from '../../answer/ignored-fields.ts'
import { askedFields } from '../../fields/asked-fields.ts'
import { MAX_IMAGES_WANTED } from '../../request/limits.ts'

/** What Automatic1111 draws where no size is asked for. */
const USUAL_SIDE = 512

/** Longest side of a picture: larger than any model of home rigs draws at once. */
const MAX_SIDE = 4_096

const side = z.int().min(16).max(MAX_SIDE).default(USUAL_SIDE)

export const txt2imgSchema = z.object({
  prompt: z.string().default(''),
  negative_prompt: z.string().default(''),
  width: side,
  height: side,
  /** What is absent, or beyond what counts, is the engine's choice. */
  steps: z.int().min(1).max(1_000).nullish(),
  cfg_scale: z.number().min(0).max(100).nullish(),
  /** −1 draws one. */
  seed: z.int().min(-1).default(-1),
  batch_size: z.int().min(1).max(MAX_IMAGES_WANTED).default(1),
  n_iter: z.int().min(1).max(MAX_IMAGES_WANTED).default(1),
  override_settings: z.looseObject({ sd_model_checkpoint: z.string().max(MAX_MODEL_NAME_LENGTH).nullish() }).nullish(),
})

export type Txt2Img = z.infer<typeof txt2imgSchema>

/** Throws `BadField` and `PROMPT_TOO_LARGE`. */
export function toDrawn(asked: Txt2Img): ImagineBody {
  const { prompt, negative_prompt: negative, width, height, steps, cfg_scale: guidance, seed } = asked
  assertTextFits([prompt, negative])
  const count = asked.batch_size * asked.n_iter
  if (count > MAX_IMAGES_WANTED) {
    throw new BadField('n_iter', `${count} pictures are wanted, ${MAX_IMAGES_WANTED} are drawn at once`)
  }
  return {
    ...{ prompt, width, height },
    ...(count > 1 && { count }),
    ...defined({
      negativePrompt: negative === '' ? undefined : negative,
      steps: steps ?? undefined,
      guidance: guidance ?? undefined,
      seed: seed < 0 ? undefined : seed,
    }),
  }
}

/** What a client of Automatic1111 sends where it means nothing by it. */
const MEANS_NOTHING: readonly unknown[] = [false, 0, -1]

/** The fields in which a body says something: samplers and their like are left out, and told. */
export function txt2imgFields(body: unknown): AskedFields {
  const { carried, dropped } = askedFields(body, txt2imgSchema)
  const fields = typeof body === 'object' && body !== null ? (body as Readonly<Record<string, unknown>>) : {}
  return { carried, dropped: dropped.filter((field) => !MEANS_NOTHING.includes(fields[field])) }
}
