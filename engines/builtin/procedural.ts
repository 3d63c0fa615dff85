/**
 * `builtin/procedural`: a picture computed from the prompt's hash. The same prompt and seed give the same picture; no
 * model is involved.
 */
import { createHash } from 'node:crypto'
import { setImmediate as tick } from 'node:timers/promises'
import type { Model } from '../../core/model/model.ts'
import type { Query } from '../../core/query/query.ts'
import type { QueryEvent } from '../../core/query/query-event.ts'
import { RealmeshError } from '../../core/realmesh-error.ts'
import type { RunOptions } from '../../core/run/run-query.ts'
import { checkCapabilities } from '../adapter/capability-check.ts'
import type { Engine } from '../adapter/engine.ts'
import { abortError } from '../http/http-errors.ts'
import { imageModel, imagineQuery } from '../images/imagine-query.ts'
import { loadSharp, requireSharp } from '../images/load-sharp.ts'

export const PROCEDURAL = 'builtin/procedural'

const MODEL: Model = imageModel(PROCEDURAL)

const DEFAULT_EDGE = 512
const SHORTEST_EDGE = 16

/** Longest edge: the picture is drawn in this process. */
const LONGEST_EDGE = 2_048

const DEFAULT_STEPS = 8

/** Steps are layers of shapes; more only cost time. */
const MAX_STEPS = 50

export class ProceduralEngine implements Engine {
  readonly kind = PROCEDURAL
  readonly url = 'builtin:'
  readonly cancelMode = 'disconnect'
  readonly defaultSlots = 1

  async models(): Promise<readonly Model[]> {
    requireSharp()
    return [MODEL]
  }

  async *run(query: Query, { signal }: RunOptions): AsyncGenerator<QueryEvent> {
    const { body } = imagineQuery(this.kind, query)
    checkCapabilities(MODEL, query)
    const sharp = await loadSharp()
    const width = edge(body.width)
    const height = edge(body.height)
    const steps = Math.min(MAX_STEPS, Math.max(1, Math.round(body.steps ?? DEFAULT_STEPS)))
    const count = body.count ?? 1
    for (let index = 0; index < count; index += 1) {
      const seed = (body.seed ?? 0) + index
      const random = hashedNumbers(`${body.prompt}\n${body.negativePrompt ?? ''}\n${seed}`)
      const layers = [background(random, width, height)]
      for (let step = 1; step <= steps; step += 1) {
        layers.push(layer(random, width, height))
        await tick()
        if (signal.aborted) throw abortError(signal)
        yield { kind: 'progress', fraction: (index + step / steps) / count }
      }
      const data = await sharp(Buffer.from(svg(layers, width, height)))
        .png()
        .toBuffer()
      if (signal.aborted) throw abortError(signal)
      yield { kind: 'image', index, mediaType: 'image/png', data, seed }
    }
    yield { kind: 'end', finishReason: 'stop' }
  }

  async probe(): Promise<void> {
    requireSharp()
  }

  async close(): Promise<void> {}
}

function edge(wanted = DEFAULT_EDGE): number {
  if (Number.isInteger(wanted) && wanted >= SHORTEST_EDGE && wanted <= LONGEST_EDGE) return wanted
  throw new RealmeshError('BAD_REQUEST', `an edge of ${wanted} pixels`, {
    fix: `use ${SHORTEST_EDGE} to ${LONGEST_EDGE}`,
  })
}

/** An endless row of numbers from 0 to 1 that depends on the text alone. */
function hashedNumbers(text: string): () => number {
  let block = createHash('sha256').update(text).digest()
  let at = 0
  return () => {
    if (at + 2 > block.length) {
      block = createHash('sha256').update(block).digest()
      at = 0
    }
    const value = block.readUInt16BE(at) / 0x10000
    at += 2
    return value
  }
}

function colour(random: () => number): string {
  return `hsl(${Math.floor(random() * 360)} ${40 + Math.floor(random() * 50)}% ${25 + Math.floor(random() * 50)}%)`
}

function background(random: () => number, width: number, height: number): string {
  const angle = Math.floor(random() * 360)
  const stops = `<stop offset="0" stop-color="${colour(random)}"/><stop offset="1" stop-color="${colour(random)}"/>`
  return `<defs><linearGradient id="g" gradientTransform="rotate(${angle} .5 .5)">${stops}</linearGradient></defs><rect width="${width}" height="${height}" fill="url(#g)"/>`
}

function layer(random: () => number, width: number, height: number): string {
  const x = Math.floor(random() * width)
  const y = Math.floor(random() * height)
  const size = Math.floor((0.05 + random() * 0.3) * Math.min(width, height))
  const paint = `fill="${colour(random)}" fill-opacity="${(0.3 + random() * 0.5).toFixed(2)}"`
  if (random() < 0.5) return `<circle cx="${x}" cy="${y}" r="${size}" ${paint}/>`
  const turn = Math.floor(random() * 180)
  return `<rect x="${x}" y="${y}" width="${size}" height="${size}" transform="rotate(${turn} ${x} ${y})" ${paint}/>`
}

/** No text of the prompt goes into the drawing: its look would depend on the host's fonts. */
function svg(layers: readonly string[], width: number, height: number): string {
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}">${layers.join('')}</svg>`
}
