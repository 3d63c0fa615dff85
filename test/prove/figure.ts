/** A figure that was measured many times, and the bar that it must keep. */
import type { LoopSamples } from '../support/loop-watch.ts'
import { percentile } from '../support/percentiles.ts'

export interface Bar {
  /** The share of the samples that must keep it; 1 for all. */
  readonly share: number
  readonly atMost: number
}

export interface Figure {
  readonly name: string
  readonly unit: 'ms' | '%' | 'MB'
  readonly samples: readonly number[]
  /** Without one the figure is told and not judged. */
  readonly bar?: Bar
}

/** Every sample keeps it. */
export function always(atMost: number): Bar {
  return { share: 1, atMost }
}

/** Of a hundred samples so many keep it. */
export function mostly(percent: number, atMost: number): Bar {
  return { share: percent / 100, atMost }
}

/** Whether the figure keeps its bar. One without samples keeps none. */
export function keeps({ samples, bar }: Figure): boolean {
  return bar === undefined || percentile(samples, bar.share) <= bar.atMost
}

export const FIGURE_COLUMNS = ['figure', 'times', 'p50', 'p95', 'p99', 'max', 'bar', ''] as const

/** The cells below `FIGURE_COLUMNS`. */
export function cellsOf(figure: Figure): readonly string[] {
  const { name, unit, samples, bar } = figure
  const at = (share: number): string => percentile(samples, share).toFixed(unit === '%' ? 1 : 0)
  const wanted = bar === undefined ? '' : `${bar.share === 1 ? 'max' : `p${bar.share * 100}`} ≤ ${bar.atMost}`
  const verdict = bar === undefined ? '' : keeps(figure) ? 'kept' : 'MISSED'
  return [`${name}, ${unit}`, `${samples.length}`, at(0.5), at(0.95), at(0.99), at(1), wanted, verdict]
}

/** A figure in milliseconds. */
export function ms(name: string, samples: readonly number[], bar?: Bar): Figure {
  return { name, unit: 'ms', samples, ...(bar === undefined ? {} : { bar }) }
}

/** What the watch of a daemon's loop saw: how long its turns held it, how late they came, and the memory of the node. */
export function loopFigures(
  loops: readonly LoopSamples[],
  { late, memory }: { readonly late?: Bar; readonly memory: Bar },
): readonly Figure[] {
  return [
    ms(
      'turn of the loop, CPU that held it',
      loops.flatMap(({ heldMs }) => heldMs),
      mostly(99, 50),
    ),
    ms(
      'turn of the loop, late for whatever reason',
      loops.flatMap(({ lateMs }) => lateMs),
      late,
    ),
    { name: 'memory of the node', unit: 'MB', samples: loops.map(({ rssMB }) => rssMB), bar: memory },
  ]
}
