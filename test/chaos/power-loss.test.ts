/**
 * Power loss: the store lies on a loop-mounted image, write-back is held off, the writer is frozen at a random moment
 * and the image is copied. What the copy holds is what a disk would hold after the plug was pulled. Needs root and loop
 * mounts.
 */
import assert from 'node:assert/strict'
import { type ChildProcessByStdio, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'
import { setTimeout as delay } from 'node:timers/promises'
import { compiledChild, removeCompiledChild } from '../support/compiled-child.ts'
import { skip } from '../support/skip.ts'
import { userDataIn } from '../support/user-data.ts'
import { volume } from '../support/volume.ts'
import { WriteJournal } from '../support/write-journal.ts'

/** Images in all, and how many are taken of one disk before a fresh one. */
const IMAGES = volume(10, 50)
const IMAGES_PER_DISK = 10
const WRITEBACK = '/proc/sys/vm/dirty_writeback_centisecs'

const SHARDING = {
  shards: ['a', 'b'].map((name) => ({ name, connectionString: `level:${name}` })),
}

type Writer = ChildProcessByStdio<null, Readable, null>

const run = (command: string, ...args: string[]): void => {
  execFileSync(command, args, { stdio: ['ignore', 'ignore', 'pipe'] })
}

/** Why it cannot run here; undefined when it can. */
function obstacle(): string | undefined {
  if (process.platform !== 'linux') return 'not Linux'
  if (process.getuid?.() !== 0) return 'not root'
  if (!existsSync('/dev/loop-control')) return 'no loop devices'
  try {
    run('mkfs.ext4', '-V')
    return undefined
  } catch {
    return 'no mkfs.ext4'
  }
}

describe('power loss under concurrent writes', () => {
  let base = ''
  let script = ''
  let writeback: string | undefined
  const mounted: string[] = []

  before(function () {
    const reason = obstacle()
    if (reason !== undefined) skip(this, reason)
    base = mkdtempSync(join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'realmesh-power-'))
    try {
      disk('probe')
    } catch (error) {
      skip(this, `loop mounts are not allowed here (${error})`)
    }
    writeback = readFileSync(WRITEBACK, 'utf8')
    writeFileSync(WRITEBACK, '0')
    script = compiledChild('test/storage/writer-child.ts')
  })

  after(() => {
    if (writeback !== undefined) writeFileSync(WRITEBACK, writeback)
    for (const path of mounted.reverse()) run('umount', path)
    if (base !== '') rmSync(base, { recursive: true, force: true })
    if (script !== '') removeCompiledChild(script)
  })

  function mount(image: string, path: string): void {
    mkdirSync(path, { recursive: true })
    run('mount', '-o', 'loop,commit=300', image, path)
    mounted.push(path)
  }

  function unmount(path: string): void {
    run('umount', path)
    mounted.splice(mounted.indexOf(path), 1)
  }

  /** A fresh file system; its image and where it is mounted. */
  function disk(name: string): { readonly image: string; readonly path: string } {
    const image = join(base, `${name}.img`)
    run('truncate', '-s', '96M', image)
    run('mkfs.ext4', '-q', '-F', image)
    const path = join(base, name)
    mount(image, path)
    return { image, path }
  }

  function startWriter(home: string, round: number, journal: WriteJournal): { writer: Writer; ready: Promise<void> } {
    const writer = spawn(process.execPath, [script, home, String(round)], { stdio: ['ignore', 'pipe', 'inherit'] })
    const ready = new Promise<void>((resolve) => {
      createInterface({ input: writer.stdout }).on('line', (line) => {
        journal.note(line)
        if (line.startsWith('!')) resolve()
      })
    })
    return { writer, ready }
  }

  /** Freezes the writer, copies the disk as it is, and reads all that the writer had said before. */
  async function pullThePlug(
    writer: Writer,
    image: string,
    copy: string,
    journal: WriteJournal,
  ): Promise<WriteJournal> {
    writer.kill('SIGSTOP')
    run('cp', '--sparse=always', image, copy)
    // What it said before it froze is in the pipe: several turns of the loop read it all.
    for (let quiet = 0, seen = -1; quiet < 5; quiet += 1) {
      await delay(2)
      if (journal.report.asked !== seen) quiet = 0
      seen = journal.report.asked
    }
    const then = journal.copy()
    writer.kill('SIGCONT')
    return then
  }

  async function checkCopy(copy: string, journal: WriteJournal): Promise<void> {
    const path = join(base, 'after')
    mount(copy, path)
    const data = userDataIn(join(path, 'home'), { sharding: SHARDING })
    try {
      await data.start()
      await journal.check(data)
    } finally {
      await data.stop()
      unmount(path)
      rmSync(copy)
    }
  }

  it(`loses nothing acknowledged in ${IMAGES} images`, async () => {
    let acknowledged = 0
    for (let taken = 0; taken < IMAGES; ) {
      const { image, path } = disk(`disk-${taken}`)
      const journal = new WriteJournal()
      const { writer, ready } = startWriter(join(path, 'home'), taken, journal)
      const closed = once(writer, 'close')
      await ready
      const copies: { copy: string; journal: WriteJournal }[] = []
      for (; copies.length < IMAGES_PER_DISK && taken < IMAGES; taken += 1) {
        await delay(Math.random() * 150)
        const copy = join(base, `copy-${taken}.img`)
        copies.push({ copy, journal: await pullThePlug(writer, image, copy, journal) })
      }
      writer.kill('SIGKILL')
      await closed
      unmount(path)
      rmSync(image)
      for (const one of copies) {
        await checkCopy(one.copy, one.journal)
        acknowledged += one.journal.report.acknowledged
      }
    }
    assert.ok(acknowledged > IMAGES)
  })
})
