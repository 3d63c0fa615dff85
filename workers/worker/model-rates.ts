/**
 * How fast a worker's models are, from the queries that it served: the engine's own figures where it tells them, else
 * our clock.
 */
import { ewma } from '../../core/ewma.ts'
import type { EndEvent } from '../../core/query/query-event.ts'

/** One served query, in milliseconds of our clock. */
export interface ServedSample {
  readonly model: string
  /** From sending it to the first event with content. */
  readonly firstMs: number
  /** From sending it to its end. */
  readonly totalMs: number
  /** Whether the model was in memory when it was sent. */
  readonly warm: boolean
  /** Images that came. */
  readonly images: number
  readonly end: EndEvent
}

/** Moving averages; undefined until something was seen. */
export interface Rates {
  /** Tokens per second of one query; images per second of an image model. */
  readonly decode?: number
  /** Prompt tokens per second. */
  readonly prefill?: number
  /** Milliseconds to the first event with content, model in memory. */
  readonly firstTokenMs?: number
  /** Milliseconds of a whole query. */
  readonly jobMs?: number
  /** Milliseconds to bring the model into memory. */
  readonly loadMs?: number
}

/** Follows a change within a handful of queries without jumping at each. */
const WEIGHT = 0.3
/** Below this many prompt tokens the time to the first token says more about the way there than about prefill. */
const MIN_PREFILL_TOKENS = 64
/** Faster than any hardware: a larger figure is an engine's error, not a rate. */
const MAX_RATE = 1_000_000

/** Folds one served query into the averages of its model. */
export function observe(rates: Rates, sample: ServedSample): Rates {
  const { end, warm, firstMs, totalMs } = sample
  const loadMs = end.timings?.loadMs ?? (warm ? undefined : firstMs)
  const folded: { -readonly [K in keyof Rates]: Rates[K] } = { ...rates }
  const fold = (key: keyof Rates, observed: number | undefined): void => {
    if (observed !== undefined && observed >= 0 && observed < Number.POSITIVE_INFINITY) {
      folded[key] = ewma(rates[key], observed, WEIGHT)
    }
  }
  fold('decode', decodeRate(sample))
  fold('prefill', prefillRate(sample))
  fold('firstTokenMs', warm ? firstMs : Math.max(0, firstMs - (loadMs ?? 0)) || undefined)
  fold('jobMs', totalMs)
  fold('loadMs', warm ? undefined : loadMs)
  return folded
}

function decodeRate({ end, firstMs, totalMs, images }: ServedSample): number | undefined {
  if (images > 0) return perSecond(images, totalMs)
  const reported = end.timings?.decodeTokensPerSecond
  if (reported !== undefined) return plausible(reported)
  const tokens = end.usage?.completionTokens ?? 0
  return tokens >= 2 ? perSecond(tokens - 1, totalMs - firstMs) : undefined
}

function prefillRate({ end, firstMs, warm }: ServedSample): number | undefined {
  const reported = end.timings?.prefillTokensPerSecond
  if (reported !== undefined) return plausible(reported)
  const tokens = end.usage?.promptTokens ?? 0
  return warm && tokens >= MIN_PREFILL_TOKENS ? perSecond(tokens, firstMs) : undefined
}

function perSecond(count: number, ms: number): number | undefined {
  return ms > 0 ? plausible((count * 1_000) / ms) : undefined
}

function plausible(rate: number): number | undefined {
  return rate > 0 && rate <= MAX_RATE ? rate : undefined
}
