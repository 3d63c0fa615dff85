/** A script of ours as a process, in a namespace where one is named; it ends when the channel to its parent does. */
import { type ChildProcess, spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'

export interface SpawnPlace {
  /** @default that of this process */
  readonly namespace?: string
}

/** `script` beside the file of `url`, without its ending: sources run through a loader, compiled files without. */
export function spawnScript(
  url: string,
  script: string,
  place: SpawnPlace,
  args: readonly string[] = [],
): ChildProcess {
  const isSource = url.endsWith('.ts')
  const file = fileURLToPath(new URL(`${script}${isSource ? '.ts' : '.js'}`, url))
  const loader = isSource ? ['--import', 'tsx'] : []
  const [program = '', ...rest] = [...commandIn(place), ...loader, file, ...args]
  return spawn(program, rest, { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] })
}

/** Node's own command in the place. `ip` becomes the program: the process id is the program's own. */
export function commandIn({ namespace }: SpawnPlace): readonly string[] {
  return namespace === undefined ? [process.execPath] : ['ip', 'netns', 'exec', namespace, process.execPath]
}
