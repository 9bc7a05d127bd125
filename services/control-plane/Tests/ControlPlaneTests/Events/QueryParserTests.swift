import Testing

@testable import ControlPlane

@Suite struct QueryParserTests {
    /// 2026-02-01 00:00 UTC.
    private let now: Int64 = 1_769_904_000 * 1_000_000_000
    private static let hour: Int64 = 3_600 * 1_000_000_000

    private func parse(_ text: String) throws -> Query { try QueryParser.parse(text, now: now) }

    private func field(_ name: String, _ test: ValueTest) throws -> Query { .field(try QueryField.find(name), test) }

    @Test func wordsAreAllWanted() throws {
        #expect(try parse("") == .all)
        #expect(try parse("  tuya ") == .words(WordPattern("tuya")))
        #expect(try parse("Tele* x") == .and([.words(WordPattern("tele", isPrefix: true)), .words(WordPattern("x"))]))
        #expect(try parse("\"two  words\"") == .words(WordPattern("two  words")))
        #expect(try parse(#""a \"b\"" "#) == .words(WordPattern(#"a "b""#)))
    }

    @Test func orBindsLessThanAllBeside() throws {
        let (a, b, c) = (Query.words(WordPattern("a")), Query.words(WordPattern("b")), Query.words(WordPattern("c")))
        #expect(try parse("a b OR c") == .or([.and([a, b]), c]))
        #expect(try parse("a (b OR c)") == .and([a, .or([b, c])]))
        #expect(try parse("a AND NOT b") == .and([a, .not(b)]))
        #expect(try parse("-(a b)") == .not(.and([a, b])))
    }

    @Test func fieldsHaveValuesOfTheirKind() throws {
        #expect(try parse("sni:*.tuya.eu") == field("sni", .domain("tuya.eu")))
        #expect(try parse("type:alert,dns") == .or([field("type", .equals("alert")), field("type", .equals("dns"))]))
        #expect(try parse("sni:telem*") == field("sni", .prefix("telem")))
        #expect(try parse("sni:*") == field("sni", .exists))
        #expect(
            try parse("dport:[1..1023]")
                == field("dport", .number(Bounds(lower: .including(1), upper: .including(1023)))))
        #expect(try parse("dport:[*..1023]") == field("dport", .number(Bounds(upper: .including(1023)))))
        #expect(try parse("bytes:>10000000") == field("bytes", .number(Bounds(lower: .excluding(10_000_000)))))
        #expect(try parse("sev:high") == field("sev", .number(.only(1))))
        #expect(try parse("sig:\"ET SCAN\"") == field("sig", .words(WordPattern("et scan"))))
        #expect(try parse("dns.question.type:AAAA") == field("dns.question.type", .equals("AAAA")))
        #expect(try parse("suricata.eve.stats.uptime:7") == field("suricata.eve.stats.uptime", .equals("7")))
        #expect(try parse("mac:02:00:00:00:77:20") == field("mac", .equals("02-00-00-00-77-20")))
        #expect(try parse("has:packet") == .field(.packet, .exists))
        #expect(try parse("is:archived") == .fact(.archived))
    }

    @Test(arguments: ["in:cloud a OR b", "a OR b in:cloud", "a in:cloud OR b", "a OR (b in:Cloud)"])
    func whereToLookIsSaidAnywhere(text: String) throws {
        let search = try QueryParser.parseSearch(text, now: now)
        #expect(search.place == .cloud)
        #expect(search.query == .or([.words(WordPattern("a")), .words(WordPattern("b"))]))
        #expect(search.terms.map(\.range.lowerBound) == search.terms.map(\.range.lowerBound).sorted())
        #expect(search.terms.count == 3)
    }

    @Test(arguments: [
        ("-in:cloud a", "cannot be turned round"), ("in:moon", "knows box and cloud"), ("in:>3", "knows box and cloud"),
        ("a OR in:cloud", "After OR"), ("(in:cloud) a", "nothing"),
    ])
    func whereToLookIsOnePlaceAndNoCondition(text: String, said: String) throws {
        let error = try #require(throws: QueryError.self) { try QueryParser.parseSearch(text, now: now) }
        #expect(error.message.contains(said), "\(error)")
    }

    @Test func whatIsOfThisMachineIsNotAskedOfTheCloud() throws {
        #expect(try parse("a in:box") == .words(WordPattern("a")))
        #expect(throws: QueryError.self) { try parse("a in:cloud") }
    }

    @Test(arguments: ["192.168.178.0/24", "@net:192.168.178.0/24", "ip:192.168.178.*", "@ip:192.168.178.0/24"])
    func networksAreWrittenInManyWays(text: String) throws {
        let network = try #require(QueryNetwork("192.168.178.0/24"))
        #expect(try parse(text) == .field(.networkAddress, .network(network)))
    }

    @Test(arguments: ["1:4TFby/NUdtUI27hDsik+2m6iebM=", "http://a.example/x", "12:30"])
    func colonsDoNotMakeAField(text: String) throws {
        #expect(try parse(text) == .words(WordPattern(text)))
    }

    @Test func timesMayBeRelative() throws {
        #expect(
            try parse("@from:-24h @before:now").time
                == Bounds(lower: .including(now - 24 * Self.hour), upper: .excluding(now)))
        #expect(try parse("@to:2026-02-01").time.upper == .including(now + 24 * Self.hour - 1))
        #expect(try parse("@before:2026-02-01").time.upper == .excluding(now))
        #expect(try parse("@from:2026-02-01T01:00+01:00").time.lower == .including(now))
        #expect(try parse("@from:2026-02-01T00:00:00.5Z").time.lower == .including(now + 500_000_000))
        #expect(try parse("@from:now-7d a OR b").time == Bounds())
    }

    @Test(arguments: [
        ("snni:x", 0..<4, "There is no field \"snni\".", "sni"),
        ("a OR", 2..<4, "After OR something is missing.", nil),
        ("(a", 0..<1, "This \"(\" is not closed.", nil),
        ("a)", 1..<2, "There is no \"(\" for this one.", nil),
        ("()", 0..<1, "Between the parentheses is nothing.", nil),
        ("\"a", 0..<2, "The quotes are not closed.", nil),
        ("sni:", 4..<4, "Here a value is missing.", nil),
        ("dport:http", 6..<10, "\"http\" is no number, and \"dport\" needs one.", nil),
        (
            "ip:300.1.1.1", 3..<12,
            "\"300.1.1.1\" is no address: write 192.168.178.20, 192.168.178.* or 192.168.178.0/24.", nil
        ),
        ("is:archivd", 3..<10, "\"is:\" knows alert, open, archived, escalated, blocked, own.", "archived"),
        ("sni:>a", 4..<6, "Values of \"sni\" have no order.", nil),
        ("*elem", 0..<5, "A * may stand only at the end of a word.", "elem"),
        (
            "@from:yesterday", 6..<15,
            "\"yesterday\" is no time: write 2026-02-01, 2026-02-01T10:00, -24h, -7d or now.", nil
        ),
        ("payload:x", 0..<7, "There is no field \"payload\".", nil),
        ("suricata.eve.packet:x", 0..<19, "The field \"suricata.eve.packet\" is kept, but cannot be searched.", nil),
        ("NOT", 0..<3, "What is not wanted is missing here.", nil),
        (
            "@from:2026-02-30", 6..<16,
            "\"2026-02-30\" is no time: write 2026-02-01, 2026-02-01T10:00, -24h, -7d or now.", nil
        ),
    ])
    func mistakesAreToldWithTheirPlace(text: String, range: Range<Int>, message: String, proposal: String?) {
        #expect {
            try parse(text)
        } throws: { error in
            guard let error = error as? QueryError else { return false }
            #expect(error == QueryError(range, message, proposal: proposal))
            return true
        }
    }

    @Test func queriesAreBounded() {
        #expect(throws: QueryError.self) { try parse(String(repeating: "a", count: QueryParser.bytesMax + 1)) }
        #expect(throws: QueryError.self) { try parse(String(repeating: "(", count: 1_000) + "a") }
        #expect(throws: QueryError.self) { try parse(String(repeating: "-", count: 1_000) + "a") }
        #expect(throws: QueryError.self) { try parse(String(repeating: "a ", count: QueryParser.termCountMax + 1)) }
        #expect(throws: QueryError.self) {
            try parse("dport:" + (0...QueryParser.listCountMax).map(String.init).joined(separator: ","))
        }
    }

    @Test func anythingIsReadOrRefused() {
        var generator = SeededGenerator(seed: 7)
        let pieces = [
            "(", ")", "\"", "-", "*", ":", "[", "..", "]", ",", ">", "=", "OR", " ", "a", "sni", "ip", "1", "\\", "é",
            "@from", ".",
        ]
        for _ in 0..<20_000 {
            let text = (0..<Int.random(in: 1...12, using: &generator)).map { _ in
                pieces.randomElement(using: &generator) ?? ""
            }.joined()
            do throws(QueryError) {
                _ = try QueryParser.parse(text, now: now)
            } catch {
                #expect(error.range.lowerBound >= 0 && error.range.upperBound <= text.utf8.count, "\(text): \(error)")
            }
        }
    }

    @Test func termsAreToldForThoseWhoShowThem() throws {
        let terms = try QueryParser.parseSearch("a -sni:b (c)", now: now).terms
        #expect(
            terms == [
                .init(range: 0..<1, isNegated: false), .init(range: 2..<8, isNegated: true),
                .init(range: 10..<11, isNegated: false),
            ])
    }
}

/// Numbers that are the same in each run.
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) {
        state = seed
    }

    /// SplitMix64.
    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var value = state
        value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
        return value ^ (value >> 31)
    }
}
