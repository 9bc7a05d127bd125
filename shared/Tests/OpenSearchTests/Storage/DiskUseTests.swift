import JSON
import OpenSearch
import OpenSearchBulk
import Testing

@Suite struct DiskUseTests {
    private static func use(_ answer: String) -> DiskUse? {
        var tree = JSONTree()
        return Array(answer.utf8).withUnsafeBytes { bytes in (try? tree.parse(bytes)).flatMap { DiskUse($0) } }
    }

    @Test("The fullest disk of a node with data says how full the store is")
    func fullestDisk() throws {
        let use = try #require(
            Self.use(
                """
                {"nodes":{"a":{"roles":["data","ingest"],"fs":{"total":{"total_in_bytes":1000,"available_in_bytes":600}}},
                "b":{"roles":["data_hot"],"fs":{"total":{"total_in_bytes":1000,"available_in_bytes":200}}},
                "manager":{"roles":["cluster_manager"],"fs":{"total":{"total_in_bytes":1000,"available_in_bytes":1}}}}}
                """))
        #expect(use.nodes.count == 2)
        #expect(use.usedRatio == 0.8)
        #expect(use.freeBytes(below: 75) == 350)
        #expect(use.freeBytes(below: 90) == 600)
    }

    @Test(
        "An answer that names no disk says nothing",
        arguments: [
            "[]", "{}", #"{"nodes":{}}"#, #"{"nodes":{"a":{"roles":["data"]}}}"#,
            #"{"nodes":{"a":{"roles":["data"],"fs":{"total":{"total_in_bytes":0,"available_in_bytes":0}}}}}"#,
            #"{"nodes":{"a":{"roles":["data"],"fs":{"total":{"total_in_bytes":10,"available_in_bytes":-1}}}}}"#,
            #"{"error":{"type":"security_exception"},"status":403}"#,
        ])
    func nothing(answer: String) {
        #expect(Self.use(answer) == nil)
    }

    @Test("The day is the earliest that a node tells")
    func day() throws {
        let node = { (milliseconds: Int) in
            #"{"timestamp":\#(milliseconds),"fs":{"total":{"total_in_bytes":1000,"available_in_bytes":600}}}"#
        }
        let (day, later) = (node(1_769_904_000_000), node(1_779_904_000_000))
        #expect(Self.use(#"{"nodes":{"a":\#(later),"b":\#(day)}}"#)?.day == 20_485)
    }

    @Test("Only daily indexes of the prefix have a size")
    func sizes() throws {
        var tree = JSONTree()
        let answer = """
            {"indices":{"suricata-2026.02.01":{"total":{"store":{"size_in_bytes":7}}},
            "suricata-outside":{"total":{"store":{"size_in_bytes":9}}},
            "suricata-alerts-2026.02.01":{"total":{"store":{"size_in_bytes":3}}}}}
            """
        let sizes = try Array(answer.utf8).withUnsafeBytes {
            IndexSizes.read(try tree.parse($0), prefix: "suricata")
        }
        #expect(sizes == [DailyIndex(.telemetry, day: 20_485): 7, DailyIndex(.alerts, day: 20_485): 3])
    }
}
