import Testing

@testable import ECSTransformer

/// Texts that are cut must be cut between characters: inputs that the fuzzer has found, and those of the same kind.
@Suite("Texts that are cut")
struct CutTextTests {
    @Test(
        "Only a command between both brackets loses them",
        arguments: [
            ("<SASL DATA>", "sasl_data"), ("<SASL DATAé", "<sasl_dataé"), (#"<SASL DATA\""#, #"<sasl_data""#),
            ("<>", "<>"),
        ])
    func pop3Command(_ command: String, _ action: String) throws {
        let event = try map("pop3", #""pop3":{"request":{"command":"\#(command)"}}"#)
        #expect(event["event.action"] == action)
    }

    @Test(
        "Only an address between both brackets loses them",
        arguments: [("[192.0.2.1]", true), ("[192.0.2.11", false), (#"[192.0.2.1\\"#, false)])
    func smtpName(_ helo: String, _ isFound: Bool) throws {
        let event = try map("smtp", #""smtp":{"helo":"\#(helo)"}"#)
        #expect(event["related.ip"]?.contains(#""192.0.2.1""#) == isFound)
    }
}
