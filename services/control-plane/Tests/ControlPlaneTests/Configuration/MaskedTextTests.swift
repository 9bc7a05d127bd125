import Configuration
import Testing

@testable import ControlPlane

@Suite("Secrets in a configuration")
struct MaskedTextTests {
    private func text(_ text: String) -> ConfigurationText { ConfigurationText(text, path: "c.yaml") }

    @Test(
        arguments: [
            ("redis:\n  password: hunter2 # mine\n  host: a\n", "redis:\n  password: \"********\" # mine\n  host: a\n"),
            ("redis: {password: 'hunter2', host: a}\n", "redis: {password: \"********\", host: a}\n"),
            ("redis:\n  url: redis://:hunter2@a\n", "redis:\n  url: \"********\"\n"),
            ("redis:\n  pasword: hunter2\n", "redis:\n  pasword: \"********\"\n"),
            (
                "redis:\n  password: hunter2\n  password: hunter2\n",
                "redis:\n  password: \"********\"\n  password: \"********\"\n"
            ),
            ("redis:\n  password: |\n    hunter2\n  host: a\n", "redis:\n  password: \"********\"\n  host: a\n"),
            ("x:\n- hunter2\n- hunter2\n", "x:\n  \"********\"\n"),
            ("x: [hunter2, hunter2]\n", "x: \"********\"\n"),
            (
                "redis:\n  # password: hunter2\n  #url: redis://hunter2\n",
                "redis:\n  # password: ********\n  #url: ********\n"
            ),
            (
                "redis:\r\n  # password: hunter2\r\n  host: a # password: hunter2\r\n",
                "redis:\r\n  # password: ********\n  host: a # password: ********\n"
            ),
            ("redis:\n  password_file: /run/secrets/redis\n", "redis:\n  password_file: /run/secrets/redis\n"),
        ])
    func haveAMaskAndComeBackWithIt(open: String, masked: String) throws {
        #expect(MaskedText.mask(text(open)) == masked)
        let back = try MaskedText.unmask(text(masked), by: text(open))
        #expect(back.names.allSatisfy { back[$0] == text(open)[$0] })
        #expect(MaskedText.mask(back) == masked)
    }

    @Test func aTextThatIsNoYAMLIsNotShown() {
        #expect(MaskedText.mask(text("redis:\n  password: 'hunter2\n")) == nil)
    }

    @Test func aMaskForNothingIsRefused() {
        #expect(throws: MaskedText.NothingMaskedError.self) {
            try MaskedText.unmask(text("redis:\n  password: \"********\"\n"), by: text(""))
        }
    }

    @Test func theDifferenceOfASecretIsToldWithoutIt() {
        let difference = ConfigurationDifference(
            from: text("redis:\n  password: hunter2\n"), to: text("redis:\n  password: hunter3\n  host: a\n"))
        #expect(
            difference.keys == [
                .init(name: "redis.host", before: nil, after: "a"),
                .init(name: "redis.password", before: "********", after: "********"),
            ])
        #expect(
            difference.lines == [
                .init(kind: .same, text: "redis:"), .init(kind: .same, text: "  password: \"********\""),
                .init(kind: .added, text: "  host: a"),
            ])
    }

    @Test func linesFarFromAChangeAreLeftOut() {
        let old = (1...40).map { "#\($0)\n" }.joined()
        let new = old.split(separator: "\n").map { $0 == "#20" ? "# twenty" : String($0) }.joined(separator: "\n")
        let lines = ConfigurationDifference(from: text(old), to: text(new)).lines
        #expect(lines.map(\.text) == ["#17", "#18", "#19", "#20", "# twenty", "#21", "#22", "#23"])
    }

    @Test func largeTextsThatHaveNothingInCommonAreComparedAtOnce() {
        let lines = { (word: String) in (1...20_000).map { "#\(word)\($0)\n" }.joined() }
        #expect(ConfigurationDifference(from: text(lines("a")), to: text(lines("b"))).lines.count == 40_000)
    }
}
