/** The federation that this node belongs to: the key that proves it, and the certificate that others see. */
import type { Ed25519PrivateKey } from '@libp2p/interface'
import type { Clock } from '../../core/run/clock.ts'
import { federationId, issueCertificate } from '../../protocols/card/federation-certificate.ts'

export interface MembershipComponents {
  readonly clock: Pick<Clock, 'wall'>
  /** What the owner calls the federation now. */
  readonly label: () => string
}

export interface MembershipInit {
  readonly network: string
  /** This node. */
  readonly peerId: string
}

export class Membership {
  readonly #components: MembershipComponents
  readonly #init: MembershipInit
  #key: Ed25519PrivateKey
  #certificate: Uint8Array

  private constructor(
    components: MembershipComponents,
    init: MembershipInit,
    held: { readonly key: Ed25519PrivateKey; readonly certificate: Uint8Array },
  ) {
    this.#components = components
    this.#init = init
    this.#key = held.key
    this.#certificate = held.certificate
  }

  /** A member by `key`. */
  static async of(key: Ed25519PrivateKey, components: MembershipComponents, init: MembershipInit): Promise<Membership> {
    return new Membership(components, init, { key, certificate: await certificateBy(key, components, init) })
  }

  get key(): Ed25519PrivateKey {
    return this.#key
  }

  /** Names the federation everywhere. */
  get id(): string {
    return federationId(this.#key.publicKey)
  }

  get label(): string {
    return this.#components.label()
  }

  get certificate(): Uint8Array {
    return this.#certificate
  }

  /** Moves into the federation of `key`. Who asks from now on meets the new one whole. */
  async adopt(key: Ed25519PrivateKey): Promise<void> {
    this.#certificate = await certificateBy(key, this.#components, this.#init)
    this.#key = key
  }
}

async function certificateBy(
  key: Ed25519PrivateKey,
  { clock, label }: MembershipComponents,
  { network, peerId }: MembershipInit,
): Promise<Uint8Array> {
  return await issueCertificate(key, { network, peerId, label: label(), now: clock.wall() })
}
