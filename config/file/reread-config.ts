/**
 * Reads the configuration of a running node again. A reading that looks like an accident is refused, and the node goes
 * on as it was: the file is gone, empty or still being written, or a key is gone without which more people would be
 * served or asked than before.
 */
import { stat } from 'node:fs/promises'
import { setTimeout as pause } from 'node:timers/promises'
import { RealmeshError } from '../../core/realmesh-error.ts'
import { type Scope, scopeCovers } from '../../core/scope.ts'
import { type LoadConfigInput, type LoadedConfig, loadConfig } from './load-config.ts'

/** Editors empty a file and write it in one go: a file that did not change for this long is written. */
const SETTLE_MS = 100
/** A file that is written all the time is read as it is. */
const MOST_LOOKS = 20

/**
 * Reads as `loadConfig` does, and throws as it does; `before` is what is in force. Throws `CONFIG_INVALID` for an
 * accident too.
 */
export async function rereadConfig(input: LoadConfigInput, before: LoadedConfig): Promise<LoadedConfig> {
  const { path } = before
  if (path !== undefined) await settled(path)
  // A file that was read once must be there: its absence is no wish for the defaults. No key is made either.
  const after = await loadConfig({ ...input, file: path ?? input.file, createFederationKey: false })
  refuseAccident(before, after)
  return after
}

/** Resolves when the file does not change any more. */
async function settled(path: string): Promise<void> {
  let last = await stampOf(path)
  for (let look = 1; look < MOST_LOOKS && last !== undefined; look += 1) {
    await pause(SETTLE_MS)
    const now = await stampOf(path)
    if (now === last) return
    last = now
  }
}

async function stampOf(path: string): Promise<string | undefined> {
  const found = await stat(path).catch(() => undefined)
  return found === undefined ? undefined : [found.ino, found.size, found.mtimeMs].join(' ')
}

/** Throws when the second reading is most likely not what its owner wants. Pure. */
function refuseAccident(before: LoadedConfig, after: LoadedConfig): void {
  const where = after.path ?? before.path ?? 'realms.yml'
  if (hasValues(before) && !hasValues(after)) {
    throw new RealmeshError('CONFIG_INVALID', `${where} holds no settings any more`, {
      fix: 'write them again; for the defaults, stop the node, remove the file and start the node',
    })
  }
  if (before.text.endsWith('\n') && isCut(before.text, after.text)) {
    throw new RealmeshError('CONFIG_INVALID', `${where} ends in the middle of a line: it was written in part`, {
      fix: 'write it again, to the end',
    })
  }
  if (after.config.federationId === '') {
    throw new RealmeshError('KEY_FILE_BAD', 'the key of the federation is gone', {
      fix: 'put it back: without it this node is in another federation after its next start',
    })
  }
  const [widened] = [...wideNode(before, after), ...wideWorkers(before, after)]
  if (widened === undefined) return
  const { key, was, becomes } = widened
  throw new RealmeshError('CONFIG_INVALID', `${where}: ${key} was ${was} and is gone, which would make it ${becomes}`, {
    fix: `write ${key.split('.').at(-1)}: ${becomes} if that is meant, ${was} if it is not`,
  })
}

/**
 * Whether `text` is what is left of `whole` when the disk is full, or the writer dies. Lines that were removed leave
 * whole lines.
 */
function isCut(whole: string, text: string): boolean {
  return text.length < whole.length && !text.endsWith('\n') && whole.startsWith(text)
}

/** Whether anything stands in the file. */
function hasValues({ origins }: LoadedConfig): boolean {
  return [...origins.values()].some(({ source }) => source === 'file')
}

/** A key of the file that is gone, and what stands in its place. */
interface Widened {
  readonly key: string
  readonly was: Scope
  readonly becomes: Scope
}

function wideNode(before: LoadedConfig, after: LoadedConfig): readonly Widened[] {
  return (['scope', 'share'] as const).flatMap((key) => {
    const gone = after.origins.get(`node.${key}`)?.source === 'default'
    const [was, becomes] = [before.config.node[key], after.config.node[key]]
    return gone && !scopeCovers(was, becomes) ? [{ key: `node.${key}`, was, becomes }] : []
  })
}

/** A worker whose own scope is gone serves whom the node serves. */
function wideWorkers(before: LoadedConfig, after: LoadedConfig): readonly Widened[] {
  return before.config.workers.flatMap(({ name, scope: was }) => {
    const now = after.config.workers.find((worker) => worker.name === name)
    if (was === undefined || now === undefined || now.scope !== undefined) return []
    const becomes = after.config.node.share
    return scopeCovers(was, becomes) ? [] : [{ key: `workers.${name}.scope`, was, becomes }]
  })
}
