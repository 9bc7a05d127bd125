import Testing

@testable import ECSTransformer

@Suite("Community ids")
struct CommunityIDTests {
    /// From the specification's baseline; and for what that has no example of, what its reference implementation gives
    /// (the Python package communityid 1.5.0).
    @Test(
        "Published ids, with the seeds 0 and 1, and from both sides",
        arguments: [
            (
                #""proto":"TCP","src_ip":"128.232.110.120","src_port":34855,"dest_ip":"66.35.250.204","dest_port":80"#,
                "1:LQU9qZlK+B5F3KDmev6m5PMibrg=", "1:3V71V58M3Ksw/yuFALMcW0LAHvc="
            ),
            (
                #""proto":"TCP","src_ip":"66.35.250.204","src_port":80,"dest_ip":"128.232.110.120","dest_port":34855"#,
                "1:LQU9qZlK+B5F3KDmev6m5PMibrg=", "1:3V71V58M3Ksw/yuFALMcW0LAHvc="
            ),
            (
                #""proto":"UDP","src_ip":"192.168.1.52","src_port":54585,"dest_ip":"8.8.8.8","dest_port":53"#,
                "1:d/FP5EW3wiY1vCndhwleRRKHowQ=", "1:Q9We8WO3piVF8yEQBNJF4uiSVrI="
            ),
            (
                #""proto":"SCTP","src_ip":"192.168.170.8","src_port":7,"dest_ip":"192.168.170.56","dest_port":80"#,
                "1:jQgCxbku+pNGw8WPbEc/TS/uTpQ=", "1:Y1/0jQg6e+I3ZwZZ9LP65DNbTXU="
            ),
            (
                #""proto":"ICMP","src_ip":"192.168.0.89","dest_ip":"192.168.0.1","icmp_type":8,"icmp_code":0"#,
                "1:X0snYXpgwiv9TZtqg64sgzUn6Dk=", "1:03g6IloqVBdcZlPyX8r0hgoE7kA="
            ),
            (
                #""proto":"ICMP","src_ip":"192.168.0.1","dest_ip":"192.168.0.89","icmp_type":0,"icmp_code":0"#,
                "1:X0snYXpgwiv9TZtqg64sgzUn6Dk=", "1:03g6IloqVBdcZlPyX8r0hgoE7kA="
            ),
            // Types that nothing answers are connections of their own, told apart also by the code.
            (
                #""proto":"ICMP","src_ip":"192.168.0.89","dest_ip":"192.168.0.1","icmp_type":20,"icmp_code":0"#,
                "1:3o2RFccXzUgjl7zDpqmY7yJi8rI=", "1:lCXHHxavE1Vq3oX9NH5ladQg02o="
            ),
            (
                #""proto":"ICMP","src_ip":"192.168.0.89","dest_ip":"192.168.0.1","icmp_type":20,"icmp_code":1"#,
                "1:tz/fHIDUHs19NkixVVoOZywde+I=", "1:Ie3wmFyxiEyikbsbcO03d2nh+PM="
            ),
            (
                #""proto":"IPv6-ICMP","src_ip":"fe80::200:86ff:fe05:80da","dest_ip":"fe80::260:97ff:fe07:69ea","#
                    + #""icmp_type":135,"icmp_code":0"#,
                "1:dGHyGvjMfljg6Bppwm3bg0LO8TY=", "1:kHa1FhMYIT6Ym2Vm2AOtoOARDzY="
            ),
            (
                #""proto":"IPv6-ICMP","src_ip":"fe80::260:97ff:fe07:69ea","dest_ip":"fe80::200:86ff:fe05:80da","#
                    + #""icmp_type":136,"icmp_code":0"#,
                "1:dGHyGvjMfljg6Bppwm3bg0LO8TY=", "1:kHa1FhMYIT6Ym2Vm2AOtoOARDzY="
            ),
            (
                #""proto":"IPv6-ICMP","src_ip":"3ffe:507:0:1:260:97ff:fe07:69ea","#
                    + #""dest_ip":"3ffe:507:0:1:200:86ff:fe05:80da","icmp_type":3,"icmp_code":0"#,
                "1:NdobDX8PQNJbAyfkWxhtL2Pqp5w=", "1:OlOWx9psIbBFi7lOCw/4MhlKR9M="
            ),
            (
                #""proto":"RSVP","src_ip":"10.1.24.4","dest_ip":"10.1.12.1""#, "1:/nQI4Rh/TtY3mf0R2gJFBkVlgS4=",
                "1:BK3BVW3U2eemuwVQVN3zd/GULno="
            ),
            (
                #""proto":"TCP","src_ip":"127.0.0.1","src_port":3372,"dest_ip":"127.0.0.1","dest_port":80"#,
                "1:54cxn/zXp+C4qXXdxnc8uRUpIzU=", "1:d+CGlwqL3rTrREezy5R5IMh2U5c="
            ),
        ])
    func published(_ members: String, _ unseeded: String, _ seeded: String) throws {
        #expect(try id(of: members) == unseeded)
        var settings = MappingSettings()
        settings.communityIDSeed = 1
        #expect(try id(of: members, settings) == seeded)
    }

    private static let connection =
        #""proto":"TCP","src_ip":"128.232.110.120","src_port":34855,"dest_ip":"66.35.250.204","dest_port":80"#

    @Test("An id that the event has is kept")
    func kept() throws {
        let given = "1:AAAAAAAAAAAAAAAAAAAAAAAAAAA="
        #expect(try id(of: Self.connection + #","community_id":"\#(given)""#) == given)
    }

    @Test(
        "What is no id stays in the event only",
        arguments: [
            #""""#, #""1:LQU9qZlK+B5F3KDmev6m5PMibrg""#, #""2:AAAAAAAAAAAAAAAAAAAAAAAAAAA=""#,
            #""1:AAAAAAAAAAAAAAAAAAAAAAAAA-A=""#, #""1:AAAAAAAAAAAAAAAAAAAAAAAAAAAA""#, "7", "null",
        ])
    func malformed(_ given: String) throws {
        let event = try map(
            #"{"timestamp":"2026-02-01T12:34:56.123456+0000",\#(Self.connection),"community_id":\#(given)}"#)
        #expect(event["network.community_id"] == "1:LQU9qZlK+B5F3KDmev6m5PMibrg=")
        #expect(event.eve.contains(#""community_id":\#(given)"#))
    }

    @Test(
        "Too little is known for an id",
        arguments: [
            #""proto":"TCP","src_ip":"10.0.0.1","dest_ip":"10.0.0.2""#,
            #""proto":"TCP","src_ip":"10.0.0.1","src_port":1,"dest_ip":"10.0.0.2","dest_port":65536"#,
            #""proto":"TCP","src_ip":"10.0.0.1","src_port":1,"dest_ip":"::1","dest_port":2"#,
            #""proto":"ICMP","src_ip":"10.0.0.1","dest_ip":"10.0.0.2""#,
            #""proto":"unheard-of","src_ip":"10.0.0.1","dest_ip":"10.0.0.2""#,
            #""src_ip":"10.0.0.1","dest_ip":"10.0.0.2""#, #""proto":"GRE","src_ip":"10.0.0.1""#,
        ])
    func unknown(_ members: String) throws { #expect(try id(of: members) == nil) }

    @Test(
        "Protocols by name, and by the three digits that stand for one without a name",
        arguments: [
            ("GRE", "gre", "47", "1:+KlEHDT0vJgzs/eNmzHq0aSpRYw="),
            ("047", "047", "47", "1:+KlEHDT0vJgzs/eNmzHq0aSpRYw="),
            ("gre", "gre", "47", "1:+KlEHDT0vJgzs/eNmzHq0aSpRYw="), ("UDPLite", "udplite", "136", nil),
            ("IP-in-IP", "ip-in-ip", "4", nil), ("256", "256", nil, nil), ("Elsewhere", "elsewhere", nil, nil),
        ] as [(String, String, String?, String?)])
    func transports(_ name: String, _ transport: String, _ number: String?, _ expected: String?) throws {
        let event = try map(
            #"{"timestamp":"2026-02-01T12:34:56.123456+0000","proto":"\#(name)","src_ip":"10.0.0.1","dest_ip":"10.0.0.2"}"#
        )
        expect(event, ["network.transport": transport, "network.iana_number": number])
        if let expected { #expect(event["network.community_id"] == expected) }
        #expect((event["network.community_id"] == nil) == (number == nil))
    }

    private func id(of members: String, _ settings: MappingSettings = MappingSettings()) throws -> String? {
        try map(#"{"timestamp":"2026-02-01T12:34:56.123456+0000",\#(members)}"#, settings: settings)[
            "network.community_id"]
    }

    @Test("No id by the protocol of the event before")
    func unknownProtocol() throws {
        var mapper = LineMapper()
        for (name, hasID) in [("TCP", true), ("unheard-of", false)] {
            let line = #"{"proto":"\#(name)","src_ip":"10.0.0.1","src_port":1,"dest_ip":"10.0.0.2","dest_port":2}"#
            guard case .event(let event, _) = try mapParts(Array(line.utf8), &mapper)[0] else { throw NotOneEvent() }
            #expect((event["network.community_id"] != nil) == hasID, "\(name)")
        }
    }
}
