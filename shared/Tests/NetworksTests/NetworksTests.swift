import Networks
import Testing

@Suite("Addresses and networks")
struct NetworksTests {
    @Test(
        "Addresses of both versions are read",
        arguments: [
            ("0.0.0.0", 0, 0xFFFF_0000_0000), ("192.168.1.5", 0, 0xFFFF_C0A8_0105),
            ("255.255.255.255", 0, 0xFFFF_FFFF_FFFF), ("::", 0, 0), ("::1", 0, 1), ("fe80::1", 0xFE80 << 48, 1),
            ("2001:db8::ff00:42:8329", 0x2001_0DB8 << 32, 0xFF00_0042_8329),
            ("0000:0000:0000:0000:0000:0000:0000:0001", 0, 1),
            ("1:2:3:4:5:6:7:8", 0x1_0002_0003_0004, 0x5_0006_0007_0008), ("::ffff:1.2.3.4", 0, 0xFFFF_0102_0304),
            ("1::", 1 << 48, 0), ("ABCD::", 0xABCD << 48, 0),
        ] as [(String, UInt64, UInt64)])
    func addresses(_ text: String, _ high: UInt64, _ low: UInt64) throws {
        let address = try #require(parse(text))
        #expect(address.high == high && address.low == low)
        #expect(address.isIPv4 == !text.contains(":"))
    }

    @Test(
        "What is not an address",
        arguments: [
            "", "1", "1.2.3", "1.2.3.4.5", "1.2.3.256", "01.2.3.4", "1.2.3.", ".1.2.3", "1..2.3", "a.b.c.d", ":",
            ":::", "1:2", "1:2:3:4:5:6:7:8:9", "1::2::3", "12345::", "g::", "::1%eth0", ":1::", "1:2:3:4:5:6:7:",
            "::1.2.3", "1:2:3:4:5:6:7:1.2.3.4", "1.2.3.4 ",
        ])
    func noAddresses(_ text: String) { #expect(parse(text) == nil) }

    @Test("Bytes in network order are the address that their text is")
    func bytes() {
        let bytes: [UInt8] = [0x20, 0x01, 0x0D, 0xB8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 7]
        #expect(bytes.withUnsafeBytes { IPAddress(bytes: $0) } == parse("2001:db8::7"))
        #expect([198, 51, 100, 7].withUnsafeBytes { IPAddress(bytes: $0) } == nil, "four numbers are 32 bytes")
        #expect(([198, 51, 100, 7] as [UInt8]).withUnsafeBytes { IPAddress(bytes: $0) } == parse("198.51.100.7"))
        #expect(bytes.dropLast().withUnsafeBytes { IPAddress(bytes: $0) } == nil)
    }

    @Test("Networks hold the addresses of their own version only")
    func networks() throws {
        let isPrivate = { text in
            let address = try #require(parse(text))
            return IPNetwork.privateNetworks.contains { $0.contains(address) }
        }
        for text in ["10.1.2.3", "172.16.0.1", "172.31.255.255", "192.168.0.1", "fd00::1", "fe80::1", "::1"] {
            #expect(try isPrivate(text), "\(text)")
        }
        for text in ["11.0.0.1", "172.32.0.0", "172.15.0.1", "192.169.0.1", "2001:db8::1", "ff02::1", "::2"] {
            #expect(try !isPrivate(text), "\(text)")
        }
        let everything = try #require(IPNetwork("0.0.0.0/0"))
        #expect(try everything.contains(#require(parse("8.8.8.8"))) && !everything.contains(#require(parse("::"))))
        let one = try #require(IPNetwork("2001:db8::7"))
        #expect(try one.contains(#require(parse("2001:db8::7"))) && !one.contains(#require(parse("2001:db8::8"))))
        #expect(one.description == "2001:db8::7")
    }

    @Test("What is not a network", arguments: ["", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/", "fd00::/129", "home"])
    func noNetworks(_ text: String) { #expect(IPNetwork(text) == nil) }

    private func parse(_ text: String) -> IPAddress? { Array(text.utf8).withUnsafeBytes { IPAddress(text: $0) } }
}
