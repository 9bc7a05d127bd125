import Testing

@testable import EventContract

@Suite("Event id")
struct EventIDTests {
    static let line = Array("{\"timestamp\":\"2026-02-01T12:34:56.123456+0000\",\"event_type\":\"dns\"}".utf8)
    static let time: Int64 = 1_769_949_296_123_456_000

    static func id(
        sensor: String = "sensor-1", identity: FileIdentity = FileIdentity(high: 1, low: 2), line: [UInt8] = line,
        offset: UInt64 = 4_096, time: Int64? = time
    ) -> EventID {
        var source = EventIDSource(sensor: sensor, identity: identity)
        return line.withUnsafeBytes { source.id(of: $0, offset: offset, time: time) }
    }

    @Test("The id is what the contract says, also next year")
    func fixedValue() {
        // Computed by tests/contract/event_contract.py, which follows docs/event-contract.md on its own.
        #expect(Self.id().description == "06e1icnlvdujvm579l0m8hc2h8jp7vfb")
        #expect(Self.id(sensor: "", line: [], offset: 0, time: nil).description == "0000000000cks71ccgcf4iqf0135unpt")
    }

    @Test("The same place read again gives the same id, each other place another one")
    func identity() {
        let ids = [
            Self.id(), Self.id(sensor: "sensor-2"), Self.id(identity: FileIdentity(high: 2, low: 1)),
            Self.id(offset: 4_097), Self.id(line: Self.line + [32]), Self.id(time: Self.time + 1_000_000),
            Self.id(time: nil),
        ]
        #expect(Set(ids).count == ids.count)
        #expect(Self.id() == Self.id())
    }

    @Test("Ids are 32 lower case characters that sort by time")
    func order() {
        let times: [Int64?] = [nil, 0, 1_000_000, Self.time, Self.time + 1_000_000, .max]
        let ids = times.map { Self.id(time: $0) }
        for id in ids {
            #expect(id.description.utf8.count == EventID.byteCount)
            #expect(id.description.allSatisfy { "0123456789abcdefghijklmnopqrstuv".contains($0) })
        }
        #expect(ids.dropFirst().map(\.description) == ids.dropFirst().map(\.description).sorted())
        #expect(ids.dropFirst() == ids.dropFirst().sorted()[...])
        #expect(Self.id(time: -5).description.hasPrefix("000000000"))
    }

    @Test("The characters are those of base32hex")
    func encoding() {
        let zeros = EventID(milliseconds: 0, hash: (high: 0, low: 0))
        #expect(zeros.description == String(repeating: "0", count: 32))
        let ones = EventID(milliseconds: .max, hash: (high: .max, low: .max))
        #expect(ones.description == String(repeating: "v", count: 32))
        // 20 bytes 00 01 … 13, RFC 4648.
        let counted = EventID(milliseconds: 0x0001_0203_0405, hash: (0x0607_0809_0a0b_0c0d, 0x0e0f_1011_1213_ffff))
        #expect(counted.description == "000g40o40k30e209185go38e1s8124gj")
    }

    @Test("An id read back from its characters is the same")
    func characters() {
        var bytes: [UInt8] = [1, 2, 3]
        Self.id().append(to: &bytes)
        #expect(bytes.withUnsafeBytes { EventID(ascii: $0, at: 3) } == Self.id())
    }
}
