import type { Link } from '../../protocols/query/link.ts'
import { FakeStream } from './fake-stream.ts'

/** A link in the test's hands: open, direct, with a stream for each lane, unless told otherwise. */
export function fakeLink(peer: string, fields: Partial<Link> = {}): Link {
  return {
    peer,
    path: { kind: 'direct', over: 'tcp' },
    rttMs: undefined,
    limits: undefined,
    isOpen: true,
    openLane: async () => new FakeStream().stream,
    doubt: () => {},
    ...fields,
  }
}
