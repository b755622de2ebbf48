// A whole Bluesky on this machine: accounts' server (PDS), index (AppView) and what they need, on free ports.
import { TestNetwork } from '@atproto/dev-env'

const schema = 'bluesky'
const network = await TestNetwork.create({
  dbPostgresSchema: schema,
  pds: { hostname: 'localhost', enableDidDocWithSession: true },
  bsky: { dbPostgresSchema: schema },
})
console.log(JSON.stringify({ pds: network.pds.url, appview: network.bsky.url }))
