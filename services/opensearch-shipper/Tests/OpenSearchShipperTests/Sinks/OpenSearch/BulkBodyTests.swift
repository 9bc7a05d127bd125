import EventContract
import HTTPClient
import HTTPTypes
import OpenSearchBulk
import ServiceTesting
import Testing

@testable import OpenSearchShipper

@Suite struct BulkBodyTests {
    private func readAll(_ body: BulkBody, bufferBytes: Int) -> String {
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: bufferBytes)
        while true {
            let count = buffer.withUnsafeMutableBytes { body.read(into: $0) }
            guard count > 0 else { break }
            bytes += buffer[..<count]
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    @Test(arguments: [1, 2, 7, 100, 65_536])
    func anActionLineAndADocumentForEachItem(bufferBytes: Int) throws {
        let documents = [#"{"a":1}"#, #"{"b":"ü"}"#, "", #"{"c":[]}"#]
        let batch = try DocumentBatch.testing(documents)
        var action = try BulkAction(indexPrefix: "suricata")
        let items = [0, 1, 3]
        let body = BulkBody(batch, items: items, action: &action)
        let expected = items.map { item in
            #"{"create":{"_index":"suricata-2026.02.01","_id":"\#(batch.ids[item])"}}"# + "\n\(documents[item])\n"
        }.joined()
        #expect(body.byteCount == expected.utf8.count)
        #expect(readAll(body, bufferBytes: bufferBytes) == expected)
        #expect(readAll(body, bufferBytes: bufferBytes) == "")
        body.rewind()
        #expect(readAll(body, bufferBytes: bufferBytes) == expected)
    }

    @Test func eachEventGoesToTheIndexOfItsOwnDay() throws {
        let midnight: Int64 = 1_769_990_400_000_000_000
        let batch = try DocumentBatch.testing(["{}", "{}", "{}"], time: midnight - 1_000_000)
        var action = try BulkAction(indexPrefix: "x")
        let body = BulkBody(batch, items: [0, 1, 2], action: &action)
        let lines = readAll(body, bufferBytes: 4_096).split(separator: "\n")
        #expect(lines[0].contains("x-2026.02.01"))
        #expect(lines[2].contains("x-2026.02.02"))
        #expect(lines[4].contains("x-2026.02.02"))
    }

    @Test func anEmptyDocumentStillHasItsLine() throws {
        let batch = try DocumentBatch.testing([""])
        var action = try BulkAction(indexPrefix: "x")
        #expect(readAll(BulkBody(batch, items: [0], action: &action), bufferBytes: 10).hasSuffix("}}\n\n"))
    }

    /// The bound that batches are cut by never falls below what is really sent.
    @Test func theOverheadIsBounded() throws {
        let prefix = "suricata"
        let batch = try DocumentBatch.testing(["{}"], time: .max / 2)
        var action = try BulkAction(indexPrefix: prefix)
        let body = BulkBody(batch, items: [0], action: &action)
        #expect(body.byteCount - 2 <= BulkBody.overheadBytes(indexPrefixBytes: prefix.utf8.count))
    }

    @Test(arguments: [1, 3, 4_096])
    func anEventIsRenamedWhereItIsNotToBeIndexed(bufferBytes: Int) throws {
        let documents = [
            #"{"suricata":{"eve":{"a":1}}}"#, #"{"x":[{"eve":2}],"suricata":{"severity":1,"eve":{}}}"#, "{}",
        ]
        let batch = try DocumentBatch.testing(documents)
        var offsets: [Int: Int] = [:]
        for item in 0..<3 {
            offsets[item] = batch.withBytes {
                UnindexedEvent.offset(in: .init(rebasing: $0[batch.document(at: item).range]))
            }
        }
        #expect(offsets.keys.sorted() == [0, 1])
        var action = try BulkAction(indexPrefix: "x")
        let body = BulkBody(batch, items: [0, 1, 2], unindexed: offsets, action: &action)
        let text = readAll(body, bufferBytes: bufferBytes)
        #expect(text.utf8.count == body.byteCount)
        let lines = text.split(separator: "\n").enumerated().filter { !$0.offset.isMultiple(of: 2) }.map(\.element)
        #expect(
            lines == [
                #"{"suricata":{"eve_unindexed":{"a":1}}}"#,
                #"{"x":[{"eve":2}],"suricata":{"severity":1,"eve_unindexed":{}}}"#, "{}",
            ])
    }

    @Test(arguments: ["", "{", "[]", #"{"suricata":1}"#, #"{"suricata":{"eve" : {}}}"#, #"{"suricata":{}}"#])
    func aDocumentOfAnotherFormIsLeftAlone(document: String) {
        let bytes = Array(document.utf8)
        #expect(bytes.withUnsafeBytes { UnindexedEvent.offset(in: $0) } == nil)
    }

    /// Words of OpenSearch 2.19; the last ones are about ECS fields, or about nothing that another name could cure.
    @Test(arguments: [
        ("object mapping for [suricata.eve.http] tried to parse field [http] as object, but found", true),
        (#"Document contains at least one immense term in field="suricata.eve.alert.metadata._value""#, true),
        ("object field cannot contain only whitespace: ['suricata.eve. ']", true),
        ("Limit of total fields [1000] has been exceeded", true),
        ("failed to parse: field name cannot be an empty string", true),
        ("failed to parse field [source.ip] of type [ip]", false),
        ("object mapping for [source] tried to parse field [source] as object", false),
        ("The number of nested documents has exceeded the allowed limit of [100000].", false), ("", false),
    ])
    func theEventIsBlamedOnlyWhereItMayBe(reason: String, isPossible: Bool) {
        #expect(UnindexedEvent.isPossibleCause(ofRefusal: reason) == isPossible)
    }
}
