/** A port of the router, opened by UPnP where the owner wants that and did not forward one. */
import { type UPnPNAT, uPnPNAT } from '@libp2p/upnp-nat'

type Create = ReturnType<typeof uPnPNAT>

/**
 * A service of libp2p; without `wanted` one that does nothing. What a router promises is taken for true at once:
 * whether others come that way is found out by asking them (discovery/reach), and libp2p's AutoNAT, which it would wait
 * for, needs eight peers of eight networks.
 */
export function portMapping(wanted: boolean): Create | (() => Partial<UPnPNAT>) {
  return wanted ? uPnPNAT({ portMappingDescription: 'realmesh', autoConfirmAddress: true }) : () => ({})
}
