import GeoIP

/// The fields that say where an end is and whose network it belongs to.
struct PlaceFields {
    let cityName, continentCode, continentName, countryISOCode, countryName, location: ECSField
    let postalCode, regionISOCode, regionName, timezone, systemNumber, systemOrganization: ECSField

    static let source = PlaceFields(
        cityName: .sourceGeoCityName, continentCode: .sourceGeoContinentCode,
        continentName: .sourceGeoContinentName, countryISOCode: .sourceGeoCountryISOCode,
        countryName: .sourceGeoCountryName, location: .sourceGeoLocation, postalCode: .sourceGeoPostalCode,
        regionISOCode: .sourceGeoRegionISOCode, regionName: .sourceGeoRegionName, timezone: .sourceGeoTimezone,
        systemNumber: .sourceASNumber, systemOrganization: .sourceASOrganizationName)
    static let destination = PlaceFields(
        cityName: .destinationGeoCityName, continentCode: .destinationGeoContinentCode,
        continentName: .destinationGeoContinentName, countryISOCode: .destinationGeoCountryISOCode,
        countryName: .destinationGeoCountryName, location: .destinationGeoLocation,
        postalCode: .destinationGeoPostalCode, regionISOCode: .destinationGeoRegionISOCode,
        regionName: .destinationGeoRegionName, timezone: .destinationGeoTimezone,
        systemNumber: .destinationASNumber, systemOrganization: .destinationASOrganizationName)
}

extension EventMapping {
    /// Says where the end with this address is, as far as the databases know it.
    mutating func mapPlace(of address: IPAddress, _ fields: PlaceFields) {
        guard let record = geoIP?.record(of: address.forGeoIP) else { return }
        setPlace(fields.cityName, record.cityName)
        setPlace(fields.continentCode, record.continentCode)
        setPlace(fields.continentName, record.continentName)
        setPlace(fields.countryISOCode, record.countryISOCode)
        setPlace(fields.countryName, record.countryName)
        setPlace(fields.postalCode, record.postalCode)
        setPlace(fields.regionISOCode, record.regionISOCode)
        setPlace(fields.regionName, record.regionName)
        setPlace(fields.timezone, record.timezone)
        setPlace(fields.systemOrganization, record.systemOrganization)
        if let number = record.systemNumber { document.set(fields.systemNumber, integer: Int64(number)) }
        if let json = record.locationJSON { document.set(fields.location, json: document.copy(of: json)) }
    }

    private mutating func setPlace(_ field: ECSField, _ text: [UInt8]?) {
        if let text { document.set(field, document.encoded(document.copy(of: text))) }
    }
}

extension IPAddress {
    /// The address as the databases are asked for it.
    fileprivate var forGeoIP: GeoIPAddress { GeoIPAddress(high: high, low: low) }
}
