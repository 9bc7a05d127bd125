import JSON

/// The columns that an event viewer searches by, as they stand in a document; valid as long as the document's bytes are.
struct EventRow {
    let eventType: JSONNode?
    let severity: Int64?
    let sourceIP: JSONNode?
    let sourcePort: Int64?
    let destinationIP: JSONNode?
    let destinationPort: Int64?
    let signature: JSONNode?

    /// Goes over the members of the document once; objects that hold no column are skipped.
    init(_ document: JSONNode) {
        var eve: JSONNode?
        var suricata: JSONNode?
        var source: JSONNode?
        var destination: JSONNode?
        for (key, value) in document.members {
            if key.isEqual(to: "suricata") {
                suricata = value
            } else if key.isEqual(to: "source") {
                source = value
            } else if key.isEqual(to: "destination") {
                destination = value
            }
        }
        eve = suricata?["eve"]
        eventType = eve?["event_type"]
        severity = suricata?["severity"]?.int64
        signature = suricata?["signature"]
        sourceIP = source?["ip"]
        sourcePort = source?["port"]?.int64
        destinationIP = destination?["ip"]
        destinationPort = destination?["port"]?.int64
    }
}
