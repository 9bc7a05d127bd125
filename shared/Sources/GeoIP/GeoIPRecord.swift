import JSON
import Networks

/// What the databases know of an address, each part as UTF-8 text where it is text.
///
/// The parts are those that ECS has fields for (`geo.*`, `as.*`). Immutable, and shared by all who look it up.
public final class GeoIPRecord: Sendable {
    /// English name of the city.
    public let cityName: [UInt8]?
    /// English name of the continent.
    public let continentName: [UInt8]?
    /// Two letters: AF, AN, AS, EU, NA, OC, SA.
    public let continentCode: [UInt8]?
    /// English name of the country.
    public let countryName: [UInt8]?
    /// ISO 3166-1, two letters.
    public let countryISOCode: [UInt8]?
    /// English name of the largest subdivision of the country.
    public let regionName: [UInt8]?
    /// ISO 3166-2, as `GB-ENG`.
    public let regionISOCode: [UInt8]?
    /// Postal code.
    public let postalCode: [UInt8]?
    /// Time zone by its IANA name.
    public let timezone: [UInt8]?
    /// Degrees, north and east positive.
    public let location: (latitude: Double, longitude: Double)?
    /// The location as JSON, `{"lat":52.5,"lon":-13.25}`; nil where it is not on Earth.
    public let locationJSON: [UInt8]?
    /// Number of the autonomous system.
    public let systemNumber: UInt32?
    /// The organization that runs the autonomous system.
    public let systemOrganization: [UInt8]?

    /// Looks the address up in the databases that are open; nil when none of them has it.
    init?(of address: IPAddress, city: MaxMindFile?, system: MaxMindFile?) {
        let place = city?.entry(of: address)
        let network = system?.entry(of: address)
        guard place != nil || network != nil else { return nil }

        cityName = place.flatMap { MaxMindFile.value(of: $0, at: "city", "names", "en")?.text }
        continentName = place.flatMap { MaxMindFile.value(of: $0, at: "continent", "names", "en")?.text }
        continentCode = place.flatMap { MaxMindFile.value(of: $0, at: "continent", "code")?.text }
        countryName = place.flatMap { MaxMindFile.value(of: $0, at: "country", "names", "en")?.text }
        let country = place.flatMap { MaxMindFile.value(of: $0, at: "country", "iso_code")?.text }
        countryISOCode = country
        regionName = place.flatMap { MaxMindFile.value(of: $0, at: "subdivisions", "0", "names", "en")?.text }
        let region = place.flatMap { MaxMindFile.value(of: $0, at: "subdivisions", "0", "iso_code")?.text }
        regionISOCode = country.flatMap { country in region.map { country + [UInt8(ascii: "-")] + $0 } }
        postalCode = place.flatMap { MaxMindFile.value(of: $0, at: "postal", "code")?.text }
        timezone = place.flatMap { MaxMindFile.value(of: $0, at: "location", "time_zone")?.text }
        let latitude = place.flatMap { MaxMindFile.value(of: $0, at: "location", "latitude")?.number }
        let longitude = place.flatMap { MaxMindFile.value(of: $0, at: "location", "longitude")?.number }
        let location = latitude.flatMap { latitude in longitude.map { (latitude, $0) } }
        self.location = location
        // Made here, once for each address that is remembered: writing numbers takes long.
        locationJSON = location.flatMap { latitude, longitude in
            guard abs(latitude) <= 90, abs(longitude) <= 180 else { return nil }
            return JSONWriter.object {
                $0.member("lat", latitude); $0.member("lon", longitude)
            }
        }
        systemNumber = network.flatMap { MaxMindFile.value(of: $0, at: "autonomous_system_number")?.count }
        systemOrganization = network.flatMap {
            MaxMindFile.value(of: $0, at: "autonomous_system_organization")?.text
        }
    }
}
