// Which of source and destination is the client, and which the server.
extension EventMapping {
    /// Gives `client.*` and `server.*` what is known of source and destination by now, if the event belongs to a
    /// connection.
    mutating func mapClientAndServer() {
        guard document.has(.sourceIP), document.has(.destinationIP), event[.transport] != nil else { return }
        copy(Self.fields)
        if enrichment.hasGeoIP { copy(Self.geoFields) }
    }

    /// Sets the domain of the server: the host that a client asked for.
    mutating func setServerDomain(_ name: EncodedText) {
        document.set(sourceIsServer ? .sourceDomain : .destinationDomain, name)
        document.append(.relatedHosts, name)
    }

    /// Sets the domain of the client.
    mutating func setClientDomain(_ name: EncodedText) {
        document.set(sourceIsServer ? .destinationDomain : .sourceDomain, name)
        document.append(.relatedHosts, name)
    }

    private typealias Fields = (source: ECSField, destination: ECSField, client: ECSField, server: ECSField)

    private mutating func copy(_ fields: [Fields]) {
        for field in fields {
            document.copy(sourceIsServer ? field.destination : field.source, to: field.client)
            document.copy(sourceIsServer ? field.source : field.destination, to: field.server)
        }
    }

    private static let fields: [Fields] = [
        (.sourceAddress, .destinationAddress, .clientAddress, .serverAddress),
        (.sourceBytes, .destinationBytes, .clientBytes, .serverBytes),
        (.sourceDomain, .destinationDomain, .clientDomain, .serverDomain),
        (.sourceIP, .destinationIP, .clientIP, .serverIP),
        (.sourceMAC, .destinationMAC, .clientMAC, .serverMAC),
        (.sourcePackets, .destinationPackets, .clientPackets, .serverPackets),
        (.sourcePort, .destinationPort, .clientPort, .serverPort),
    ]

    /// Those that only a database of addresses sets.
    private static let geoFields: [Fields] = [
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
}
