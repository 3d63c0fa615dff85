/** Checks of one look each: files that may be opened, GPUs, WebRTC, user data. */
import type { Finding } from '../../../core/model/finding.ts'
import { messageOf } from '../../../core/thrown.ts'
import type { GpuReading } from '../../../workers/owner/gpu/gpu-reading.ts'
import { found } from '../codes/found.ts'
import { ENOUGH_FILES } from './open-file-limit.ts'

/** `most`: files that the process may open at once; undefined where there is no limit. Pure. */
export function judgeFiles(most: number | undefined): Finding {
  const facts = { most: most ?? null }
  if (most !== undefined && most < ENOUGH_FILES) {
    return found('files.few', `this process may open only ${most} files and connections at once`, { facts })
  }
  return found('files.ok', most === undefined ? 'open files are not limited' : `${most} open files`, { facts })
}

/** `engines`: how many the node uses; undefined where that is not known. Pure. */
export function judgeGpus(gpus: readonly Pick<GpuReading, 'name'>[], engines: number | undefined): Finding {
  const names = gpus.map(({ name }) => name)
  const facts = { gpus: names }
  if (names.length === 0)
    return found('gpu.none', 'no GPU is told of by nvidia-smi, amd-smi, rocm-smi or macOS', { facts })
  if (engines === 0) return found('gpu.idle', `${names.join(', ')}: no engine uses it for this node`, { facts })
  return found('gpu.ok', names.join(', '), { facts })
}

/** What keeps WebRTC from being loaded, in one line; undefined where nothing does. Looks only where the package is. */
export function webRtcTrouble(resolve: (name: string) => string = import.meta.resolve): string | undefined {
  try {
    resolve('@libp2p/webrtc')
    return undefined
  } catch (thrown) {
    return messageOf(thrown).split('\n')[0]
  }
}

/** Pure. */
export function judgeWebRtc(trouble: string | undefined): Finding {
  if (trouble === undefined) return found('webrtc.ok', 'WebRTC is installed')
  return found('webrtc.missing', 'WebRTC is not installed', { facts: { trouble } })
}

/** `warnings`: of the user data. Pure. */
export function judgeStorage(warnings: readonly string[]): readonly Finding[] {
  if (warnings.length === 0) return [found('storage.ok', 'user data is well')]
  return warnings.map((warning) => found('storage.warns', warning))
}
