import JSON
import Networks

// Addresses of IP and of Ethernet.
extension EventMapping {
    /// The addresses of source and destination.
    typealias Addresses = (source: IPAddress, destination: IPAddress)

    /// Maps the addresses of source and destination, and what follows from them: the version of IP, the direction and the
    /// places.
    /// - Returns: the addresses, if both are there.
    @discardableResult
    mutating func mapAddresses(_ sourceNode: JSONNode?, _ destinationNode: JSONNode?) -> Addresses? {
        let source = mapAddress(sourceNode, .sourceAddress, .sourceIP)
        let destination = mapAddress(destinationNode, .destinationAddress, .destinationIP)
        if let source { mapGeo(of: source, .source) }
        if let destination { mapGeo(of: destination, .destination) }
        if let one = source ?? destination { document.set(.networkType, one.isIPv4 ? "ipv4" : "ipv6") }
        guard let source, let destination else { return nil }
        document.set(.networkDirection, enrichment.direction(from: source, to: destination))
        return (source, destination)
    }

    private mutating func mapAddress(_ node: JSONNode?, _ address: ECSField, _ ip: ECSField) -> IPAddress? {
        guard let text = node?.encodedString else { return nil }
        document.set(address, text)
        guard let parsed = IPAddress(text) else { return nil }
        document.set(ip, text)
        document.append(.relatedIP, text, parsed)
        return parsed
    }

    /// Adds an address, or each of an array, to `related.ip`, unless it means none (`0.0.0.0`).
    mutating func appendAddress(_ node: JSONNode?) {
        guard let node else { return }
        if let text = node.encodedString { appendAddress(text) }
        for element in node.elements { if let text = element.encodedString { appendAddress(text) } }
    }

    /// Adds an address to `related.ip`, unless it means none (`0.0.0.0`).
    mutating func appendAddress(_ text: EncodedText) {
        if let address = IPAddress(text), !address.isUnspecified { document.append(.relatedIP, text, address) }
    }

    /// Maps the addresses for which a proxy says that it speaks, the first one to `network.forwarded_ip`. The list is the
    /// word of the client or the proxy.
    mutating func mapForwardedAddresses(_ node: JSONNode?) {
        guard var rest = node?.encodedString else { return }
        while !rest.isEmpty {
            let end = rest.firstIndex(of: ",") ?? rest.count
            let text = rest.part(from: 0, to: end).trimmed
            if let address = IPAddress(text) {
                document.set(.networkForwardedIP, text)
                document.append(.relatedIP, text, address)
            }
            rest = rest.part(from: min(end + 1, rest.count))
        }
    }

    /// Writes a MAC address as ECS wants it: `00-1B-17-00-01-18`.
    mutating func mapMAC(_ node: JSONNode?, _ field: ECSField) {
        guard let text = node?.encodedString, text.count == 17 else { return }
        let copy = document.arena.allocate(17)
        for start in stride(from: 0, to: 17, by: 3) {
            for offset in start..<start + 2 {
                let byte = text.bytes[offset]
                guard JSONText.hexValue(byte) != nil else { return }
                copy[offset] = byte >= UInt8(ascii: "a") ? byte & 0xDF : byte
            }
            guard start < 15 else { break }
            let separator = text.bytes[start + 2]
            guard separator == UInt8(ascii: ":") || separator == UInt8(ascii: "-") else { return }
            copy[start + 2] = UInt8(ascii: "-")
        }
        document.set(field, EncodedText(copy, count: 17))
    }
}
