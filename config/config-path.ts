/**
 * Paths into the configuration, as people read and type them: `realms.$CHAT.limits.seconds`, `workers[0].url`,
 * `a."b.c"`.
 */

export type ConfigPath = readonly (string | number)[]

const PLAIN = /^[A-Za-z0-9_$-]+$/
const SEGMENT = /\.?(?:\[(\d+)\]|"((?:[^"\\]|\\.)*)"|([^.[\]"]+))/y

export function formatPath(path: ConfigPath): string {
  let text = ''
  for (const segment of path) {
    if (typeof segment === 'number') text += `[${segment}]`
    else text += `${text === '' ? '' : '.'}${PLAIN.test(segment) ? segment : JSON.stringify(segment)}`
  }
  return text
}

/**
 * The path that `text` names; undefined when it is none. `workers.0` means the same as `workers[0]` where the list is.
 */
export function parsePath(text: string): ConfigPath | undefined {
  const path: (string | number)[] = []
  SEGMENT.lastIndex = 0
  while (SEGMENT.lastIndex < text.length) {
    const [, index, quoted, plain] = SEGMENT.exec(text) ?? []
    if (index !== undefined) path.push(Number(index))
    else if (quoted !== undefined) path.push(quoted.replaceAll(/\\(.)/g, '$1'))
    else if (plain !== undefined) path.push(plain)
    else return undefined
  }
  return path.length === 0 ? undefined : path
}
