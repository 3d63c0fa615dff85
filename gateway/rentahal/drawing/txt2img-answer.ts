/** Pictures as Automatic1111 answers with them: base64 without a head, and what was drawn as JSON within a text. */
import type { GatheredImages } from '../../gathering/images.ts'
import type { Txt2Img } from './txt2img-request.ts'

/** The body. Throws `ENGINE_GARBAGE` when there is no picture. `model`: by which it was drawn. */
export function txt2imgBody(drawn: GatheredImages, asked: Txt2Img, model: string): object {
  const images = drawn.all
  // A seed that the engine keeps to itself is told as the one that was asked for: −1 where none was.
  const seeds = images.map(({ seed }) => seed ?? asked.seed)
  return {
    images: images.map(({ data }) => Buffer.from(data).toString('base64')),
    parameters: asked,
    info: JSON.stringify(infoOf(asked, seeds, model)),
  }
}

function infoOf(asked: Txt2Img, seeds: readonly number[], model: string): object {
  const { prompt, negative_prompt: negative, width, height, steps, cfg_scale: guidance, batch_size: batch } = asked
  const told = [...(steps == null ? [] : [`Steps: ${steps}`]), ...(guidance == null ? [] : [`CFG scale: ${guidance}`])]
  const text = (seed: number): string =>
    [prompt, ...(negative === '' ? [] : [`Negative prompt: ${negative}`])].join('\n') +
    `\n${[...told, `Seed: ${seed}`, `Size: ${width}x${height}`, `Model: ${model}`].join(', ')}`
  return {
    prompt,
    all_prompts: seeds.map(() => prompt),
    negative_prompt: negative,
    all_negative_prompts: seeds.map(() => negative),
    seed: seeds[0],
    all_seeds: seeds,
    width,
    height,
    cfg_scale: guidance ?? undefined,
    steps: steps ?? undefined,
    batch_size: batch,
    sd_model_name: model,
    infotexts: seeds.map(text),
    index_of_first_image: 0,
  }
}
