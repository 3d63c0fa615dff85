/** Whether there is room on the disks of the home. */
import { statfs } from 'node:fs/promises'
import type { Finding } from '../../../core/model/finding.ts'
import { isLow } from '../../../storage/care/disk-guard.ts'
import { found } from '../codes/found.ts'
import { nearestFolder } from './home.ts'

export interface DiskFacts {
  readonly folder: string
  readonly freeBytes: number
  readonly totalBytes: number
  /** Files that still fit; undefined where the file system counts none. */
  readonly freeInodes: number | undefined
}

/** A store makes a few files, a backup some dozens: below it the next one may be the last. */
const FEW_INODES = 64

/** The disk on which `folder` lies, or will lie. */
export async function readDisk(folder: string): Promise<DiskFacts> {
  const { bsize, bavail, blocks, files, ffree } = await statfs(await nearestFolder(folder))
  return {
    folder,
    freeBytes: bavail * bsize,
    totalBytes: blocks * bsize,
    freeInodes: files === 0 ? undefined : ffree,
  }
}

/** By the same measure by which the node stops writing. Pure. */
export function judgeDisk(facts: DiskFacts): Finding {
  const { folder, freeBytes, totalBytes, freeInodes } = facts
  const left = `${inUnits(freeBytes)} of ${inUnits(totalBytes)} free on the disk of ${folder}`
  const init = { facts: { ...facts } }
  if (isLow(facts)) return found('disk.full', `${left}: nothing more is written`, init)
  if (freeInodes !== undefined && freeInodes < FEW_INODES) {
    return found('disk.no-inodes', `the disk of ${folder} takes only ${freeInodes} more files`, init)
  }
  if (isLow({ freeBytes: freeBytes / 2, totalBytes })) return found('disk.low', left, init)
  return found('disk.ok', left, init)
}

const UNITS = ['B', 'KB', 'MB', 'GB', 'TB'] as const

function inUnits(bytes: number): string {
  const at = Math.min(UNITS.length - 1, Math.max(0, Math.floor(Math.log10(Math.max(1, bytes)) / 3)))
  const value = bytes / 1_000 ** at
  return `${value < 10 && at > 0 ? value.toFixed(1) : Math.round(value)} ${UNITS[at]}`
}
