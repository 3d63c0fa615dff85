/** Whether Node.js is recent enough. Pure. */
import type { Finding } from '../../../core/model/finding.ts'
import { found } from '../codes/found.ts'

/** The oldest that package.json takes. */
export const OLDEST_NODE = [20, 19] as const

/** `version`: such as `20.19.0`. */
export function judgeRuntime(version: string): Finding {
  const [major = 0, minor = 0] = version.split('.').map(Number)
  const [least, leastMinor] = OLDEST_NODE
  const recent = major > least || (major === least && minor >= leastMinor)
  const facts = { version, oldest: OLDEST_NODE.join('.') }
  return recent
    ? found('runtime.ok', `Node.js ${version}`, { facts })
    : found('runtime.too-old', `Node.js is ${version}; realmesh needs ${facts.oldest}`, { facts })
}
