import HTTPClient
import JSON
import Pipeline
import Testing

@testable import OpenSearchShipper

@Suite struct TemplateInstallationTests {
    private func installation(isManaged: Bool = true) -> TemplateInstallation {
        TemplateInstallation(
            IndexTemplate(indexPrefix: "suricata"), isManaged: isManaged,
            backoff: Backoff(firstMilliseconds: 10, capMilliseconds: 10))
    }

    private func response(_ status: Int, _ body: String) -> Result<HTTPResponse, HTTPError> {
        .success(HTTPResponse(status: status, body: Array(body.utf8)))
    }

    private func found(version: Int) -> String {
        #"{"index_templates":[{"index_template":{"_meta":{"version":\#(version)}}}]}"#
    }

    @Test func createsItWhereItIsMissing() {
        var installation = installation()
        let first = installation.takeStep(at: 1)
        #expect(first == .lookUp)
        let whileInFlight = installation.takeStep(at: 1)
        #expect(whileInFlight == nil)
        installation.answered(response(404, "{}"), to: .lookUp, sentAt: 1, now: 2)
        let second = installation.takeStep(at: 2)
        #expect(second == .create)
        installation.answered(response(200, #"{"acknowledged":true}"#), to: .create, sentAt: 2, now: 3)
        #expect(installation.isInstalled)
        #expect(installation.trouble == nil)
        let third = installation.takeStep(at: 4)
        #expect(third == nil)
    }

    @Test(arguments: [(-1, false), (0, true), (1, true), (100, true)])
    func anOlderOneIsReplacedAndANewerOneIsLeftAlone(versionsAhead: Int, isLeft: Bool) {
        var installation = installation()
        _ = installation.takeStep(at: 1)
        let body = found(version: IndexTemplate.version + versionsAhead)
        installation.answered(response(200, body), to: .lookUp, sentAt: 1, now: 2)
        #expect(installation.isInstalled == isLeft)
        let next = installation.takeStep(at: 2)
        #expect(next == (isLeft ? nil : .create))
    }

    @Test func oneWithoutAVersionIsReplaced() {
        var installation = installation()
        _ = installation.takeStep(at: 1)
        installation.answered(response(200, "{}"), to: .lookUp, sentAt: 1, now: 2)
        let next = installation.takeStep(at: 2)
        #expect(next == .create)
    }

    @Test func aFailureIsToldAndTriedAgainLater() {
        var installation = installation()
        _ = installation.takeStep(at: 1)
        installation.answered(response(404, ""), to: .lookUp, sentAt: 1, now: 1)
        _ = installation.takeStep(at: 1)
        installation.answered(
            response(403, #"{"error":{"type":"security_exception","reason":"no permissions"},"status":403}"#),
            to: .create, sentAt: 1, now: 1)
        #expect(!installation.isInstalled)
        #expect(installation.trouble?.contains("no permissions") == true)
        let tooEarly = installation.takeStep(at: 1)
        #expect(tooEarly == nil)
        let later = installation.takeStep(at: 11_000_000)
        #expect(later == .lookUp)
        installation.answered(response(200, found(version: 99)), to: .lookUp, sentAt: 11_000_000, now: 11_000_001)
        #expect(installation.trouble == nil)
    }

    @Test(arguments: ["", "<html>", "[]"])
    func anAnswerThatIsNotOpenSearchsIsAFailure(body: String) {
        var installation = installation()
        _ = installation.takeStep(at: 1)
        installation.answered(response(200, body), to: .lookUp, sentAt: 1, now: 1)
        #expect(!installation.isInstalled)
        #expect(installation.trouble != nil)
    }

    @Test func afterAnInterruptionItIsLookedUpAgain() {
        var installation = installation()
        _ = installation.takeStep(at: 1)
        installation.answered(response(200, found(version: 99)), to: .lookUp, sentAt: 1, now: 1)
        installation.doubt()
        #expect(!installation.isInstalled)
        let next = installation.takeStep(at: 2)
        #expect(next == .lookUp)
    }

    @Test func oneThatSomebodyElseManagesIsNotTouched() {
        var installation = installation(isManaged: false)
        #expect(installation.isInstalled)
        let next = installation.takeStep(at: 1)
        #expect(next == nil)
    }

    @Test func theTemplateIsJSONWithTheFieldsThatASearchNeeds() throws {
        let json = Array(IndexTemplate(indexPrefix: "x").json.utf8)
        var tree = JSONTree()
        try json.withUnsafeBytes { bytes in
            let root = try tree.parse(bytes)
            let mappings = try #require(root["template"]?["mappings"])
            #expect(mappings["dynamic"]?.bool == false)
            let properties = try #require(mappings["properties"])
            #expect(properties["@timestamp"]?["type"]?.string == "date")
            #expect(properties["source"]?["properties"]?["ip"]?["type"]?.string == "ip")
            let suricata = try #require(properties["suricata"]?["properties"])
            #expect(suricata["signature"]?["type"]?.string == "keyword")
            #expect(suricata["severity"]?["type"]?.string == "long")
            #expect(suricata["eve"]?["enabled"]?.bool == false)
        }
    }
}
