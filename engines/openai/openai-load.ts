/** The load signals of OpenAI-compatible engines: each kind publishes its own, some none. */
import { defined } from '../../core/defined.ts'
import type { CancelSignal } from '../../core/run/cancel-signal.ts'
import type { EngineLoad } from '../adapter/engine.ts'
import type { HttpClient } from '../http/http-client.ts'
import { asNumber, asObject, asString, objectsOf, stringsOf } from '../http/json-shape.ts'
import type { OpenAiKind } from './openai-flavours.ts'
import { lmStudioEntries, lmStudioName, optionalPage } from './openai-models.ts'

type ReadLoad = (http: HttpClient, signal: CancelSignal) => Promise<EngineLoad>

/** `/metrics`; empty where the engine was started without it. */
async function metrics(http: HttpClient, signal: CancelSignal): Promise<ReadonlyMap<string, number>> {
  try {
    return sumMetrics(await http.text({ path: '/metrics' }, { signal }))
  } catch (error) {
    if (signal.aborted) throw error
    return new Map()
  }
}

/** The slots page is an array, so it is read apart from the other optional pages. */
async function busySlots(
  http: HttpClient,
  signal: CancelSignal,
): Promise<{ slots: number; running: number } | undefined> {
  try {
    const slots = objectsOf(await http.json({ path: '/slots' }, { signal }))
    return { slots: slots.length, running: slots.filter((slot) => slot['is_processing'] === true).length }
  } catch (error) {
    if (signal.aborted) throw error
    return undefined
  }
}

async function llamaServerLoad(http: HttpClient, signal: CancelSignal): Promise<EngineLoad> {
  const [slots, figures] = await Promise.all([busySlots(http, signal), metrics(http, signal)])
  const props = slots === undefined ? await optionalPage(http, '/props', signal) : undefined
  return defined<EngineLoad>({
    slots: slots?.slots ?? asNumber(props?.['total_slots']),
    running: slots?.running ?? figures.get('llamacpp:requests_processing'),
    queued: figures.get('llamacpp:requests_deferred'),
    decodeRate: positive(figures.get('llamacpp:predicted_tokens_seconds')),
    prefillRate: positive(figures.get('llamacpp:prompt_tokens_seconds')),
  })
}

async function vllmLoad(http: HttpClient, signal: CancelSignal): Promise<EngineLoad> {
  const figures = await metrics(http, signal)
  return defined<EngineLoad>({
    running: figures.get('vllm:num_requests_running'),
    queued: figures.get('vllm:num_requests_waiting'),
  })
}

async function tgiLoad(http: HttpClient, signal: CancelSignal): Promise<EngineLoad> {
  const figures = await metrics(http, signal)
  return defined<EngineLoad>({ running: figures.get('tgi_batch_current_size'), queued: figures.get('tgi_queue_size') })
}

async function lmStudioLoad(http: HttpClient, signal: CancelSignal): Promise<EngineLoad> {
  const entries = (await lmStudioEntries(http, signal)) ?? []
  const loaded = entries.filter(
    (entry) => objectsOf(entry['loaded_instances']).length > 0 || entry['state'] === 'loaded',
  )
  return { warmModels: loaded.map(lmStudioName) }
}

async function koboldLoad(http: HttpClient, signal: CancelSignal): Promise<EngineLoad> {
  const perf = asObject(await http.json({ path: '/api/extra/perf' }, { signal }))
  return defined<EngineLoad>({
    slots: 1,
    running: perf?.['idle'] === undefined ? undefined : Number(perf['idle']) === 1 ? 0 : 1,
    queued: asNumber(perf?.['queue']),
  })
}

function positive(value: number | undefined): number | undefined {
  return value !== undefined && value > 0 ? value : undefined
}

/** Engines with one model have it in memory as long as they live. */
function withWarmModels(read: ReadLoad): ReadLoad {
  return async (http, signal) => {
    const [load, list] = await Promise.all([read(http, signal), optionalPage(http, '/v1/models', signal)])
    return { ...load, warmModels: objectsOf(list?.['data']).flatMap((entry) => asString(entry['id']) ?? []) }
  }
}

/** It tells which models are in memory, and nothing of its work. */
async function speachesLoad(http: HttpClient, signal: CancelSignal): Promise<EngineLoad> {
  const page = await optionalPage(http, '/api/ps', signal)
  return { warmModels: stringsOf(page?.['models']) }
}

/** How each kind's load is read; undefined for those that publish none. */
export const READ_LOAD: Readonly<Record<OpenAiKind, ReadLoad | undefined>> = {
  'llama-server': withWarmModels(llamaServerLoad),
  vllm: withWarmModels(vllmLoad),
  'lm-studio': lmStudioLoad,
  tgi: tgiLoad,
  koboldcpp: koboldLoad,
  huggingface: undefined,
  localai: undefined,
  speaches: speachesLoad,
  kokoro: undefined,
  openai: undefined,
}

/** The little of Prometheus' text format that load signals need. */
const SAMPLE = /^([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(?:[^"}]|"(?:[^"\\]|\\.)*")*\})?\s+(-?[0-9.eE+-]+|NaN|[+-]Inf)/

/**
 * The sum over all labels of each metric, by name. Lines that are no samples are skipped; values that are no numbers
 * too.
 */
export function sumMetrics(text: string): ReadonlyMap<string, number> {
  const sums = new Map<string, number>()
  for (const line of text.split('\n')) {
    const match = SAMPLE.exec(line)
    const value = Number(match?.[2])
    if (match?.[1] === undefined || !Number.isFinite(value)) continue
    sums.set(match[1], (sums.get(match[1]) ?? 0) + value)
  }
  return sums
}
