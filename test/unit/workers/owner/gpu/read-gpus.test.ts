import assert from 'node:assert/strict'
import { type RunTool, systemGpuReader } from '../../../../../workers/owner/gpu/read-gpus.ts'

const missing = Object.assign(new Error('spawn ENOENT'), { code: 'ENOENT' })
const NVIDIA_LINE = '0, RTX, 8192, 512, 5, 40, 20\n'

describe('systemGpuReader', () => {
  it('finds none, without an error, where there is no tool', async () => {
    const noTool: RunTool = async () => {
      throw missing
    }
    assert.deepEqual(await systemGpuReader(noTool, 'linux').read(), [])
  })

  it('finds none, without an error, where the real tools of this machine say nothing odd', async () => {
    for (const gpu of await systemGpuReader().read()) assert.ok(gpu.name.length > 0)
  })

  it('finds none where a tool speaks in unknown words', async () => {
    assert.deepEqual(await systemGpuReader(async () => '<html>', 'darwin').read(), [])
  })

  it('adds the programs that compute; a driver that does not list them is no harm', async () => {
    const listing: RunTool = async (file, args) => {
      if (file !== 'nvidia-smi') throw missing
      return args[0]?.startsWith('--query-compute') === true ? '/usr/bin/blender\n' : NVIDIA_LINE
    }
    const silent: RunTool = async (file, args) => {
      if (file !== 'nvidia-smi' || args[0]?.startsWith('--query-compute') === true) throw missing
      return NVIDIA_LINE
    }
    assert.deepEqual((await systemGpuReader(listing, 'linux').read())[0]?.processes, ['blender'])
    assert.equal((await systemGpuReader(silent, 'linux').read())[0]?.processes, undefined)
  })

  it('asks for displays on macOS only', async () => {
    const asked: string[] = []
    const run: RunTool = async (file) => {
      asked.push(file)
      throw missing
    }
    await systemGpuReader(run, 'linux').read()
    assert.equal(asked.includes('system_profiler'), false)
    await systemGpuReader(run, 'darwin').read()
    assert.equal(asked.includes('system_profiler'), true)
  })
})

describe('systemGpuReader', () => {
  it('asks only the tools that knew something again, and tells of no card twice', async () => {
    const asked: string[] = []
    const run: RunTool = async (file) => {
      asked.push(file)
      if (file === 'amd-smi') return '[{"gpu":0}]'
      if (file === 'rocm-smi') return '{"card0":{}}'
      throw missing
    }
    const reader = systemGpuReader(run, 'linux')
    assert.equal((await reader.read()).length, 1)
    asked.length = 0
    assert.equal((await reader.read()).length, 1)
    assert.deepEqual(asked, ['amd-smi'])
  })
})
