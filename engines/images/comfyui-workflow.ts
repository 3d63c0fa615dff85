/**
 * ComfyUI runs graphs, not prompts. A template is a graph in the API format (the "Save (API)" of its menu) with slots:
 * a value that is exactly `%seed%` becomes that value with its type, and `%prompt%` inside a longer text is replaced
 * there.
 */
import { defined } from '../../core/defined.ts'
import type { ImagineBody, ImagineQuery } from '../../core/query/query.ts'
import { RealmeshError } from '../../core/realmesh-error.ts'
import type { JsonObject } from '../http/json-shape.ts'

/**
 * Sizes and steps of a query that names none: what the oldest checkpoints were trained for. Strength: as the API of
 * Automatic1111 and stable-diffusion.cpp have it.
 */
const DEFAULTS = { width: 512, height: 512, steps: 20, guidance: 7, strength: 0.75 } as const

/** Text to image with one checkpoint: nodes that every ComfyUI has. */
export const TXT2IMG_WORKFLOW: JsonObject = {
  checkpoint: { class_type: 'CheckpointLoaderSimple', inputs: { ckpt_name: '%model%' } },
  positive: { class_type: 'CLIPTextEncode', inputs: { text: '%prompt%', clip: ['checkpoint', 1] } },
  negative: { class_type: 'CLIPTextEncode', inputs: { text: '%negative_prompt%', clip: ['checkpoint', 1] } },
  canvas: { class_type: 'EmptyLatentImage', inputs: { width: '%width%', height: '%height%', batch_size: '%count%' } },
  sampler: {
    class_type: 'KSampler',
    inputs: {
      seed: '%seed%',
      steps: '%steps%',
      cfg: '%guidance%',
      sampler_name: 'euler',
      scheduler: 'normal',
      denoise: 1,
      model: ['checkpoint', 0],
      positive: ['positive', 0],
      negative: ['negative', 0],
      latent_image: ['canvas', 0],
    },
  },
  decode: { class_type: 'VAEDecode', inputs: { samples: ['sampler', 0], vae: ['checkpoint', 2] } },
  save: { class_type: 'SaveImage', inputs: { filename_prefix: 'realmesh_%file%', images: ['decode', 0] } },
}

/** The same with another canvas. */
function onto(canvas: JsonObject): JsonObject {
  return { ...TXT2IMG_WORKFLOW, ...canvas, sampler: withStrength(TXT2IMG_WORKFLOW['sampler']) }
}

function withStrength(sampler: unknown): JsonObject {
  const { class_type, inputs } = sampler as { readonly class_type: string; readonly inputs: JsonObject }
  return { class_type, inputs: { ...inputs, denoise: '%strength%' } }
}

const PICTURE: JsonObject = {
  picture: { class_type: 'LoadImage', inputs: { image: '%image%' } },
  scaled: {
    class_type: 'ImageScale',
    inputs: {
      image: ['picture', 0],
      upscale_method: 'bicubic',
      width: '%width%',
      height: '%height%',
      crop: 'disabled',
    },
  },
  latent: { class_type: 'VAEEncode', inputs: { pixels: ['scaled', 0], vae: ['checkpoint', 2] } },
}

/** A picture to image. */
const IMG2IMG_WORKFLOW: JsonObject = onto({
  ...PICTURE,
  canvas: { class_type: 'RepeatLatentBatch', inputs: { samples: ['latent', 0], amount: '%count%' } },
})

/** The same under a mask. The node turns transparency over itself: what is transparent is drawn anew. */
const INPAINT_WORKFLOW: JsonObject = onto({
  ...PICTURE,
  hole: { class_type: 'LoadImageMask', inputs: { image: '%mask%', channel: 'alpha' } },
  masked: { class_type: 'SetLatentNoiseMask', inputs: { samples: ['latent', 0], mask: ['hole', 0] } },
  canvas: { class_type: 'RepeatLatentBatch', inputs: { samples: ['masked', 0], amount: '%count%' } },
})

/** The graph for a picture to begin with, and a mask perhaps. */
export function editWorkflow({ mask }: Pick<ImagineBody, 'mask'>): JsonObject {
  return mask === undefined ? IMG2IMG_WORKFLOW : INPAINT_WORKFLOW
}

const WHOLE_SLOT = /^%([a-z_]+)%$/
const ANY_SLOT = /%([a-z_]+)%/g

type Slots = Readonly<Record<string, string | number>>

/** What is not in the query itself. */
export interface WorkflowFacts {
  readonly seed: number
  /** Names that the engine gave to the pictures, and the size of the first. */
  readonly uploaded?: {
    readonly image: string
    readonly mask?: string
    readonly width: number
    readonly height: number
  }
}

function slotsOf({ id, model, body }: ImagineQuery, { seed, uploaded }: WorkflowFacts): Slots {
  const { image, mask, ...size } = { ...DEFAULTS, ...uploaded }
  return {
    ...defined({ image, mask }),
    strength: body.strength ?? DEFAULTS.strength,
    model,
    prompt: body.prompt,
    negative_prompt: body.negativePrompt ?? '',
    width: body.width ?? size.width,
    height: body.height ?? size.height,
    steps: body.steps ?? DEFAULTS.steps,
    guidance: body.guidance ?? DEFAULTS.guidance,
    count: body.count ?? 1,
    seed,
    // ComfyUI runs no node whose inputs are as before, and would name a file of long ago that its owner may have tidied
    // away.
    file: fileName(id),
  }
}

/** A query's id as a part of a file name: letters, digits and dashes. */
function fileName(id: string): string {
  return id.replace(/[^A-Za-z0-9-]/g, '').slice(0, 40)
}

function fill(value: unknown, slots: Slots): unknown {
  if (Array.isArray(value)) return value.map((item) => fill(item, slots))
  if (typeof value === 'object' && value !== null) {
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, fill(item, slots)]))
  }
  if (typeof value !== 'string') return value
  const whole = WHOLE_SLOT.exec(value)?.[1]
  if (whole !== undefined) return slot(whole, slots)
  return value.replace(ANY_SLOT, (_text, name: string) => String(slot(name, slots)))
}

function slot(name: string, slots: Slots): string | number {
  const value = Object.hasOwn(slots, name) ? slots[name] : undefined
  if (value !== undefined) return value
  throw new RealmeshError('CONFIG_INVALID', `the workflow has a slot %${name}% that nothing fills`, {
    fix: `use ${Object.keys(slots).join(', ')}`,
  })
}

/** The graph of one query. The template itself stays as it is; what a prompt contains is never read as a slot. */
export function workflowFor(template: JsonObject, query: ImagineQuery, facts: WorkflowFacts): JsonObject {
  return fill(template, slotsOf(query, facts)) as JsonObject
}
