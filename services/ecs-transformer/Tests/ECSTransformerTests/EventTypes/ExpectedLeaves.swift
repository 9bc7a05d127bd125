import JSON
import Testing

@testable import ECSTransformer

/// Expects a line to become a document with just these ECS fields, beside what any event between two ends has; and an
/// alert that holds the same objects to have the same fields, but for what tells of the event itself.
///
/// - Parameters:
///   - sourceIsServer: which of the ends `client.*` and `server.*` are expected to be.
///   - fields: everything else, arrays as JSON.
func expectLeaves(
    of line: String, sourceIsServer: Bool = false, _ fields: KeyValuePairs<String, String>,
    sourceLocation: SourceLocation = #_sourceLocation
) throws {
    let event = try map(line)
    var expected = Dictionary(uniqueKeysWithValues: fields.map { ($0.key, $0.value) })
    expected.merge(try ends(of: line, event, sourceIsServer: sourceIsServer)) { stated, _ in stated }
    let found = event.fields.filter { !isLeftToOtherTests($0.key) }
    for path in Set(expected.keys).union(found.keys).sorted() {
        #expect(found[path] == expected[path], "\(path)", sourceLocation: sourceLocation)
    }
    if !line.contains(#""alert":"#) {
        try expectSameInAlert(line, expected, sourceIsServer: sourceIsServer, sourceLocation: sourceLocation)
    }
}

private func expectSameInAlert(
    _ line: String, _ expected: [String: String], sourceIsServer: Bool, sourceLocation: SourceLocation
) throws {
    let direction = sourceIsServer ? "to_client" : "to_server"
    let members =
        #""event_type":"alert","direction":"\#(direction)","alert":{"signature":"s","severity":1},"former_type":"#
    let alert = try map(line.replacing(#""event_type":"#, with: members))
    for (path, value) in expected
    where !path.hasPrefix("event.") && path != "network.protocol" && path != "network.application"
        && path != "observer.type"
    {
        #expect(elements(alert[path]) == elements(value), "\(path) in an alert", sourceLocation: sourceLocation)
    }
    expect(
        alert,
        [
            "event.kind": "alert", "event.category": #"["network","intrusion_detection"]"#,
            "event.type": #"["allowed"]"#, "event.action": "suricata_alert", "event.outcome": nil, "event.code": nil,
        ], sourceLocation: sourceLocation)
}

/// The elements of an array of texts in any order; another value as the only one.
private func elements(_ value: String?) -> Set<String>? {
    guard let value else { return nil }
    guard value.hasPrefix("["), !value.contains("{") else { return [value] }
    return Set(value.dropFirst().dropLast().split(separator: ",").map(String.init))
}

/// What follows from a line's ends and its transport, and what is the same in all documents.
private func ends(of line: String, _ event: MappedEvent, sourceIsServer: Bool) throws -> [String: String] {
    var fields = [
        "@timestamp": "2026-02-01T12:34:56.123456Z", "ecs.version": "8.17.0", "event.module": "suricata",
        "event.dataset": "suricata.eve", "observer.vendor": "OISF", "observer.product": "Suricata",
    ]
    var line = line
    var tree = JSONTree()
    try line.withUTF8 { bytes in
        let root = try tree.parse(UnsafeRawBufferPointer(bytes))
        let roles = sourceIsServer ? ("server", "client") : ("client", "server")
        let members = [
            ("source", roles.0, root["src_ip"], root["src_port"]),
            ("destination", roles.1, root["dest_ip"], root["dest_port"]),
        ]
        for (end, role, address, port) in members {
            // An event without transport is not part of a connection, so that its ends have no roles.
            for name in root["proto"] == nil ? [end] : [end, role] {
                fields["\(name).ip"] = address?.string ?? event["\(end).ip"]
                fields["\(name).address"] = fields["\(name).ip"]
                fields["\(name).port"] = port?.int64.map(String.init)
            }
        }
        if let transport = root["proto"]?.string {
            fields["network.transport"] = transport.lowercased()
            fields["network.iana_number"] = ["TCP": "6", "UDP": "17"][transport]
        }
        if let address = fields["source.ip"] { fields["network.type"] = address.contains(":") ? "ipv6" : "ipv4" }
    }
    return fields
}

/// Whether a field follows from others, by rules that have tests of their own.
private func isLeftToOtherTests(_ path: String) -> Bool {
    path == "suricata.eve" || path == "network.community_id" || path.hasSuffix(".registered_domain")
        || path.hasSuffix(".top_level_domain") || path.hasSuffix(".subdomain") || path.contains(".geo.")
        || path.contains(".as.") || path.hasPrefix("user_agent.") && path != "user_agent.original"
}
