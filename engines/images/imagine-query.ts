/** What all image engines share: which queries they take, and what a model of theirs is. */
import type { Model } from '../../core/model/model.ts'
import type { ImagineQuery, Query } from '../../core/query/query.ts'
import { RealmeshError } from '../../core/realmesh-error.ts'
import { typeRefused } from '../adapter/capability-check.ts'
import { MAX_IMAGES_PER_QUERY } from './image-bytes.ts'

/** Seeds are drawn below this: every engine takes 32 bits. */
const SEEDS = 2 ** 32

export interface DrawingAbility {
  /** Whether the engine begins with a picture where it is given one. @default false */
  readonly edits?: boolean
  /** Whether it looks at further ones. @default false */
  readonly references?: boolean
}

/**
 * The query as an image query. Throws `CAPABILITY_MISSING` for another type and for a picture that the engine would
 * leave out, and `BAD_REQUEST` for too many images.
 */
export function imagineQuery(
  engine: string,
  query: Query,
  { edits = false, references = false }: DrawingAbility = {},
): ImagineQuery {
  if (query.type !== 'imagine') throw typeRefused(engine, query)
  if (!edits && query.body.image !== undefined) {
    throw new RealmeshError('CAPABILITY_MISSING', `${engine} draws from a prompt alone, not from a picture (edits)`, {
      fix: 'ask for a model that can, such as one of Automatic1111 or stable-diffusion.cpp',
    })
  }
  if (!references && query.body.references !== undefined) {
    throw new RealmeshError('CAPABILITY_MISSING', `${engine} begins with one picture and looks at no others`, {
      fix: 'send one, or ask for a model that takes several, such as one for edits at stable-diffusion.cpp',
    })
  }
  const { count = 1 } = query.body
  if (!Number.isInteger(count) || count < 1 || count > MAX_IMAGES_PER_QUERY) {
    throw new RealmeshError('BAD_REQUEST', `${count} images were asked for`, {
      fix: `ask for 1 to ${MAX_IMAGES_PER_QUERY}`,
    })
  }
  return query
}

/** The seed that was asked for, or a fresh one, so that the answer can name it. */
export function seedOf({ body }: ImagineQuery, random: () => number = Math.random): number {
  return body.seed ?? Math.floor(random() * SEEDS)
}

/** A model of an engine with this ability. Whether the model itself looks at further pictures, no engine tells. */
export function imageModel(name: string, { edits = false, references = false }: DrawingAbility = {}): Model {
  return {
    name,
    types: ['imagine'],
    capabilities: {
      ...{ vision: false, tools: false, reasoning: false, structured: false, prefill: false },
      ...(edits && { edits }),
      ...(references && { references }),
    },
    ...(references && { unsure: ['references'] }),
  }
}
