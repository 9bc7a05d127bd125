import EventContract
import Testing

@testable import ControlPlane

@Suite("Reasons of dead letters")
struct LetterReasonTests {
    private static func reason(_ text: String, service: String = "opensearch-shipper") -> LetterReason {
        let letter = [UInt8]().withUnsafeBytes {
            DeadLetter(reason: text, origin: .init(service: service), time: 0, bytes: $0)
        }
        return LetterReason(of: letter)
    }

    @Test(
        "What differs from letter to letter is left out",
        arguments: [
            (
                "document_parsing_exception: failed to parse field [destination.ip] of type [ip] in document with id 'abc'. "
                    + "Preview of field's value: 'it's \"'",
                "document_parsing_exception: failed to parse field [destination.ip] of type [ip]"
            ),
            ("not JSON: invalid escape at byte 1723", "not JSON: invalid escape at byte …"),
            ("the line is too long: 9000000 bytes", "the line is too long: … bytes"),
            ("mapper [tls.ja3] cannot be changed", "mapper [tls.ja3] cannot be changed"),
            ("an open 'quotation", "an open '…'"), ("", ""),
        ])
    func pattern(reason: String, pattern: String) {
        #expect(Self.reason(reason).text == pattern)
    }

    @Test(
        "The field that a store has refused is found",
        arguments: [
            ("failed to parse field [dns.id] of type [long] in document with id 'a'", "dns.id"),
            ("object mapping for [dns] tried to parse field [answers] as object, but found a concrete value", "dns"),
            ("mapper [a.b] cannot be changed from type [long] to [text]", "a.b"),
            ("mapping set to strict, dynamic introduction of [new] within [dns] is not allowed", "dns.new"),
            ("mapping set to strict, dynamic introduction of [new] within [_doc] is not allowed", "new"),
            ("Document contains at least one immense term in field=\"url.full\" (whose UTF8 …", "url.full"),
            (
                "Could not dynamically add mapping for field [a.b]. Existing mapping for [a] must be of type object",
                "a.b"
            ),
            ("Limit of total fields [1000] has been exceeded", nil),
            ("bad. Preview of field's value: 'failed to parse field [x]'", nil),
        ] as [(String, String?)])
    func field(reason: String, field: String?) {
        #expect(Self.reason(reason).field == field)
    }

    @Test("A key is short, the same each time, and of one service")
    func keys() {
        let key = Self.reason("at byte 1").key
        #expect(key.utf8.count == 16 && key == Self.reason("at byte 22").key)
        #expect(key != Self.reason("at byte 1", service: "ecs-transformer").key)
    }

    @Test("The place of a mistake in a text is known")
    func offset() {
        #expect(LetterReason.offset(in: "not JSON: invalid escape at byte 17, or so") == 17)
        #expect(LetterReason.offset(in: "not JSON at all") == nil)
    }
}
