/**
 * The server of stable-diffusion.cpp, by its own job API. A queued job can be cancelled; one that is being drawn runs
 * to its end.
 */

import { defined } from '../../core/defined.ts'
import type { Model } from '../../core/model/model.ts'
import type { ImagineBody, ImagineQuery, Query } from '../../core/query/query.ts'
import type { QueryEvent } from '../../core/query/query-event.ts'
import { RealmeshError } from '../../core/realmesh-error.ts'
import type { CancelSignal } from '../../core/run/cancel-signal.ts'
import { linkedAbort } from '../../core/run/linked-abort.ts'
import type { RunOptions } from '../../core/run/run-query.ts'
import { checkCapabilities } from '../adapter/capability-check.ts'
import type { Engine } from '../adapter/engine.ts'
import { ModelCatalog } from '../adapter/model-catalog.ts'
import { splitAddress } from '../http/engine-access.ts'
import { HttpClient } from '../http/http-client.ts'
import { abortError, engineErrorText, garbage } from '../http/http-errors.ts'
import { asNumber, asObject, asString, type JsonObject, objectsOf } from '../http/json-shape.ts'
import { pollPause } from '../http/poll-pause.ts'
import { engineImageFromBase64, MAX_IMAGE_BYTES } from './image-bytes.ts'
import { type DrawingAbility, imageModel, imagineQuery, seedOf } from './imagine-query.ts'
import { drawnSize, greyMask } from './picture-to-edit.ts'

const POLL_MS = 500

/** How long the cancel of a queued job may take. */
const CANCEL_MS = 1_000

export interface SdCppInit {
  readonly url: string
  /** Sent as a bearer token. */
  readonly apiKey?: string
  /** Milliseconds between two looks at a job. @default 500 */
  readonly pollMs?: number
}

export class SdCppEngine implements Engine {
  readonly kind = 'sd-cpp'
  readonly url: string
  readonly cancelMode = 'none'
  readonly defaultSlots = 1
  readonly #http: HttpClient
  readonly #pollMs: number
  readonly #catalog = new ModelCatalog()

  constructor({ pollMs = POLL_MS, ...address }: SdCppInit) {
    const { url, access } = splitAddress(address)
    this.url = url
    this.#pollMs = pollMs
    this.#http = new HttpClient({ engine: this.kind, url, access })
  }

  /** One model, which the server was started with; older servers do not tell its name. */
  async models({ signal }: { readonly signal: CancelSignal }): Promise<readonly Model[]> {
    const told = await this.#http.json({ path: '/sdcpp/v1/capabilities' }, { signal })
    const list = await this.#http.json({ path: '/v1/models' }, { signal }).then(asObject, () => undefined)
    const name = asString(objectsOf(list?.['data'])[0]?.['id'])
    return this.#catalog.replace([imageModel(name === undefined || name === '' ? this.kind : name, abilityIn(told))])
  }

  async *run(query: Query, { signal }: RunOptions): AsyncGenerator<QueryEvent> {
    const wanted = imagineQuery(this.kind, query, { edits: true, references: true })
    checkCapabilities(this.#catalog.get(query.model), query)
    const seed = seedOf(wanted)
    const id = await this.#submit({ json: await jobBody(wanted, seed), trace: wanted.trace }, signal)
    let done = false
    const cancel = (): void => this.#cancel(id)
    signal.addEventListener('abort', cancel, { once: true })
    try {
      const job = yield* this.#watch(id, signal)
      done = true
      yield* imageEvents(this.kind, job, seed)
    } finally {
      signal.removeEventListener('abort', cancel)
      if (!done && !signal.aborted) cancel()
    }
  }

  async probe({ signal }: { readonly signal: CancelSignal }): Promise<void> {
    await this.#http.json({ path: '/sdcpp/v1/capabilities' }, { signal })
  }

  async close(): Promise<void> {
    await this.#http.close()
  }

  /**
   * A query that is cancelled before the job has its id is over at once; the job is cancelled as soon as it can be
   * named.
   */
  #submit(
    job: { readonly json: JsonObject; readonly trace: ImagineQuery['trace'] },
    signal: CancelSignal,
  ): Promise<string> {
    if (signal.aborted) return Promise.reject(abortError(signal))
    const life = linkedAbort()
    const named = this.#http
      .json({ path: '/sdcpp/v1/img_gen', ...job }, { signal: life.signal })
      .then((reply) => jobId(this.kind, reply))
      .finally(() => life.release())
    return new Promise((resolve, reject) => {
      const giveUp = (): void => {
        life.expireIn(CANCEL_MS, 'the job was not accepted')
        named.then((id) => this.#cancel(id)).catch(() => {}) // nothing was started
        reject(abortError(signal))
      }
      signal.addEventListener('abort', giveUp, { once: true })
      named.then(resolve, reject).finally(() => signal.removeEventListener('abort', giveUp))
    })
  }

  async *#watch(id: string, signal: CancelSignal): AsyncGenerator<QueryEvent, JsonObject> {
    let told = ''
    for (;;) {
      const path = `/sdcpp/v1/jobs/${id}`
      const job = asObject(await this.#http.json({ path }, { signal, maxBytes: MAX_IMAGE_BYTES * 2 })) ?? {}
      const status = asString(job['status']) ?? ''
      if (status === 'completed') return job
      if (status !== 'queued' && status !== 'generating') throw failed(this.kind, status, job)
      const position = asNumber(job['queue_position'])
      const note = status === 'queued' && position !== undefined ? `queued behind ${position}` : status
      if (note !== told) {
        told = note
        yield { kind: 'progress', fraction: 0, note }
      }
      await pollPause(this.#pollMs, signal)
      if (signal.aborted) throw abortError(signal)
    }
  }

  #cancel(id: string): void {
    const request = { path: `/sdcpp/v1/jobs/${id}/cancel`, json: {} }
    this.#http.bytes(request, { signal: AbortSignal.timeout(CANCEL_MS) }).catch(() => {
      // 409: it is being drawn already and will be thrown away.
    })
  }
}

function jobId(engine: string, reply: unknown): string {
  const id = asString(asObject(reply)?.['id'])
  if (id === undefined || !/^[\w-]{1,128}$/.test(id)) throw garbage(engine, 'a job without an id')
  return id
}

function failed(engine: string, status: string, job: JsonObject): RealmeshError {
  if (status !== 'failed' && status !== 'cancelled') return garbage(engine, 'a job without a known status')
  const text = engineErrorText(job['error'])
  return new RealmeshError('ENGINE_FAILED', `${engine} ended the job as ${status}${text === '' ? '' : `: ${text}`}`)
}

/** Whether the server takes a picture and a mask, and several. One that does not tell counts as one without. */
function abilityIn(told: unknown): DrawingAbility {
  const features = asObject(asObject(asObject(told)?.['features_by_mode'])?.['img_gen'])
  const edits = features?.['init_image'] === true && features['mask_image'] === true
  return { edits, references: edits && features?.['ref_images'] === true }
}

async function jobBody({ body }: ImagineQuery, seed: number): Promise<JsonObject> {
  const guidance = body.guidance === undefined ? undefined : { txt_cfg: body.guidance }
  return {
    prompt: body.prompt,
    negative_prompt: body.negativePrompt ?? '',
    seed,
    batch_count: body.count ?? 1,
    output_format: 'png',
    sample_params: defined({ sample_steps: body.steps, guidance }),
    ...(await editFields(body)),
    ...defined({ width: body.width, height: body.height }),
  }
}

/**
 * As the server itself does with the pictures of OpenAI's edits: the first is begun with, and models for edits look at
 * all of them.
 */
async function editFields({ image, mask, references = [], strength }: ImagineBody): Promise<JsonObject> {
  if (image === undefined) return {}
  const pictures = [image, ...references].map(({ data }) => Buffer.from(data).toString('base64'))
  return {
    init_image: pictures[0],
    ref_images: pictures,
    ...(await drawnSize(image)),
    ...(mask !== undefined && { mask_image: (await greyMask(mask)).toString('base64') }),
    ...defined({ strength }),
  }
}

function* imageEvents(engine: string, job: JsonObject, seed: number): Generator<QueryEvent> {
  const images = objectsOf(asObject(job['result'])?.['images'])
  if (images.length === 0) throw garbage(engine, 'no image')
  for (const [index, entry] of images.entries()) {
    yield { kind: 'image', index, ...engineImageFromBase64(engine, entry['b64_json']), seed: seed + index }
  }
  yield { kind: 'end', finishReason: 'stop' }
}
