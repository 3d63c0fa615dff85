/** Broken set-ups that need root: the doctor finds each by its code. */
import assert from 'node:assert/strict'
import { type ChildProcess, execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Diagnosis } from '../../core/model/finding.ts'
import { CLI, DaemonHarness, eventually } from '../support/daemon.ts'
import { Homes, type Place } from '../support/homes.ts'
import { ip, NamespacePrograms } from '../support/namespace-programs.ts'
import { skip } from '../support/skip.ts'

const FREE = ['--http', '127.0.0.1:0', '--listen', '/ip4/127.0.0.1/tcp/0', '--no-detect']
/** Packets to this address of a link reach nobody. */
const NOBODY = '02:00:00:00:00:99'

function has(code: string, stdout: string): boolean {
  return (JSON.parse(stdout) as Diagnosis).findings.some((finding) => finding.code === code)
}

describe('the doctor, of disks', () => {
  let disk = ''
  let mounted = false
  let harness: DaemonHarness

  const mount = (...args: string[]): void => void execFileSync('mount', args, { stdio: 'ignore' })

  before(function () {
    disk = mkdtempSync(join(tmpdir(), 'realmesh-doctor-'))
    try {
      mount('-t', 'tmpfs', '-o', 'size=4m,nr_inodes=1000', 'tmpfs', disk)
      mounted = true
    } catch {
      skip(this, 'tmpfs cannot be mounted here, which needs Linux and root')
    }
    harness = new DaemonHarness()
  })

  after(async () => {
    await harness?.close()
    if (mounted) execFileSync('umount', [disk])
    if (disk !== '') rmSync(disk, { recursive: true, force: true })
  })

  async function assertFinds(code: string): Promise<void> {
    const { stdout } = await harness.output(['doctor', '--home', join(disk, 'home'), '--json', ...FREE])
    assert.ok(has(code, stdout), stdout)
  }

  it('finds one that is full', async () => {
    const filler = join(disk, 'filler')
    writeFileSync(filler, Buffer.alloc(3_990_000))
    await assertFinds('disk.full')
    rmSync(filler)
    await assertFinds('disk.ok')
  })

  it('finds one that takes no more files', async () => {
    mount('-o', 'remount,nr_inodes=20', disk)
    await assertFinds('disk.no-inodes')
    mount('-o', 'remount,nr_inodes=1000', disk)
  })

  it('finds one that can only be read', async () => {
    mount('-o', 'remount,ro', disk)
    await assertFinds('home.unwritable')
    mount('-o', 'remount,rw', disk)
  })
})

describe('the doctor, of networks', () => {
  let programs: NamespacePrograms
  let folder = ''

  before(function () {
    const obstacle = NamespacePrograms.obstacle()
    if (obstacle !== undefined) skip(this, obstacle)
  })

  beforeEach(() => {
    programs = new NamespacePrograms()
    folder = mkdtempSync(join(tmpdir(), 'realmesh-doctor-'))
  })

  afterEach(async () => {
    await programs.end()
    rmSync(folder, { recursive: true, force: true })
  })

  /** Two namespaces on one link, with these addresses. */
  function link(addresses: readonly [string, string]): readonly [string, string] {
    const names = [programs.add('a'), programs.add('b')] as const
    ip('link', 'add', 'e0', 'netns', names[0], 'type', 'veth', 'peer', 'name', 'e0', 'netns', names[1])
    for (const [i, name] of names.entries()) {
      ip('-n', name, 'addr', 'add', `${addresses[i]}/24`, 'dev', 'e0')
      ip('-n', name, 'link', 'set', 'e0', 'up')
      ip('-n', name, 'route', 'add', '224.0.0.0/4', 'dev', 'e0')
    }
    return names
  }

  async function up(namespace: string): Promise<string> {
    const home = join(folder, namespace)
    mkdirSync(home)
    writeFileSync(join(home, 'realms.yml'), 'user_data:\n  reserve: 0\n')
    const node = programs.spawn(namespace, [
      CLI,
      'up',
      '--home',
      home,
      '--http',
      '127.0.0.1:0',
      '--no-detect',
      '--json',
    ])
    await firstWords(node)
    return home
  }

  async function firstWords({ stdout }: ChildProcess): Promise<void> {
    if (stdout !== null) await once(stdout, 'data')
  }

  async function examined(namespace: string, home: string, args: readonly string[] = []): Promise<string> {
    const child = programs.spawn(namespace, [CLI, 'doctor', '--home', home, '--json', ...args])
    let out = ''
    child.stdout?.setEncoding('utf8').on('data', (piece: string) => {
      out += piece
    })
    await once(child, 'close')
    return out
  }

  async function finds(code: string, namespace: string, home: string): Promise<void> {
    await eventually(code, async () => has(code, await examined(namespace, home)))
  }

  it('finds a machine that has none', async () => {
    assert.ok(has('interfaces.none', await examined(programs.add('alone'), join(folder, 'home'), FREE)))
  })

  it('finds a Wi-Fi that keeps its clients apart: they hear each other, and nothing else passes', async () => {
    const [here, there] = link(['10.77.0.1', '10.77.0.2'])
    const apart = (name: string, other: string): void =>
      ip('-n', name, 'neigh', 'replace', other, 'lladdr', NOBODY, 'dev', 'e0', 'nud', 'permanent')
    apart(here, '10.77.0.2')
    apart(there, '10.77.0.1')
    const [home] = await Promise.all([up(here), up(there)])
    await finds('mdns.isolated', here, home)
    await finds('peers.none', here, home)
  })

  it('finds a neighbour that is in another subnet of the same cable', async () => {
    const [here, there] = link(['10.77.0.1', '10.78.0.2'])
    const [home] = await Promise.all([up(here), up(there)])
    await finds('mdns.other-subnet', here, home)
  })

  it('finds nothing wrong between neighbours that meet', async () => {
    const [here, there] = link(['10.77.0.1', '10.77.0.2'])
    const [home] = await Promise.all([up(here), up(there)])
    await finds('mdns.ok', here, home)
  })
})

describe('the doctor, of routers', () => {
  let homes: Homes
  let folder = ''

  before(function () {
    const obstacle = Homes.obstacle()
    if (obstacle !== undefined) skip(this, obstacle)
    folder = mkdtempSync(join(tmpdir(), 'realmesh-doctor-'))
    homes = new Homes({ homes: 2, symmetric: [1] })
    homes.up()
  })

  after(async () => {
    await homes?.down()
    if (folder !== '') rmSync(folder, { recursive: true, force: true })
  })

  const homeOf = (name: string): string => join(folder, name)

  /** A node that is up; where it is met. */
  async function up(place: Place, name: string, args: readonly string[]): Promise<string> {
    mkdirSync(homeOf(name))
    writeFileSync(join(homeOf(name), 'realms.yml'), 'user_data:\n  reserve: 0\n')
    const always = ['--http', '127.0.0.1:0', '--no-detect', '--no-mdns', '--json']
    const { stdout } = homes.spawn(place, [CLI, 'up', '--home', homeOf(name), ...always, ...args])
    const [line] = stdout === null ? [] : await once(stdout, 'data')
    const { p2p } = JSON.parse(String(line)) as { readonly p2p: readonly string[] }
    return p2p[0] ?? ''
  }

  async function finds(code: string, home: number, name: string): Promise<void> {
    await eventually(code, async () => {
      const child = homes.spawn(home, [CLI, 'doctor', '--home', homeOf(name), '--json'])
      let out = ''
      child.stdout?.setEncoding('utf8').on('data', (piece: string) => {
        out += piece
      })
      await once(child, 'close')
      return has(code, out)
    })
  }

  it('finds what kind they are, and that others come through relays', async () => {
    const at = (port: number): readonly string[] => ['--listen', `/ip4/${homes.address('net')}/tcp/${port}`]
    const doors = await Promise.all([up('net', 'door', at(4501)), up('net', 'other-door', at(4502))])
    const through = doors.flatMap((door) => ['--bootstrap', door])
    await Promise.all([up(1, 'symmetric', through), up(2, 'usual', through)])
    await finds('nat.symmetric', 1, 'symmetric')
    await finds('nat.same', 2, 'usual')
    await finds('reach.relayed', 2, 'usual')
    await finds('relays.ok', 2, 'usual')
  })
})
