import Foundation
import ServiceTesting
import Testing

@testable import ECSTransformer

@Suite("Places and domains")
struct EnrichmentTests {
    @Test(
        "A host name is taken apart by the public suffix list",
        arguments: [
            ("www.shop.example.co.uk", "example.co.uk", "www.shop", "co.uk"),
            ("Example.COM", "example.com", nil, "com"),
            ("co.uk", nil, nil, nil),
            ("host", nil, nil, nil),
            ("192.0.2.1", nil, nil, nil),
        ] as [(String, String?, String?, String?)])
    func domains(name: String, registered: String?, subdomain: String?, topLevel: String?) throws {
        let event = try map("dns", #""dns":{"type":"query","id":1,"rrname":"\#(name)","rrtype":"A"}"#)
        #expect(event["dns.question.registered_domain"] == registered)
        #expect(event["dns.question.subdomain"] == subdomain)
        #expect(event["dns.question.top_level_domain"] == topLevel)
    }

    @Test("An address that the databases know has a place, also as client or server")
    func places() throws {
        let folder = try TemporaryDirectory("places")
        let city = folder.file("city.mmdb")
        try MaxMindWriter.database(
            prefix: [203, 0, 113],
            value: .map([
                ("city", .map([("names", .map([("en", .text("Sankt \"Ort\""))]))])),
                ("location", .map([("latitude", .number(48.25)), ("longitude", .number(11))])),
            ])
        ).write(to: URL(fileURLWithPath: city))
        var settings = MappingSettings()
        settings.geoIPCityFile = city
        settings.geoIPASNFile = folder.file("absent.mmdb")

        var mapper = LineMapper(settings)
        #expect(mapper.refreshGeoIP().count == 2)
        let line =
            #"{"timestamp":"2026-02-01T10:00:00.000000+0000","event_type":"tls","src_ip":"10.0.0.1","src_port":1,"#
            + #""dest_ip":"203.0.113.7","dest_port":443,"proto":"TCP","tls":{}}"#
        guard case .event(let event, _)? = try mapParts(Array(line.utf8), &mapper).first else {
            return _ = Issue.record("the line is an event")
        }
        for end in ["destination", "server"] {
            #expect(event["\(end).geo.city_name"] == #"Sankt "Ort""#)
            #expect(event["\(end).geo.location.lat"] == "48.25")
            #expect(event["\(end).geo.location.lon"] == "11.0")
        }
        #expect(event["source.geo.city_name"] == nil)
        #expect(event["destination.as.number"] == nil)
    }
}
