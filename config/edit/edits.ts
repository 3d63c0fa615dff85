/**
 * The changes that an operator makes without an editor, each as a function from what the file says to what it is to
 * say. Pure; whether the outcome is valid is checked as for any file.
 */
import type { z } from 'zod'
import type { ConfigPath } from '../config-path.ts'
import { DEFAULT_REALMS, type fileSchema } from '../schema/file-schema.ts'

/** What a file may say: nothing is filled in. */
export type WrittenConfig = Readonly<Partial<z.input<typeof fileSchema>>>

/** Works on what is written as on what is in force, where every default is filled in. */
export type ConfigEdit = (file: WrittenConfig) => WrittenConfig

/** A realm, added or in place of the one of that name; it is checked with the whole. */
export function setRealm(name: string, realm: object): ConfigEdit {
  return (file) => ({ ...file, realms: { ...realmsOf(file), [name]: realm as never } })
}

export function removeRealm(name: string): ConfigEdit {
  return (file) => {
    const { [name]: _gone, ...realms } = realmsOf(file)
    return { ...file, realms }
  }
}

/** A worker, added or in place of the one of that name. */
export function setWorker(worker: { readonly name: string }): ConfigEdit {
  return (file) => {
    const workers = file.workers ?? []
    const index = workers.findIndex(({ name }) => name === worker.name)
    return { ...file, workers: index < 0 ? [...workers, worker as never] : workers.with(index, worker as never) }
  }
}

/** Takes the worker out of the list, and its name out of every pool. */
export function removeWorker(name: string): ConfigEdit {
  return (file) => ({
    ...withRealms(file, (realm) => withoutMember(realm, name)),
    ...(file.workers !== undefined && { workers: file.workers.filter((worker) => worker.name !== name) }),
  })
}

/** A value anywhere; undefined takes it out. */
export function setAt(path: ConfigPath, value: unknown): ConfigEdit {
  return (file) => {
    const whole = path[0] === 'realms' && path.length > 1 ? { ...file, realms: realmsOf(file) } : file
    return putAt(whole, path, value) as WrittenConfig
  }
}

type Realms = NonNullable<WrittenConfig['realms']>

/** A file that names realms has no others: what stood there without a word is written down first. */
function realmsOf({ realms }: WrittenConfig): Realms {
  return realms ?? structuredClone<Realms>(DEFAULT_REALMS as Realms)
}

function withRealms(file: WrittenConfig, edit: (realm: Realms[string]) => Realms[string]): WrittenConfig {
  if (file.realms === undefined) return file
  return {
    ...file,
    realms: Object.fromEntries(Object.entries(file.realms).map(([name, realm]) => [name, edit(realm)])),
  }
}

function withoutMember(realm: Realms[string], worker: string): Realms[string] {
  if (realm.pools === undefined) return realm
  const pools = Object.entries(realm.pools).map(([name, pool]) => {
    const members = pool.members?.filter((member) => member !== worker)
    return [name, members === undefined ? pool : { ...pool, members }] as const
  })
  return { ...realm, pools: Object.fromEntries(pools) }
}

function putAt(around: unknown, [head, ...tail]: ConfigPath, value: unknown): unknown {
  if (head === undefined) return value
  if (Array.isArray(around) && /^\d+$/.test(String(head))) {
    const items: readonly unknown[] = around
    const index = Number(head)
    if (tail.length === 0 && value === undefined) return items.filter((_, i) => i !== index)
    if (index >= items.length) return [...items, putAt(undefined, tail, value)]
    return items.with(index, putAt(items[index], tail, value))
  }
  const map = typeof around === 'object' && around !== null && !Array.isArray(around) ? around : {}
  const { [head]: old, ...others } = map as Record<string | number, unknown>
  const put = putAt(old, tail, value)
  // In its old place among the others.
  if (put !== undefined) return { ...map, [head]: put }
  return others
}
