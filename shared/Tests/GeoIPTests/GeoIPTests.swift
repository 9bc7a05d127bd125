import Foundation
import Networks
import ServiceTesting
import Testing

@testable import GeoIP

@Suite("GeoIP")
final class GeoIPTests {
    private let folder = FileManager.default.temporaryDirectory.appending(path: "geoip-\(UUID().uuidString)")
    private var cityFile: String { folder.appending(path: "city.mmdb").path() }
    private var asnFile: String { folder.appending(path: "asn.mmdb").path() }

    init() throws {
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(at: folder) }

    private func address(_ bytes: UInt8...) throws -> IPAddress {
        try #require(bytes.withUnsafeBytes { IPAddress(bytes: $0) })
    }

    private func put(_ database: Data, at path: String) throws {
        try database.write(to: URL(filePath: path), options: .atomic)
    }

    private func city(_ name: String) -> Data {
        MaxMindWriter.database(
            prefix: [203, 0, 113],
            value: .map([
                ("city", .map([("names", .map([("en", .text(name))]))])),
                ("country", .map([("iso_code", .text("DE")), ("names", .map([("en", .text("Germany"))]))])),
                ("location", .map([("latitude", .number(52.5)), ("longitude", .number(-13.25))])),
                ("subdivisions", .list([.map([("iso_code", .text("BE"))])])),
            ]))
    }

    private func system(_ number: UInt32) -> Data {
        MaxMindWriter.database(
            prefix: [203, 0, 113],
            value: .map([
                ("autonomous_system_number", .count(number)),
                ("autonomous_system_organization", .text("Example Networks of a long name, Ltd")),
            ]))
    }

    @Test("Both databases answer for an address inside, none for one outside")
    func lookUp() throws {
        try put(city("Berlin"), at: cityFile)
        try put(system(64_496), at: asnFile)
        let geoIP = GeoIP(cityFile: cityFile, asnFile: asnFile)
        #expect(geoIP.refresh() == [.opened(path: cityFile), .opened(path: asnFile)])
        #expect(geoIP.refresh() == [])

        let record = try #require(geoIP.record(of: try address(203, 0, 113, 9)))
        #expect(record.cityName == Array("Berlin".utf8))
        #expect(record.countryISOCode == Array("DE".utf8))
        #expect(record.regionISOCode == Array("DE-BE".utf8))
        #expect(record.continentName == nil)
        #expect(record.location?.latitude == 52.5)
        #expect(record.location?.longitude == -13.25)
        #expect(record.systemNumber == 64_496)
        #expect(record.systemOrganization == Array("Example Networks of a long name, Ltd".utf8))
        #expect(geoIP.record(of: try address(198, 51, 100, 1)) == nil)
        #expect(geoIP.record(of: try address(0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1)) == nil)
    }

    @Test("A file that comes, breaks and is mended is noticed, each change once")
    func reload() throws {
        let geoIP = GeoIP(cityFile: cityFile, asnFile: nil)
        let inside = try address(203, 0, 113, 9)
        guard case .failed(let absent)? = geoIP.refresh().first else {
            return _ = Issue.record("an absent file is a failure")
        }
        #expect(absent.description.hasPrefix(cityFile))
        #expect(geoIP.refresh() == [])
        #expect(geoIP.record(of: inside) == nil)

        try put(city("Berlin"), at: cityFile)
        #expect(geoIP.refresh() == [.opened(path: cityFile)])
        #expect(geoIP.record(of: inside)?.cityName == Array("Berlin".utf8))

        try put(Data("no database".utf8), at: cityFile)
        guard case .failed? = geoIP.refresh().first else { return _ = Issue.record("a broken file is a failure") }
        #expect(geoIP.record(of: inside) == nil)

        try put(city("Potsdam"), at: cityFile)
        #expect(geoIP.refresh() == [.opened(path: cityFile)])
        #expect(geoIP.record(of: inside)?.cityName == Array("Potsdam".utf8))
    }

    @Test("More addresses than the cache holds are all answered")
    func bounded() throws {
        try put(system(64_497), at: asnFile)
        let geoIP = GeoIP(cityFile: nil, asnFile: asnFile, addressesCachedMax: 8)
        _ = geoIP.refresh()
        for _ in 0..<3 {
            for last in 0..<100 {
                #expect(geoIP.record(of: try address(203, 0, 113, UInt8(last)))?.systemNumber == 64_497)
            }
        }
    }
}
