import JSON

// Who opened the connection and who answered, as far as the event tells.
extension EventMapping {
    /// Gives `client.*` and `server.*` what is known of the ends by now, when the event belongs to a connection.
    mutating func mapClientAndServer() {
        guard document.has(.sourceIP), document.has(.destinationIP), members[.transport] != nil else { return }
        copy(Self.endFields)
        if geoIP != nil { copy(Self.placeFields) }
    }

    private typealias EndField = (source: ECSField, destination: ECSField, client: ECSField, server: ECSField)

    private mutating func copy(_ fields: [EndField]) {
        for field in fields {
            document.copy(sourceIsServer ? field.destination : field.source, to: field.client)
            document.copy(sourceIsServer ? field.source : field.destination, to: field.server)
        }
    }

    private static let endFields: [EndField] = [
        (.sourceAddress, .destinationAddress, .clientAddress, .serverAddress),
        (.sourceBytes, .destinationBytes, .clientBytes, .serverBytes),
        (.sourceDomain, .destinationDomain, .clientDomain, .serverDomain),
        (.sourceIP, .destinationIP, .clientIP, .serverIP),
        (.sourceMAC, .destinationMAC, .clientMAC, .serverMAC),
        (.sourcePackets, .destinationPackets, .clientPackets, .serverPackets),
        (.sourcePort, .destinationPort, .clientPort, .serverPort),
    ]

    /// What only a database of addresses tells.
    private static let placeFields: [EndField] = [
        (.sourceASNumber, .destinationASNumber, .clientASNumber, .serverASNumber),
        (
            .sourceASOrganizationName, .destinationASOrganizationName, .clientASOrganizationName,
            .serverASOrganizationName
        ),
        (.sourceGeoCityName, .destinationGeoCityName, .clientGeoCityName, .serverGeoCityName),
        (.sourceGeoContinentCode, .destinationGeoContinentCode, .clientGeoContinentCode, .serverGeoContinentCode),
        (.sourceGeoContinentName, .destinationGeoContinentName, .clientGeoContinentName, .serverGeoContinentName),
        (.sourceGeoCountryISOCode, .destinationGeoCountryISOCode, .clientGeoCountryISOCode, .serverGeoCountryISOCode),
        (.sourceGeoCountryName, .destinationGeoCountryName, .clientGeoCountryName, .serverGeoCountryName),
        (.sourceGeoLocation, .destinationGeoLocation, .clientGeoLocation, .serverGeoLocation),
        (.sourceGeoPostalCode, .destinationGeoPostalCode, .clientGeoPostalCode, .serverGeoPostalCode),
        (.sourceGeoRegionISOCode, .destinationGeoRegionISOCode, .clientGeoRegionISOCode, .serverGeoRegionISOCode),
        (.sourceGeoRegionName, .destinationGeoRegionName, .clientGeoRegionName, .serverGeoRegionName),
        (.sourceGeoTimezone, .destinationGeoTimezone, .clientGeoTimezone, .serverGeoTimezone),
    ]

    /// Names the end that serves: the host that a client asked for.
    mutating func setServerDomain(_ name: EncodedText) {
        document.set(sourceIsServer ? .sourceDomain : .destinationDomain, name)
        document.append(.relatedHosts, name)
    }

    /// Whether the event runs from the server to the client, by what the event itself says; nil when it says nothing.
    func isToClient() -> Bool? {
        if let direction = members[.direction] {
            if direction.isEqual(to: "to_client") { return true }
            if direction.isEqual(to: "to_server") { return false }
        }
        guard let flow = event?["flow"], let initiator = Self.string(flow["src_ip"]),
            let source = Self.string(members[.sourceIP]), let destination = Self.string(members[.destinationIP])
        else { return nil }
        if source.isEqual(to: destination) {
            return Self.number(flow["src_port"]) != Self.number(members[.sourcePort])
        }
        return initiator.isEqual(to: destination)
    }
}
