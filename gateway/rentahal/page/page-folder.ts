/**
 * The folder of a static page. Only files that lie in it are served: a path that leads out, by dots, by encoded dots or
 * by a symbolic link, is as if there were nothing.
 */
import { realpath, stat } from 'node:fs/promises'
import type { IncomingMessage } from 'node:http'
import { join, sep } from 'node:path'
import { type SendResult, send } from '@fastify/send'
import { RealmeshError } from '../../../core/realmesh-error.ts'
import { codeOf } from '../../../core/thrown.ts'

/** What a folder is opened by in a browser. */
const INDEX = 'index.html'

export class PageFolder {
  readonly #root: string

  private constructor(root: string) {
    this.#root = root
  }

  /** Throws `CONFIG_INVALID` where there is no such folder. */
  static async open(folder: string): Promise<PageFolder> {
    const root = await realpath(folder).catch(() => undefined)
    if (root !== undefined && (await stat(root)).isDirectory()) return new PageFolder(root)
    throw new RealmeshError('CONFIG_INVALID', `there is no folder ${folder} with a page`, {
      fix: 'make it, or name another under node.rentahal.page in realms.yml',
    })
  }

  /**
   * The file at `path`, as the client encoded it and without a slash before it, as an answer to `request`: whole, in
   * part, or not at all where the client has it. A path that is empty or ends with a slash stands for the folder's
   * `index.html`. Undefined: there is no such file.
   */
  async answer(request: IncomingMessage, path: string): Promise<SendResult | undefined> {
    const encoded = path === '' || path.endsWith('/') ? `${path}${INDEX}` : path
    const decoded = decodedPath(encoded)
    if (decoded === undefined || !(await this.#holds(decoded))) return undefined
    const result = await send(request, `/${encoded}`, { root: this.#root, dotfiles: 'ignore', index: false })
    return result.type === 'file' || WITHOUT_FILE.has(result.statusCode) ? result : undefined
  }

  /** Whether what is meant by the path, links followed, is a file within the folder. */
  async #holds(path: string): Promise<boolean> {
    try {
      const file = await realpath(join(this.#root, path))
      return file.startsWith(this.#root + sep) && (await stat(file)).isFile()
    } catch (error) {
      if (ABSENT.has(codeOf(error) ?? '')) return false
      throw error
    }
  }
}

/** Answers about a file that do not hold it: the client has it, has another one, or wants a part that is not there. */
const WITHOUT_FILE: ReadonlySet<number> = new Set([304, 412, 416])

/** What the system says of paths that lead to nothing that could be served. */
const ABSENT: ReadonlySet<string> = new Set(['ENOENT', 'ENOTDIR', 'ELOOP', 'EACCES', 'ENAMETOOLONG'])

/** Undefined for what is no path to a file that may be shown: segments that begin with a dot, other separators. */
function decodedPath(encoded: string): string | undefined {
  let path: string
  try {
    path = decodeURIComponent(encoded)
  } catch {
    return undefined
  }
  const hidden = path.split('/').some((segment) => segment.startsWith('.'))
  return hidden || /[\0\\]/.test(path) ? undefined : path
}
