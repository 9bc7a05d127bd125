import EventContract
import HTTPClient
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
}
