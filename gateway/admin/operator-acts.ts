/** What the operator may do: with the node, and with the keys of the gateway in front of it. */
import type { NodeControl } from '../../node/api/node-control.ts'
import type { KeyUsage } from '../allowance/allowance.ts'

export interface OperatorActs extends NodeControl {
  readonly keys: KeyControl
}

/** The file of API keys; what is changed in it is in force from the next request on. */
export interface KeyControl {
  /** Throws what is wrong with the file. */
  list(): Promise<readonly ListedKey[]>
  /** In the file's form, without hash and date. Throws `BAD_REQUEST`, and what is wrong with the file. */
  add(wish: unknown): Promise<MadeKey>
  /** By the first characters, the label, or the key itself; null takes a limit away. Throws `USAGE` too. */
  change(name: string, wish: unknown): Promise<KeysReport>
  remove(name: string): Promise<KeysReport>
  /** Reads the file again. Throws what is wrong with it. */
  reload(): Promise<KeysReport>
  /** What the keys with limits have used, by the user that each makes. */
  usage(): Readonly<Record<string, KeyUsage>>
}

/** A key without its hash. */
export interface ListedKey {
  /** Its first characters. */
  readonly prefix: string
  readonly label?: string | undefined
  /** ISO 8601. */
  readonly created: string
  /** Where it has limits. */
  readonly usage?: KeyUsage
}

export interface KeysReport {
  /** How many there are. */
  readonly keys: number
  /** The file that they were read from. */
  readonly file: string
}

export interface MadeKey extends KeysReport {
  /** It is kept nowhere. */
  readonly key: string
}
