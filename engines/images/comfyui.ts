/** ComfyUI: a workflow per query, progress and previews by its WebSocket, the images from its history. */

import { randomUUID } from 'node:crypto'
import { defined } from '../../core/defined.ts'
import type { Model } from '../../core/model/model.ts'
import type { ImagineQuery, Query } from '../../core/query/query.ts'
import type { QueryEvent } from '../../core/query/query-event.ts'
import { RealmeshError } from '../../core/realmesh-error.ts'
import type { CancelSignal } from '../../core/run/cancel-signal.ts'
import type { RunOptions } from '../../core/run/run-query.ts'
import { checkCapabilities } from '../adapter/capability-check.ts'
import type { Engine, EngineLoad } from '../adapter/engine.ts'
import { ModelCatalog } from '../adapter/model-catalog.ts'
import { type EngineAccess, splitAddress } from '../http/engine-access.ts'
import { HttpClient } from '../http/http-client.ts'
import { engineErrorText, garbage } from '../http/http-errors.ts'
import { asArray, asNumber, asObject, asString, type JsonObject, objectsOf, stringsOf } from '../http/json-shape.ts'
import { ComfySocket } from './comfyui-socket.ts'
import { uploadPicture } from './comfyui-upload.ts'
import { editWorkflow, TXT2IMG_WORKFLOW, workflowFor } from './comfyui-workflow.ts'
import { engineImage, MAX_IMAGE_BYTES } from './image-bytes.ts'
import { type DrawingAbility, imageModel, imagineQuery, seedOf } from './imagine-query.ts'
import { drawnSize } from './picture-to-edit.ts'

/** How long a cancel may take. */
const CANCEL_MS = 1_000

export interface ComfyUiInit {
  readonly url: string
  /** Sent as a bearer token. */
  readonly apiKey?: string
  /**
   * The graph to run, with slots; pictures to begin with are then refused. Default: text to image, or a picture to
   * image, with one checkpoint.
   */
  readonly workflow?: JsonObject
}

export class ComfyUiEngine implements Engine {
  readonly kind = 'comfyui'
  readonly url: string
  readonly cancelMode = 'interrupt'
  readonly defaultSlots = 1
  readonly #http: HttpClient
  readonly #access: EngineAccess
  /** Undefined: the graphs that every ComfyUI can run. */
  readonly #workflow: JsonObject | undefined
  readonly #catalog = new ModelCatalog()

  constructor({ workflow, ...address }: ComfyUiInit) {
    const { url, access } = splitAddress(address)
    this.url = url
    this.#access = access
    this.#workflow = workflow
    this.#http = new HttpClient({ engine: this.kind, url, access })
  }

  async models({ signal }: { readonly signal: CancelSignal }): Promise<readonly Model[]> {
    const page = asObject(await this.#http.json({ path: '/object_info/CheckpointLoaderSimple' }, { signal }))
    const inputs = asObject(asObject(asObject(page?.['CheckpointLoaderSimple'])?.['input'])?.['required'])
    const names = asArray(inputs?.['ckpt_name'])[0]
    if (!Array.isArray(names)) throw garbage(this.kind, 'no list of checkpoints')
    return this.#catalog.replace(stringsOf(names).map((name) => imageModel(name, this.#ability)))
  }

  async *run(query: Query, { signal }: RunOptions): AsyncGenerator<QueryEvent> {
    const wanted = imagineQuery(this.kind, query, this.#ability)
    checkCapabilities(this.#catalog.get(query.model), query)
    const seed = seedOf(wanted)
    const clientId = randomUUID()
    const promptId = randomUUID()
    const socket = new ComfySocket({ signal }, { engine: this.kind, url: this.url, access: this.#access, clientId })
    let done = false
    const cancel = (): void => this.#cancel(promptId)
    try {
      await socket.opened()
      signal.addEventListener('abort', cancel, { once: true })
      const prompt = await this.#graphFor(wanted, { seed, signal })
      const json = { prompt, client_id: clientId, prompt_id: promptId }
      await this.#http.json({ path: '/prompt', json, trace: wanted.trace }, { signal })
      yield* progressOf(this.kind, socket, promptId)
      done = true
      yield* this.#images(promptId, seed, signal)
      yield { kind: 'end', finishReason: 'stop' }
    } finally {
      signal.removeEventListener('abort', cancel)
      socket.close()
      if (!done && !signal.aborted) cancel()
    }
  }

  async load({ signal }: { readonly signal: CancelSignal }): Promise<EngineLoad> {
    const [queue, stats] = await Promise.all([
      this.#queue(signal),
      this.#http.json({ path: '/system_stats' }, { signal }).then(asObject, () => undefined),
    ])
    const device = objectsOf(stats?.['devices'])[0]
    return {
      slots: 1,
      running: queue.running.length,
      queued: queue.pending.length,
      ...defined<EngineLoad>({
        vramFreeBytes: asNumber(device?.['vram_free']),
        vramTotalBytes: asNumber(device?.['vram_total']),
      }),
    }
  }

  async probe({ signal }: { readonly signal: CancelSignal }): Promise<void> {
    await this.#http.json({ path: '/system_stats' }, { signal })
  }

  async close(): Promise<void> {
    await this.#http.close()
  }

  get #ability(): DrawingAbility {
    return { edits: this.#workflow === undefined }
  }

  async #graphFor(query: ImagineQuery, { seed, signal }: { seed: number; signal: CancelSignal }): Promise<JsonObject> {
    const { image, mask } = query.body
    if (image === undefined) return workflowFor(this.#workflow ?? TXT2IMG_WORKFLOW, query, { seed })
    const http = this.#http
    const size = await drawnSize(image)
    const names = {
      image: await uploadPicture({ http, signal }, image),
      ...(mask && { mask: await uploadPicture({ http, signal }, mask) }),
    }
    return workflowFor(editWorkflow(query.body), query, { seed, uploaded: { ...size, ...names } })
  }

  async *#images(promptId: string, seed: number, signal: CancelSignal): AsyncGenerator<QueryEvent> {
    const history = asObject(await this.#http.json({ path: `/history/${promptId}` }, { signal }))
    const outputs = asObject(asObject(history?.[promptId])?.['outputs']) ?? {}
    const files = Object.values(outputs).flatMap((output) => objectsOf(asObject(output)?.['images']))
    const kept = files.filter((file) => file['type'] !== 'temp')
    if (kept.length === 0) throw garbage(this.kind, 'no image')
    for (const [index, file] of kept.entries()) {
      const search = new URLSearchParams({
        filename: asString(file['filename']) ?? '',
        subfolder: asString(file['subfolder']) ?? '',
        type: asString(file['type']) ?? 'output',
      })
      const bytes = await this.#view(search, signal)
      yield { kind: 'image', index, ...engineImage(this.kind, bytes), seed }
    }
  }

  async #view(search: URLSearchParams, signal: CancelSignal): Promise<Buffer> {
    try {
      return await this.#http.bytes({ path: `/view?${search}` }, { signal, maxBytes: MAX_IMAGE_BYTES })
    } catch (error) {
      // It has the page, and not the file that it named: nothing is wrong with the query.
      if (!(error instanceof RealmeshError) || error.code !== 'CAPABILITY_MISSING') throw error
      throw new RealmeshError('ENGINE_FAILED', `${this.kind} does not have the picture that it made`, { cause: error })
    }
  }

  async #queue(signal: CancelSignal): Promise<{ running: readonly unknown[]; pending: readonly unknown[] }> {
    const page = asObject(await this.#http.json({ path: '/queue' }, { signal }))
    return { running: asArray(page?.['queue_running']), pending: asArray(page?.['queue_pending']) }
  }

  /** Best effort and apart from the query, which has ended: an engine that is gone has nothing left to stop. */
  #cancel(promptId: string): void {
    this.#stop(promptId, AbortSignal.timeout(CANCEL_MS)).catch(() => {})
  }

  /**
   * Older versions interrupt whatever runs, so they are asked first what that is. A job that starts in between is met
   * the second time.
   */
  async #stop(promptId: string, signal: CancelSignal): Promise<void> {
    for (let attempt = 0; attempt < 2; attempt += 1) {
      const { running, pending } = await this.#queue(signal)
      if (running.some((item) => isJob(item, promptId))) {
        await this.#http.bytes({ path: '/interrupt', json: { prompt_id: promptId } }, { signal })
        return
      }
      if (attempt > 0 && !pending.some((item) => isJob(item, promptId))) return
      await this.#http.bytes({ path: '/queue', json: { delete: [promptId] } }, { signal })
    }
  }
}

/** A queue entry is `[number, prompt_id, …]`. */
function isJob(item: unknown, promptId: string): boolean {
  return asArray(item)[1] === promptId
}

/**
 * Progress until the job is done. Older versions leave the job's id out of some events; those count while ours runs.
 */
async function* progressOf(engine: string, socket: ComfySocket, promptId: string): AsyncGenerator<QueryEvent> {
  let running = false
  let fraction = 0
  for (;;) {
    const message = await socket.next()
    if (message.type === 'preview') {
      if (running) yield { kind: 'progress', fraction, preview: { mediaType: message.mediaType, data: message.image } }
      continue
    }
    const { event, data } = message
    const owner = data['prompt_id']
    if (owner !== undefined && owner !== promptId) continue
    if (event === 'execution_start') running = true
    else if (event === 'execution_success' || (event === 'executing' && owner === promptId && data['node'] === null))
      return
    else if (event === 'execution_error') throw executionError(engine, data)
    else if (event === 'execution_interrupted') {
      throw new RealmeshError('ENGINE_FAILED', `another program interrupted the job at ${engine}`)
    } else if (event === 'progress' && running) {
      fraction = Math.min(1, Math.max(0, (asNumber(data['value']) ?? 0) / Math.max(1, asNumber(data['max']) ?? 1)))
      yield { kind: 'progress', fraction }
    }
  }
}

function executionError(engine: string, data: JsonObject): RealmeshError {
  const text = engineErrorText(data['exception_message'])
  return new RealmeshError('ENGINE_FAILED', `${engine} broke off${text === '' ? '' : `: ${text}`}`)
}
