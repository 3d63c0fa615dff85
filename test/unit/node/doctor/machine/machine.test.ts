/** What the doctor makes of this machine: each state by its code. */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { judgeDisk, readDisk } from '../../../../../node/doctor/machine/disk.ts'
import { type EngineFacts, judgeEngines } from '../../../../../node/doctor/machine/engines.ts'
import { judgeInterfaces } from '../../../../../node/doctor/machine/interfaces.ts'
import { judgePorts, placeOfListen, tryPort } from '../../../../../node/doctor/machine/ports.ts'
import { judgeRuntime, OLDEST_NODE } from '../../../../../node/doctor/machine/runtime.ts'
import { judgeFiles, judgeGpus, judgeStorage, judgeWebRtc } from '../../../../../node/doctor/machine/small-checks.ts'
import { ROOT } from '../../../../support/markdown.ts'
import { temporaryFolder } from '../../../../support/temporary-folder.ts'

const GB = 1e9

describe('Node.js, as the doctor sees it', () => {
  it('is too old below what package.json says', () => {
    const { engines } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { engines: { node: string } }
    assert.ok(engines.node.includes(OLDEST_NODE.join('.')), engines.node)
    const codes = ['18.20.4', '20.18.1', '20.19.0', '22.0.0'].map((version) => judgeRuntime(version).code)
    assert.deepEqual(codes, ['runtime.too-old', 'runtime.too-old', 'runtime.ok', 'runtime.ok'])
  })
})

describe('the disk, as the doctor sees it', () => {
  const folder = temporaryFolder()
  const disk = { folder: '/home', freeBytes: 100 * GB, totalBytes: 500 * GB, freeInodes: 1e6 }

  it('is full by the measure by which the node stops writing', () => {
    const codes = [disk, { ...disk, freeBytes: 0.4 * GB }, { ...disk, freeBytes: 0.1 * GB }].map(judgeDisk)
    assert.deepEqual(
      codes.map(({ code }) => code),
      ['disk.ok', 'disk.low', 'disk.full'],
    )
    assert.match(codes[2]?.cause ?? '', /^100 MB of 500 GB free on the disk of \/home/)
  })

  it('takes no more files where its inodes are used up, unless it counts none', () => {
    assert.equal(judgeDisk({ ...disk, freeInodes: 3 }).code, 'disk.no-inodes')
    assert.equal(judgeDisk({ ...disk, freeInodes: undefined }).code, 'disk.ok')
  })

  it('is that on which the home will lie', async () => {
    const facts = await readDisk(folder.path('not', 'there', 'yet'))
    assert.ok(facts.totalBytes >= facts.freeBytes && facts.totalBytes > 0)
  })
})

describe('ports, as the doctor sees them', () => {
  const port = { flag: 'listen', host: '127.0.0.1', port: 4501, named: true } as const

  it('are taken, moved or refused, by what the system says', () => {
    const codes = [
      judgePorts([port]),
      judgePorts([{ ...port, code: 'EADDRINUSE' }]),
      judgePorts([{ ...port, code: 'EADDRINUSE', named: false }]),
      judgePorts([{ ...port, code: 'EADDRINUSE', named: false, flag: 'http' }]),
      judgePorts([{ ...port, code: 'EADDRNOTAVAIL' }]),
    ]
    assert.deepEqual(
      codes.map((findings) => findings.map(({ code }) => code).join()),
      ['ports.ok', 'ports.taken', 'ports.moved', 'ports.taken', 'ports.refused'],
    )
  })

  it('are taken for a moment, to see whether they can be had', async () => {
    const other = createServer()
    const address = await new Promise<ReturnType<typeof other.address>>((resolve) =>
      other.listen(0, '127.0.0.1', () => resolve(other.address())),
    )
    const taken = typeof address === 'object' && address !== null ? address.port : 0
    try {
      assert.equal((await tryPort({ ...port, port: taken })).code, 'EADDRINUSE')
    } finally {
      other.close()
    }
    assert.equal((await tryPort({ ...port, port: 0 })).code, undefined)
  })

  it('stand in multiaddrs of TCP', () => {
    assert.deepEqual(placeOfListen('/ip4/0.0.0.0/tcp/4501'), { host: '0.0.0.0', port: 4501 })
    assert.equal(placeOfListen('/ip4/0.0.0.0/udp/4501/quic-v1'), undefined)
  })
})

describe('engines, as the doctor sees them', () => {
  const worker = { name: 'desk', engine: 'ollama', url: 'http://127.0.0.1:11434', healthy: true, models: ['tiny'] }
  const guide = { ...worker, name: 'guide', engine: 'builtin/guide' }
  const nothing = { found: [], refused: [] }
  const codes = (facts: EngineFacts): string => judgeEngines(facts).map(({ code }) => code).join() // biome-ignore format: one line each below

  it('are none where only built-ins are', () => {
    assert.equal(codes({ ...nothing, workers: [guide] }), 'engines.none')
    assert.equal(codes(nothing), 'engines.none')
  })

  it('are named with the reason when they are down, and when they have no model', () => {
    const down = { ...worker, name: 'attic', healthy: false, reason: 'connection refused', models: [] }
    const empty = { ...worker, name: 'empty', models: [] }
    const findings = judgeEngines({ ...nothing, workers: [guide, worker, down, empty] })
    assert.deepEqual(
      findings.map(({ code }) => code),
      ['engines.down', 'engines.empty', 'engines.ok'],
    )
    assert.match(findings[0]?.cause ?? '', /^attic \(ollama at http:.*\): connection refused$/)
  })

  it('are found before a node runs', () => {
    assert.equal(codes({ ...nothing, found: [{ kind: 'ollama', url: 'http://127.0.0.1:11434' }] }), 'engines.ok')
  })

  it('are told of where something listens and is not used, only while there is none', () => {
    const refused = [
      { url: 'http://127.0.0.1:8000', listening: true, reason: 'it wants a key' },
      { url: 'http://127.0.0.1:8080', listening: false, reason: 'refused' },
    ]
    assert.equal(codes({ found: [], refused, workers: [] }), 'engines.none,engines.unused')
    assert.equal(codes({ found: [], refused, workers: [worker] }), 'engines.ok')
  })
})

describe('the rest of the machine, as the doctor sees it', () => {
  it('may open too few files', () => {
    const codes = [256, 1_024, undefined].map((most) => judgeFiles(most).code)
    assert.deepEqual(codes, ['files.few', 'files.ok', 'files.ok'])
  })

  it('has a GPU that no engine uses', () => {
    const card = { name: 'RTX 4090' }
    const codes = [judgeGpus([], 0), judgeGpus([card], 0), judgeGpus([card], 1), judgeGpus([card], undefined)]
    assert.deepEqual(
      codes.map(({ code }) => code),
      ['gpu.none', 'gpu.idle', 'gpu.ok', 'gpu.ok'],
    )
  })

  it('has no network but itself', () => {
    assert.deepEqual(
      [judgeInterfaces([]).code, judgeInterfaces(['192.0.2.1']).code],
      ['interfaces.none', 'interfaces.ok'],
    )
  })

  it('has WebRTC, or has it not', () => {
    const states = ['ready', 'missing', 'broken', 'off'] as const
    assert.deepEqual(
      states.map((state) => judgeWebRtc(state).code),
      ['webrtc.ok', 'webrtc.missing', 'webrtc.broken', 'webrtc.off'],
    )
    assert.equal(judgeWebRtc('broken', 'the reason').cause, 'the reason')
  })

  it('has user data that is not well', () => {
    assert.deepEqual(
      [judgeStorage([]), judgeStorage(['a shard is damaged'])].map(([first]) => first?.code),
      ['storage.ok', 'storage.warns'],
    )
  })
})
