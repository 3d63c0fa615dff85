/** Network namespaces by iproute2, under names of this process, so that two plays on one machine do not meet. */
import { execFileSync } from 'node:child_process'
import { RealmeshError } from '../../../core/realmesh-error.ts'

/** A namespace of this process. */
export function namespaceName(what: string): string {
  return `rm-${process.pid}-${what}`
}

/** Runs `ip`. Throws `INTERNAL` with what it said. */
export function ip(args: readonly string[], input?: string): void {
  run('ip', args, input)
}

/** Runs lines of `ip` within a namespace, in one process. */
export function ipBatch(namespace: string, lines: readonly string[]): void {
  ip(['-n', namespace, '-batch', '-'], `${lines.join('\n')}\n`)
}

/** Runs a program within a namespace. */
export function runIn(namespace: string, program: string, args: readonly string[], input?: string): void {
  run('ip', ['netns', 'exec', namespace, program, ...args], input)
}

export function addNamespace(namespace: string): void {
  ip(['netns', 'add', namespace])
  ipBatch(namespace, ['link set lo up'])
}

/** Removes it and all devices in it; one that was never made is no fault. */
export function removeNamespace(namespace: string): void {
  try {
    ip(['netns', 'del', namespace])
  } catch {
    // It was never made.
  }
}

/** Throws `USAGE` where this machine, or this user, has no namespaces for us; `nat`: or no translation of addresses. */
export function assertNamespaces(nat: boolean): void {
  const probe = namespaceName('probe')
  try {
    addNamespace(probe)
    if (nat) runIn(probe, 'nft', ['list', 'tables'])
  } catch (cause) {
    const said = cause instanceof Error ? cause.message : String(cause)
    throw new RealmeshError('USAGE', `this topology needs network namespaces, and there are none for us: ${said}`, {
      fix: `run it as root on Linux with iproute2${nat ? ' and nftables' : ''}; without network, homes, partition and link it runs anywhere`,
      cause,
    })
  } finally {
    removeNamespace(probe)
  }
}

function run(program: string, args: readonly string[], input = ''): void {
  try {
    execFileSync(program, args, { input, stdio: ['pipe', 'ignore', 'pipe'] })
  } catch (cause) {
    const { stderr } = cause as { readonly stderr?: Buffer }
    const said = stderr?.toString().trim().split('\n')[0] ?? ''
    const why = said !== '' ? said : cause instanceof Error ? cause.message : String(cause)
    throw new RealmeshError('INTERNAL', `${[program, ...args].join(' ')}: ${why}`, { cause })
  }
}
