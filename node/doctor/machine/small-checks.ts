/** Checks of one look each: files that may be opened, GPUs, WebRTC, user data. */
import type { Finding } from '../../../core/model/finding.ts'
import type { PunchingState } from '../../../discovery/punch/punching-state.ts'
import type { GpuReading } from '../../../workers/owner/gpu/gpu-reading.ts'
import { type FindingCode, found } from '../codes/found.ts'
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

const WEB_RTC: Readonly<Record<PunchingState, readonly [code: FindingCode, cause: string]>> = {
  ready: ['webrtc.ok', 'WebRTC is installed'],
  missing: ['webrtc.missing', 'WebRTC is not installed'],
  broken: ['webrtc.broken', 'WebRTC does not run on this machine'],
  off: ['webrtc.off', 'WebRTC is switched off'],
}

/** `why`: what is known beyond the state. Pure. */
export function judgeWebRtc(state: PunchingState, why?: string): Finding {
  const [code, cause] = WEB_RTC[state]
  return found(code, why ?? cause, { facts: { state } })
}

/** `warnings`: of the user data. Pure. */
export function judgeStorage(warnings: readonly string[]): readonly Finding[] {
  if (warnings.length === 0) return [found('storage.ok', 'user data is well')]
  return warnings.map((warning) => found('storage.warns', warning))
}
