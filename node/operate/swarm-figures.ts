/**
 * libp2p's own figures, as Prometheus reads them, in a registry of this node alone. What is counted by a key has so
 * many keys at most: some of them come from peers.
 */
import type { CalculateMetric, Metrics, StopTimer } from '@libp2p/interface'
import { Counter, Gauge, Histogram, Registry, Summary } from 'prom-client'
import { SwarmTraffic } from './traffic.ts'

/** Keys of one figure: libp2p has some dozen protocols, states and kinds of messages. */
export const MAX_FIGURE_KEYS = 64

/** Under which all further keys are counted together. */
const OTHERS = 'other'

interface Options {
  readonly label?: string
  readonly help?: string
  readonly calculate?: CalculateMetric<never>
}

type Values = Readonly<Record<string, number | true | undefined>>

/** What a figure of the library for Prometheus is asked to do. */
interface Figure {
  readonly add: (key: string | undefined, value: number) => void
  readonly set: (key: string | undefined, value: number) => void
  readonly reset: () => void
}

type Kind = 'gauge' | 'counter' | 'histogram' | 'summary'

export class SwarmFigures {
  readonly traffic = new SwarmTraffic()
  readonly #registry = new Registry()
  readonly #figures = new Map<string, SwarmFigure>()

  constructor() {
    tellTraffic(this.traffic, this.#registry)
  }

  /** What libp2p is given. */
  readonly metrics = (): Metrics => {
    const register = (kind: Kind, grouped: boolean) => (name: string, options?: object) =>
      this.#register(kind, grouped, name, options)
    const nothing = (): void => {}
    return {
      trackMultiaddrConnection: this.traffic.connection,
      trackProtocolStream: this.traffic.stream,
      createTrace: nothing,
      traceFunction: <F>(_name: string, traced: F): F => traced,
      registerMetric: register('gauge', false),
      registerMetricGroup: register('gauge', true),
      registerCounter: register('counter', false),
      registerCounterGroup: register('counter', true),
      registerHistogram: register('histogram', false),
      registerHistogramGroup: register('histogram', true),
      registerSummary: register('summary', false),
      registerSummaryGroup: register('summary', true),
    } as Metrics
  }

  /** All of them as text; those that are calculated are so now. */
  text(): Promise<string> {
    return this.#registry.metrics()
  }

  /** A figure that several parts of libp2p name is one. */
  #register(kind: Kind, grouped: boolean, name: string, options: Options = {}): SwarmFigure {
    const known = this.#figures.get(name)
    if (known !== undefined) return known
    const figure = new SwarmFigure(this.#registry, { kind, grouped, name, ...options })
    this.#figures.set(name, figure)
    return figure
  }
}

interface SwarmFigureInit extends Options {
  readonly kind: Kind
  readonly grouped: boolean
  readonly name: string
}

/** One figure, by all the names that libp2p's interfaces have for what is done to it. */
class SwarmFigure {
  readonly #figure: Figure
  readonly #grouped: boolean
  readonly #keys = new Set<string>()

  constructor(registry: Registry, { kind, grouped, name, label = 'key', help = name, calculate }: SwarmFigureInit) {
    this.#grouped = grouped
    const labelNames = grouped ? [labelOf(label)] : []
    const collect = async (): Promise<void> => {
      if (calculate === undefined) return
      this.reset()
      this.update((await calculate()) as number | Values)
    }
    this.#figure = figureOf(kind, { name, help, labelNames, registers: [registry], collect })
  }

  update(value: number | Values): void {
    this.#each(value, this.#figure.set)
  }

  observe(value: number | Values): void {
    this.#each(value, this.#figure.set)
  }

  increment(value: number | Values = 1): void {
    this.#each(value, this.#figure.add)
  }

  decrement(value: number | Values = 1): void {
    this.#each(value, (key, by) => this.#figure.add(key, -by))
  }

  reset(): void {
    this.#figure.reset()
    this.#keys.clear()
  }

  /** Seconds since now, once the returned function is called. */
  timer(key?: string): StopTimer {
    const begun = performance.now()
    return () => {
      const seconds = (performance.now() - begun) / 1_000
      this.observe(key === undefined ? seconds : { [key]: seconds })
    }
  }

  #each(value: number | Values, act: (key: string | undefined, value: number) => void): void {
    if (!this.#grouped) {
      act(undefined, typeof value === 'number' ? value : 0)
      return
    }
    const sums = new Map<string, number>()
    for (const [key, one] of Object.entries(value as Values)) {
      const kept = this.#keyOf(key)
      sums.set(kept, (sums.get(kept) ?? 0) + (one === true ? 1 : (one ?? 0)))
    }
    for (const [key, sum] of sums) act(key, sum)
  }

  #keyOf(key: string): string {
    if (this.#keys.has(key)) return key
    if (this.#keys.size >= MAX_FIGURE_KEYS) return OTHERS
    this.#keys.add(key)
    return key
  }
}

interface FigureInit {
  readonly name: string
  readonly help: string
  readonly labelNames: readonly string[]
  readonly registers: readonly Registry[]
  readonly collect: () => Promise<void>
}

function figureOf(kind: Kind, init: FigureInit): Figure {
  const [label] = init.labelNames
  const labels = (key: string | undefined): Record<string, string> =>
    label === undefined || key === undefined ? {} : { [label]: key }
  const options = { ...init, labelNames: [...init.labelNames], registers: [...init.registers] }
  if (kind === 'gauge') {
    const gauge = new Gauge(options)
    return {
      add: (key, by) => gauge.inc(labels(key), by),
      set: (key, value) => gauge.set(labels(key), value),
      reset: () => gauge.reset(),
    }
  }
  if (kind === 'counter') {
    const counter = new Counter(options)
    const add = (key: string | undefined, by: number): void => counter.inc(labels(key), Math.max(0, by))
    return { add, set: add, reset: () => counter.reset() }
  }
  const observer = kind === 'histogram' ? new Histogram(options) : new Summary(options)
  const observe = (key: string | undefined, value: number): void => observer.observe(labels(key), value)
  return { add: observe, set: observe, reset: () => observer.reset() }
}

/** Told with the others; the parts are the kinds of traffic that the guard knows, and `all`. */
function tellTraffic(traffic: SwarmTraffic, registry: Registry): void {
  const bytes = new Counter({
    name: 'realmesh_swarm_bytes_total',
    help: 'Bytes of the swarm by part; queries and framing are what is left of all',
    labelNames: ['part', 'direction'],
    registers: [registry],
    collect: () => {
      bytes.reset()
      for (const [part, { sent, received }] of traffic.flows()) {
        bytes.inc({ part, direction: 'sent' }, sent)
        bytes.inc({ part, direction: 'received' }, received)
      }
    },
  })
}

/** What Prometheus takes for a label. */
function labelOf(label: string): string {
  return label.replaceAll(/[^A-Za-z0-9_]/g, '_').replace(/^(?=\d)/, '_')
}
