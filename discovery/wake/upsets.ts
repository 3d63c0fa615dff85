/**
 * What may have ended this node's connections without a word: it stood still, it slept, or its addresses changed. Told
 * by two looks at clocks and interfaces. Pure.
 */

/** `held up`: this process did not run. `asleep`: the machine did not. `moved`: its addresses are others. */
export type Upset = 'held up' | 'asleep' | 'moved'

/** One look. */
export interface MachineLook {
  /** Milliseconds; stands still while the machine sleeps. */
  readonly monotonic: number
  /** Milliseconds; goes on while the machine sleeps, and jumps when the clock is set. */
  readonly wall: number
  /** The addresses of the machine, in one text. */
  readonly addresses: string
}

/**
 * Shorter pauses end no connection: routers forget a silent one after minutes, peers give up after half a minute, and a
 * machine that computes on all of its cores is late by seconds.
 */
export const LONG_PAUSE_MS = 10_000

/**
 * What happened between two looks of which the second was due `everyMs` after the first; undefined: nothing. A clock
 * that is set forward looks like a sleep, and what is done about a sleep does no harm then.
 */
export function upsetBetween(before: MachineLook, now: MachineLook, everyMs: number): Upset | undefined {
  const ranMs = now.monotonic - before.monotonic
  if (now.addresses !== before.addresses) return 'moved'
  if (ranMs - everyMs >= LONG_PAUSE_MS) return 'held up'
  return now.wall - before.wall - ranMs >= LONG_PAUSE_MS ? 'asleep' : undefined
}

/** What is used of `os.networkInterfaces()`. */
export type MachineAddresses = Readonly<
  Record<string, readonly { readonly address: string; readonly internal: boolean }[] | undefined>
>

/** Addresses of one link only: they come and go with containers, and no connection of ours uses them. */
const LINK_LOCAL = /^(fe80:|169\.254\.)/i

/** The addresses of the machine, in one text that is equal while they are. */
export function addressesOf(interfaces: MachineAddresses): string {
  return Object.values(interfaces)
    .flatMap((all) => all ?? [])
    .filter(({ address, internal }) => !internal && !LINK_LOCAL.test(address))
    .map(({ address }) => address)
    .sort()
    .join(' ')
}
