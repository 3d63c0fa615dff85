/** The body of `POST /api/generate` for a model that draws, as our query. */
import { z } from 'zod'
import { BadField } from '../../../core/check-value.ts'
import { defined } from '../../../core/defined.ts'
import { MAX_MODEL_NAME_LENGTH } from '../../../core/model/model-name.ts'
import { assertTextFits } from '../../../core/query/prompt-size.ts'
import type { ImagineBody } from '../../../core/query/query.ts'
import { imageList } from '../format/wishes.ts'

/** Longest side of a picture: what Ollama allows. */
const MAX_SIDE = 4_096

/** Zero is how Ollama's own programs leave something out. */
const side = z.number().int().min(0).max(MAX_SIDE).nullish()

export const drawSchema = z.object({
  model: z.string().max(MAX_MODEL_NAME_LENGTH).nullish(),
  prompt: z.string().nullish(),
  images: imageList.nullish(),
  stream: z.boolean().nullish(),
  width: side,
  height: side,
  steps: z.number().int().min(0).max(1_000).nullish(),
  options: z.looseObject({ seed: z.number().int().nullish() }).nullish(),
})

export type DrawBody = z.infer<typeof drawSchema>

/** Throws `BadField` and `PROMPT_TOO_LARGE`. */
export function toDrawing({ prompt, images, width, height, steps, options }: DrawBody): ImagineBody {
  if (images?.length) throw new BadField('images', 'pictures are drawn of text alone', { fix: 'leave them out' })
  assertTextFits([prompt ?? ''])
  const { seed } = options ?? {}
  return {
    prompt: prompt ?? '',
    ...defined({
      width: width || undefined,
      height: height || undefined,
      steps: steps || undefined,
      seed: seed != null && seed >= 0 ? seed : undefined,
    }),
  }
}
