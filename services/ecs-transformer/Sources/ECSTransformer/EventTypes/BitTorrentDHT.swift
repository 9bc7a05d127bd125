import JSON

extension EventType {
    /// A message of BitTorrent's distributed hash table: a request, a response or an error.
    static let bittorrentDHT = EventType(
        name: "bittorrent_dht", types: ["protocol"], protocolName: "bittorrent-dht",
        sourceIsServer: {
            guard let message = $0["bittorrent_dht"] else { return false }
            return message["response"] != nil || message["error"] != nil
        },
        objects: ["bittorrent_dht"], rules: ["request_type": .action],
        map: { message, mapping in
            if let response = message["response"] {
                mapping.setOutcome(isSuccess: true)
                for peers in [response["values"], response["nodes"], response["nodes6"]] {
                    for peer in peers?.elements ?? message.elements { mapping.appendAddress(peer["ip"]) }
                }
            }
            if let error = message["error"] {
                mapping.setOutcome(isSuccess: false)
                mapping.setCode(error["num"], reason: error["msg"])
            }
        })
}
