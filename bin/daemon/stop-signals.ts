/** The signals by which a daemon is told to stop, to stop now, or to read its configuration again. */

import { isatty } from 'node:tty'

const STOP_SIGNALS = ['SIGINT', 'SIGTERM'] as const

/** 128 + the number of the signal: what a shell expects of a process that a signal ended. */
const STATUS_NOW: Readonly<Record<(typeof STOP_SIGNALS)[number], number>> = { SIGINT: 130, SIGTERM: 143 }

/** stdin and stdout: a person who closes their terminal closes both. */
const TERMINAL_FDS = [0, 1] as const

/** Whether a terminal is there now; false once it was closed. */
const hasTerminal = (): boolean => TERMINAL_FDS.some((fd) => isatty(fd))

const STATUS_HANG_UP = 129

export interface StopSignals {
  /** Resolves at the first signal to stop, or when the process that spawned us with a channel has gone. */
  readonly stopped: Promise<string>
  /** Removes every listener. */
  release(): void
}

/**
 * `onNow` is called with the exit status at the second signal. A SIGHUP means what its sender means: of a service
 * manager, or of a person who types `kill -HUP`, to read the configuration again (`onReload`); of a terminal that was
 * closed, to stop.
 */
export function stopSignals(
  onNow: (status: number) => void,
  onReload: () => void,
  terminal: () => boolean = hasTerminal,
): StopSignals {
  const begunInTerminal = terminal()
  let first: ((reason: string) => void) | undefined
  const stopped = new Promise<string>((resolve) => {
    first = resolve
  })
  const stop = (reason: string, status: number): void => {
    if (first === undefined) onNow(status)
    first?.(reason)
    first = undefined
  }
  const listeners = STOP_SIGNALS.map((signal) => [signal, () => stop(signal, STATUS_NOW[signal])] as const)
  const onDisconnect = (): void => stop('the parent process has gone', 1)
  const onHangUp = (): void => {
    if (begunInTerminal && !terminal()) stop('the terminal was closed', STATUS_HANG_UP)
    else onReload()
  }
  for (const [signal, listener] of listeners) process.on(signal, listener)
  process.on('SIGHUP', onHangUp)
  process.on('disconnect', onDisconnect)
  return {
    stopped,
    release: () => {
      for (const [signal, listener] of listeners) process.off(signal, listener)
      process.off('SIGHUP', onHangUp)
      process.off('disconnect', onDisconnect)
    },
  }
}
