import Lifecycle
import Testing

@testable import AWSProvisioner

@Suite struct CheckTests {
    @Test func checksWithoutPrerequisitesRunAtTheSameTime() {
        // Each waits until the other has begun, so one after the other would never end.
        let (first, second) = (StopSignal(), StopSignal())
        let results = Check.carryOut([
            Check(name: .dns) {
                first.stop()
                return Check.Finding(second.wait(milliseconds: 5_000) ? .ok : .failed, "")
            },
            Check(name: .clock) {
                second.stop()
                return Check.Finding(first.wait(milliseconds: 5_000) ? .ok : .failed, "")
            },
        ])
        #expect(results.map(\.finding.verdict) == [.ok, .ok])
    }

    @Test func whatFollowsFromAFailureIsSkippedAndSaysWhyAndAWarningIsNoObstacle() {
        let results = Check.carryOut([
            Check(name: .dns) { Check.Finding(.failed, "unknown") },
            Check(name: .tls, prerequisites: [.dns]) { Check.Finding(.ok, "") },
            Check(name: .clock) { Check.Finding(.warning, "") },
            Check(name: .credentials, prerequisites: [.clock]) { Check.Finding(.ok, "") },
            Check(name: .bulk, prerequisites: [.credentials, .tls]) { Check.Finding(.ok, "") },
        ])
        #expect(results.map(\.name) == [.dns, .tls, .clock, .credentials, .bulk])
        #expect(results.map(\.finding.verdict) == [.failed, .skipped, .warning, .ok, .skipped])
        #expect(results[1].finding.text == "cannot be looked at, because dns is not ok")
        #expect(results[4].finding.text == "cannot be looked at, because tls is not ok")
    }

    @Test func oneThatDoesNotComeBackHasFailedAndThoseAfterItKnow() {
        let never = StopSignal()
        defer { never.stop() }
        let results = Check.carryOut(
            [
                Check(name: .dns) {
                    never.wait(milliseconds: 20_000)
                    return Check.Finding(.ok, "")
                },
                Check(name: .tls, prerequisites: [.dns]) { Check.Finding(.ok, "") },
            ], millisecondsMax: 1_000)
        #expect(results.map(\.finding.verdict) == [.failed, .skipped])
        #expect(results[0].finding.text == "no answer within 1 s")
    }

    @Test func theReportIsATableWithEachRemedyOnceAndTheNamesOfWhatHasFailed() {
        let remedy = "use another one"
        let report = CheckReport(
            endpoint: "https://a",
            results: [
                Check.Result(name: .dns, finding: Check.Finding(.ok, "a is 10.0.0.1"), milliseconds: 7),
                Check.Result(
                    name: .tls, finding: Check.Finding(.failed, "expired", remedy: remedy), milliseconds: 1_234),
                Check.Result(name: .clock, finding: Check.Finding(.failed, "wrong", remedy: remedy), milliseconds: 0),
                Check.Result(name: .bulk, finding: Check.Finding(.skipped, "no"), milliseconds: 0),
            ])
        let plain = Terminal(isInteractive: false, hasColours: false, columns: 80)
        #expect(
            report.text(on: plain) == """
                ok      dns             7 ms  a is 10.0.0.1
                failed  tls          1234 ms  expired
                failed  clock           0 ms  wrong
                skipped bulk                  no

                tls: use another one

                failed: tls, clock

                """)
        #expect(!report.hasPassed)
        let colours = Terminal(isInteractive: true, hasColours: true, columns: 80)
        #expect(report.text(on: colours).contains("\u{1B}[31mfailed  \u{1B}[0mtls"))
        #expect(
            report.json.hasPrefix(#"{"endpoint":"https://a","passed":false,"checks":[{"name":"dns","verdict":"ok","#))
    }

    @Test(arguments: [
        ("https://a.example", "a.example", 443), ("http://a/path", "a", 80), ("https://[::1]:9200/x", "::1", 9_200),
        ("http://user:word@proxy:3128", "proxy", 3_128),
    ])
    func aURLSaysHostAndPort(url: String, host: String, port: Int) {
        let address = ServerAddress(ofURL: url)
        #expect(address?.host == host && address?.port == port)
    }
}
