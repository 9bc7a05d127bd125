import HTTPClient
import JSON
import ServiceTesting
import Settings
import Testing

@testable import AWSProvisioner

@Suite struct DomainReportTests {
    private static let plain = Terminal(isInteractive: false, hasColours: false, columns: 80)

    private func report(
        _ status: DomainStatus?, progress: ChangeProgress? = nil, phase: WorkRecord.Phase? = nil,
        store: Result<StoreFacts, any Error>? = nil
    ) -> DomainReport {
        let record = phase.map {
            WorkRecord(domain: "ids-suite", region: "eu-central-1", account: "1", phase: $0, beganAt: 1_000)
        }
        return DomainReport(
            name: "ids-suite", region: "eu-central-1", account: "1", status: status, progress: progress, record: record,
            store: store, endpointFile: "/e.json", isPublished: status?.endpoint != nil, now: 1_250)
    }

    @Test func withoutADomainItSaysHowToGetOne() {
        #expect(
            report(nil).text(on: Self.plain) == """
                Domain    ids-suite in eu-central-1, account 1
                State     there is none

                `aws-provisioner plan` shows what would be made, `aws-provisioner apply` makes it.

                """)
        #expect(report(nil, phase: .ready).state == .missing)
    }

    @Test func oneThatIsBeingMadeIsShownWithItsStage() throws {
        let status = try domainStatus(
            #""Created":true,"Processing":true,"DomainProcessingStatus":"Creating","EngineVersion":"OpenSearch_2.19","#
                + #""ClusterConfig":{"InstanceType":"t3.small.search","InstanceCount":1},"EBSOptions":{"VolumeSize":10}"#
        )
        let stages =
            #"{"TotalNumberOfStages":5,"ChangeProgressStages":[{"Name":"Validation","Status":"COMPLETED"},"#
            + #"{"Name":"Creating a new environment","Status":"PROCESSING"}]}"#
        let progress = JSONNode.reading(Array(stages.utf8), ChangeProgress.init) ?? nil
        let report = report(status, progress: progress, phase: .creating)
        #expect(
            report.text(on: Self.plain) == """
                Domain    ids-suite in eu-central-1, account 1
                State     is being made, stage 2 of 5: Creating a new environment, 4 min 10 s of usually 15 to 25 minutes
                Made of   OpenSearch_2.19, 1 × t3.small.search, 10 GiB each

                """)
        #expect(report.json.contains(#""state":"creating","ready":false,"stage":2,"stages":5,"#))
    }

    @Test func oneThatIsReadyIsShownWithWhatIsInIt() throws {
        let server = try ScriptedHTTPServer { request in
            switch request.target.prefix(9) {
            case "/_cluster": .answer(200, body: #"{"status":"green"}"#)
            case "/_nodes/s":
                .answer(
                    200,
                    body:
                        #"{"nodes":{"a":{"fs":{"total":{"total_in_bytes":10737418240,"available_in_bytes":8589934592}}}}}"#
                )
            default:
                .answer(
                    200,
                    body:
                        #"{"_all":{"primaries":{"docs":{"count":34567}}},"indices":{"suricata-2026.11.01":{"uuid":"u"}}}"#
                )
            }
        }
        defer { server.stop() }
        var store = OpenSearchSettings()
        store.endpoint = server.url
        let facts = try StoreFacts(store, options: HTTPClient.Options(userAgent: "test/1"))
        #expect(
            report(try defaultDomain(), phase: .ready, store: .success(facts)).text(on: Self.plain) == """
                Domain    ids-suite in eu-central-1, account 1
                State     ready
                Made of   OpenSearch_2.19, 1 × t3.small.search, 10 GiB each
                Endpoint  https://e
                          known to shipper and exporter by /e.json
                Health    green, 1 indexes, 34567 documents
                Storage   8.0 GiB of 10.0 GiB free; not known before the first full day of events

                """)
    }

    @Test(arguments: [
        (0, "0.0 MiB"), (420_000, "0.4 MiB"), ((1 << 30) - 1, "1024.0 MiB"), (10_737_418_240, "10.0 GiB"),
    ])
    func aSizeIsToldInOneUnit(bytes: Int64, text: String) {
        #expect(DomainReport.size(bytes) == text)
    }

    @Test func aStoreThatDoesNotAnswerHidesNothingElse() throws {
        let error = HTTPError(code: .unreachable, message: "nobody there")
        let text = report(try defaultDomain(), phase: .made, store: .failure(error)).text(on: Self.plain)
        #expect(text.contains("State     there, not prepared for events\n"))
        #expect(text.contains("Inside    cannot be asked: nobody there\n"))
        #expect(text.hasSuffix("`aws-provisioner apply` puts into it what events need.\n"))
    }
}
