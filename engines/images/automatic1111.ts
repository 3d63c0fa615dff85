/**
 * Automatic1111 and Forge. One job at a time; a closed connection does not stop it, and its interrupt hits whatever
 * runs. So each job gets a name of ours, and we interrupt only when the engine says that this very job is the running
 * one.
 */

import { defined } from '../../core/defined.ts'
import type { Model } from '../../core/model/model.ts'
import type { ImagineBody, ImagineQuery, Query } from '../../core/query/query.ts'
import type { ProgressEvent, QueryEvent } from '../../core/query/query-event.ts'
import type { CancelSignal } from '../../core/run/cancel-signal.ts'
import type { RunOptions } from '../../core/run/run-query.ts'
import { checkCapabilities } from '../adapter/capability-check.ts'
import type { Engine, EngineLoad } from '../adapter/engine.ts'
import { ModelCatalog } from '../adapter/model-catalog.ts'
import { splitAddress } from '../http/engine-access.ts'
import { HttpClient } from '../http/http-client.ts'
import { garbage } from '../http/http-errors.ts'
import { asArray, asNumber, asObject, asString, type JsonObject, objectsOf } from '../http/json-shape.ts'
import { pollPause } from '../http/poll-pause.ts'
import { A1111Progress } from './automatic1111-progress.ts'
import { engineImageFromBase64, MAX_IMAGE_BYTES } from './image-bytes.ts'
import { imageModel, imagineQuery } from './imagine-query.ts'
import { drawnSize, greyMask } from './picture-to-edit.ts'

const POLL_MS = 500

export interface Automatic1111Init {
  readonly url: string
  /** Sent as a bearer token. */
  readonly apiKey?: string
  /** Milliseconds between two looks at the progress. @default 500 */
  readonly pollMs?: number
}

export class Automatic1111Engine implements Engine {
  readonly kind = 'automatic1111'
  readonly url: string
  readonly cancelMode = 'interrupt'
  readonly defaultSlots = 1
  readonly #http: HttpClient
  readonly #pollMs: number
  readonly #progress: A1111Progress
  readonly #catalog = new ModelCatalog()

  constructor({ pollMs = POLL_MS, ...address }: Automatic1111Init) {
    const { url, access } = splitAddress(address)
    this.url = url
    this.#pollMs = pollMs
    this.#http = new HttpClient({ engine: this.kind, url, access })
    this.#progress = new A1111Progress({ http: this.#http }, { pollMs })
  }

  async models({ signal }: { readonly signal: CancelSignal }): Promise<readonly Model[]> {
    const list = await this.#http.json({ path: '/sdapi/v1/sd-models' }, { signal })
    if (!Array.isArray(list)) throw garbage(this.kind, 'a model list that is none')
    return this.#catalog.replace(
      objectsOf(list).flatMap((entry) => imageModel(asString(entry['model_name']) ?? '', { edits: true })),
    )
  }

  async *run(query: Query, { signal }: RunOptions): AsyncGenerator<QueryEvent> {
    const job = imagineQuery(this.kind, query, { edits: true })
    checkCapabilities(this.#catalog.get(query.model), query)
    const task = await this.#progress.begin(signal)
    const stop = (): void => this.#progress.stop(task)
    signal.addEventListener('abort', stop, { once: true })
    let finished = false
    const reply = this.#draw(job, task.id, signal).finally(() => {
      finished = true
    })
    reply.catch(() => {}) // awaited below; a failure during the polling must not count as unhandled
    try {
      let last = -1
      while (!finished) {
        await Promise.race([reply.catch(() => {}), pollPause(this.#pollMs, signal)])
        if (finished) break
        const seen = await this.#progress.look(task, signal)
        if (seen.state === 'running' && seen.fraction > last) {
          last = seen.fraction
          yield progressEvent(seen)
        }
      }
      yield* imageEvents(this.kind, job, await reply)
    } finally {
      signal.removeEventListener('abort', stop)
      if (!finished) stop()
    }
  }

  async load({ signal }: { readonly signal: CancelSignal }): Promise<EngineLoad> {
    const [state, memory, options] = await Promise.all([
      this.#progress.jobCount(signal),
      this.#http.json({ path: '/sdapi/v1/memory' }, { signal }).then(asObject, () => undefined),
      this.#http.json({ path: '/sdapi/v1/options' }, { signal }).then(asObject, () => undefined),
    ])
    const vram = asObject(asObject(memory?.['cuda'])?.['system'])
    const loaded = asString(options?.['sd_model_checkpoint'])?.replace(/(\.safetensors|\.ckpt)?( \[\w+\])?$/, '')
    return {
      slots: 1,
      running: state > 0 ? 1 : 0,
      ...defined<EngineLoad>({
        warmModels: loaded === undefined ? undefined : [loaded],
        vramFreeBytes: asNumber(vram?.['free']),
        vramTotalBytes: asNumber(vram?.['total']),
      }),
    }
  }

  async probe({ signal }: { readonly signal: CancelSignal }): Promise<void> {
    await this.#progress.jobCount(signal)
  }

  async close(): Promise<void> {
    this.#progress.close()
    await this.#http.close()
  }

  async #draw({ model, body, trace }: ImagineQuery, task: string, signal: CancelSignal): Promise<JsonObject> {
    const json = {
      prompt: body.prompt,
      negative_prompt: body.negativePrompt ?? '',
      seed: body.seed ?? -1,
      batch_size: body.count ?? 1,
      override_settings: { sd_model_checkpoint: model },
      // Back and forth between two models would load twice per image.
      override_settings_restore_afterwards: false,
      force_task_id: task,
      ...(await editFields(body)),
      ...defined({ width: body.width, height: body.height, steps: body.steps, cfg_scale: body.guidance }),
    }
    const maxBytes = MAX_IMAGE_BYTES * 2
    const path = body.image === undefined ? '/sdapi/v1/txt2img' : '/sdapi/v1/img2img'
    const request = { path, json, trace }
    const reply = asObject(await this.#http.json(request, { signal, maxBytes }))
    if (reply === undefined) throw garbage(this.kind, 'something else than an object')
    return reply
  }
}

/**
 * What the picture that is begun with adds. The API's own defaults differ from those of its page, which are taken here:
 * under the mask lies what was there (1), and the whole picture is looked at.
 */
async function editFields({ image, mask, strength }: ImagineBody): Promise<object> {
  if (image === undefined) return {}
  const grey = mask === undefined ? undefined : (await greyMask(mask)).toString('base64')
  return {
    init_images: [Buffer.from(image.data).toString('base64')],
    ...(await drawnSize(image)),
    ...defined({ denoising_strength: strength }),
    ...(grey !== undefined && { mask: grey, inpainting_fill: 1, inpaint_full_res: false }),
  }
}

function progressEvent(seen: {
  readonly fraction: number
  readonly preview?: ProgressEvent['preview']
}): ProgressEvent {
  return { kind: 'progress', fraction: seen.fraction, ...defined({ preview: seen.preview }) }
}

/** With several images a sheet of all may come first: the last ones are the images. */
function* imageEvents(engine: string, { body }: ImagineQuery, reply: JsonObject): Generator<QueryEvent> {
  const images = asArray(reply['images'])
  const wanted = images.slice(-(body.count ?? 1))
  if (wanted.length === 0) throw garbage(engine, 'no image')
  const seeds = asArray(infoOf(reply)?.['all_seeds'])
  for (const [index, text] of wanted.entries()) {
    const image = engineImageFromBase64(engine, text)
    yield { kind: 'image', index, ...image, ...defined({ seed: asNumber(seeds[index]) }) }
  }
  yield { kind: 'end', finishReason: 'stop' }
}

/** `info` is JSON inside a string. */
function infoOf(reply: JsonObject): JsonObject | undefined {
  try {
    return asObject(JSON.parse(asString(reply['info']) ?? 'null'))
  } catch {
    return undefined // only seeds are lost
  }
}
