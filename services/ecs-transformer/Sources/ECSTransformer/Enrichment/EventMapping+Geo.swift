import Networks

/// The fields that say where an address is and whose network it belongs to.
struct GeoFields {
    let cityName, continentCode, continentName, countryISOCode, countryName, location: ECSField
    let postalCode, regionISOCode, regionName, timezone, systemNumber, systemOrganization: ECSField

    static let source = GeoFields(
        cityName: .sourceGeoCityName, continentCode: .sourceGeoContinentCode,
        continentName: .sourceGeoContinentName, countryISOCode: .sourceGeoCountryISOCode,
        countryName: .sourceGeoCountryName, location: .sourceGeoLocation, postalCode: .sourceGeoPostalCode,
        regionISOCode: .sourceGeoRegionISOCode, regionName: .sourceGeoRegionName, timezone: .sourceGeoTimezone,
        systemNumber: .sourceASNumber, systemOrganization: .sourceASOrganizationName)
    static let destination = GeoFields(
        cityName: .destinationGeoCityName, continentCode: .destinationGeoContinentCode,
        continentName: .destinationGeoContinentName, countryISOCode: .destinationGeoCountryISOCode,
        countryName: .destinationGeoCountryName, location: .destinationGeoLocation,
        postalCode: .destinationGeoPostalCode, regionISOCode: .destinationGeoRegionISOCode,
        regionName: .destinationGeoRegionName, timezone: .destinationGeoTimezone,
        systemNumber: .destinationASNumber, systemOrganization: .destinationASOrganizationName)
}

extension EventMapping {
    /// Maps where an address is, as far as the databases know it.
    mutating func mapGeo(of address: IPAddress, _ fields: GeoFields) {
        guard let record = enrichment.geoRecord(of: address) else { return }
        set(fields.cityName, record.cityName)
        set(fields.continentCode, record.continentCode)
        set(fields.continentName, record.continentName)
        set(fields.countryISOCode, record.countryISOCode)
        set(fields.countryName, record.countryName)
        set(fields.postalCode, record.postalCode)
        set(fields.regionISOCode, record.regionISOCode)
        set(fields.regionName, record.regionName)
        set(fields.timezone, record.timezone)
        set(fields.systemOrganization, record.systemOrganization)
        if let number = record.systemNumber { document.set(fields.systemNumber, integer: Int64(number)) }
        if let json = record.locationJSON { document.set(fields.location, json: document.copy(of: json)) }
    }

    private mutating func set(_ field: ECSField, _ text: [UInt8]?) {
        if let text { document.set(field, document.encoded(document.copy(of: text))) }
    }
}
