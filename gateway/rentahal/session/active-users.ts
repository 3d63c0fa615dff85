import type { House, HouseMember } from './session-parts.ts'

/** Tells every sysop. */
export function tellActiveUsers({ connections }: House): void {
  const here = connections.oneOfEach(Number.POSITIVE_INFINITY).map(({ known }) => known)
  for (const member of connections.oneOfEach(Number.POSITIVE_INFINITY)) {
    if (!member.sysop) continue
    const users = here.map((user) => shownTo(member, user))
    connections.tellUser(member.guid, { type: 'active_users', users })
  }
}

/** How a user is called towards another. */
export function shownTo(
  reader: Pick<HouseMember, 'guid'>,
  user: { readonly guid: string; readonly handle: string },
): string {
  return user.guid === reader.guid ? user.guid : user.handle
}
